"""What a user does in the window, from the click to the simulated platform and back."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from ibconsole.model.application import Application
from ibconsole.ui.setup.action_dialog import NewActionDialog
from ibconsole.ui.shell.window_presenter import WindowPresenter
from ibconsole.ui.tables.records_model import RecordRole
from ibconsole.ui.widgets.confirm import ConfirmDialog
from tests.e2e.conftest import Play, Session

# The sandbox's application without a configuration.
BARE = "Marigold Retail"


def applications(session: Session) -> list[Application]:
    model = session.window.setup.applications_pane.table.model()
    return [model.index(row, 0).data(RecordRole) for row in range(model.rowCount())]


async def choose(session: Session, name: str) -> None:
    """Click an application."""
    await session.until(lambda: bool(applications(session)))
    row = [one.name for one in applications(session)].index(name)
    session.window.setup.applications_pane.table.selectRow(row)


def dialog(session: Session) -> QDialog | None:
    found = [one for one in session.window.findChildren(QDialog) if one.isVisible()]
    return found[-1] if found else None


async def confirm(session: Session) -> None:
    await session.until(lambda: isinstance(dialog(session), ConfirmDialog))
    question = dialog(session)
    assert isinstance(question, ConfirmDialog)
    question.proceed.click()
    await session.until(lambda: dialog(session) is None)


def test_the_life_of_a_forward(play: Play) -> None:
    """Configuration and action are created; a message arrives; all is deleted again."""

    async def user(session: Session) -> None:
        window, panes = session.window, session.window.setup
        await choose(session, BARE)
        create = panes.configuration_pane.notice.action
        await session.until(create.isVisible)
        create.click()
        await session.until(lambda: panes.configuration_pane.has_content)

        await session.until(panes.actions_pane.new.isEnabled)
        panes.actions_pane.new.click()
        await session.until(lambda: isinstance(dialog(session), NewActionDialog))
        new = dialog(session)
        assert isinstance(new, NewActionDialog)
        new.use_listener.click()
        assert new.url.text() == window.status.url.text()
        await session.until(new.submit.isEnabled)
        new.submit.click()
        await session.until(lambda: panes.actions_pane.table.total == 1)

        [code] = [one.code for one in applications(session) if one.name == BARE]
        before = window.listener.model.rowCount()
        await session.order("messages", count=1, application=code, fields={"text": "planted"})
        await session.until(lambda: window.listener.model.rowCount() > before)
        await session.until(lambda: "planted" in texts(session))

        panes.actions_pane.table.selectRow(0)
        await session.until(panes.actions_pane.delete.isEnabled)
        panes.actions_pane.delete.click()
        await confirm(session)
        await session.until(lambda: not panes.actions_pane.has_content)
        assert "deleted" in panes.actions_pane.banner.text.text()

    play(user)


def texts(session: Session) -> list[str]:
    model = session.window.messages.model
    return [
        str(model.index(row, column).data())
        for row in range(model.rowCount())
        for column in range(model.columnCount())
    ]


def test_a_pull_asks_and_brings(play: Play) -> None:
    """Nothing is pulled before the user agrees; then messages are listed and looked into."""

    async def user(session: Session) -> None:
        window = session.window
        await session.until(lambda: bool(applications(session)))
        assert window.messages.toolbar.pulling.pending.text() == ""

        window.messages.toolbar.pulling.limit.setValue(5)
        window.messages.toolbar.pulling.pull.click()
        await session.until(lambda: dialog(session) is not None)
        question = dialog(session)
        assert question
        QTest.keyClick(question, Qt.Key.Key_Escape)
        await session.until(lambda: dialog(session) is None)
        assert "pull" not in texts(session)

        window.messages.toolbar.pulling.pull.click()
        await confirm(session)
        await session.until(lambda: texts(session).count("pull") == 5)
        window.messages.table.selectRow(0)
        await session.until(lambda: window.inspector.shows_something)
        for tab in range(window.inspector.tabs.count()):
            window.inspector.tabs.setCurrentIndex(tab)
        await session.until(lambda: "results" in window.inspector.raw.view.text.toPlainText())

    play(user)


def test_a_failing_platform_is_said_and_can_be_asked_again(play: Play) -> None:
    """A refresh that fails keeps what was there and says so; the next one mends it."""

    async def user(session: Session) -> None:
        pane = session.window.setup.applications_pane
        await session.until(lambda: bool(applications(session)))
        await session.order("faults", fault="500", times=1, match="GET /push/1/applications")

        QTest.keyClick(session.window, Qt.Key.Key_F5)
        await session.until(pane.banner.isVisible)
        assert "500" in pane.banner.text.text()
        assert applications(session)

        pane.banner.action.click()
        await session.until(lambda: not pane.banner.isVisible())

    play(user)


def shares(sizes: list[int]) -> list[float]:
    """Who has how much, in tenths: the window itself may have to fit another screen."""
    return [round(10 * size / sum(sizes)) / 10 for size in sizes]


def test_the_window_remembers(play: Play) -> None:
    """Colours and proportions are as they were left."""
    proportions: list[float] = []

    async def first(session: Session) -> None:
        window = session.window
        await session.until(lambda: bool(applications(session)))
        [dark] = [one for one in window.bar.scheme.menu().actions() if one.text() == "Dark"]
        dark.trigger()
        window.setup.splitter.setSizes([500, 200, 300])
        proportions.extend(shares(window.setup.splitter.sizes()))

    async def second(session: Session) -> None:
        assert session.window.bar.scheme.accessibleName() == "Colours: dark"
        assert shares(session.window.setup.splitter.sizes()) == proportions

    play(first)
    play(second)


def test_tabs_by_keyboard(play: Play) -> None:
    """Ctrl+1 and Ctrl+2 go to the tabs."""

    async def user(session: Session) -> None:
        window = session.window
        window.activateWindow()
        QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
        await session.until(lambda: window.tabs.currentWidget() is window.listener)
        QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
        await session.until(lambda: window.tabs.currentWidget() is window.messages)

    play(user)


def test_closing_waits_for_a_pull(play: Play) -> None:
    """A window that is closed during a pull explains why it stays, and closes afterwards."""

    async def user(session: Session) -> None:
        window = session.window
        presenter = window.findChild(WindowPresenter)
        assert presenter
        await session.until(lambda: bool(applications(session)))
        await session.order("faults", fault="slow", times=1, match="inbox")
        window.messages.toolbar.pulling.pull.click()
        await confirm(session)
        await session.until(lambda: not window.messages.toolbar.pulling.pull.isEnabled())
        await session.until(lambda: presenter.pulling)

        window.close()
        assert window.isVisible()
        assert "A pull is under way" in window.messages.page.banner.text.text()

        await session.until(lambda: not window.isVisible())

    play(user)
