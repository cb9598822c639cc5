"""The listener is started and stopped, and its requests are listed."""

from msgspec.structs import replace
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QLabel
from pytestqt.modeltest import ModelTester

from ibconsole.errors import Severity
from ibconsole.services.runtime.status import ConnectionStatus, ListenerState
from ibconsole.services.runtime.team_status import TeamLink, TeamStatus
from ibconsole.ui.listener.pane import ListenerPane
from ibconsole.ui.listener.presenter import ListenerPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.widgets.confirm import ConfirmDialog
from tests.ui.listener.conftest import FakeArchive, FakeControl, column, status


async def test_start_and_stop(
    pane: ListenerPane, presenter: ListenerPresenter, control: FakeControl, tasks: UiTasks
) -> None:
    """A button starts the listener on the chosen port, and stops it again."""
    presenter.show_status(status())
    assert (pane.toolbar.start.isHidden(), pane.toolbar.stop.isHidden()) == (False, True)
    pane.toolbar.port.setValue(9000)
    pane.toolbar.start.click()
    await tasks.settled()

    presenter.show_status(status(ListenerState.LISTENING))
    assert (pane.toolbar.start.isHidden(), pane.toolbar.stop.isHidden()) == (True, False)
    assert pane.toolbar.port.isHidden()
    pane.toolbar.stop.click()
    await tasks.settled()
    assert control.done == ["start 127.0.0.1:9000", "stop"]


async def test_whose_requests_are_listed(pane: ListenerPane, presenter: ListenerPresenter) -> None:
    """With a team a line says that only those of this computer's listener are listed."""
    presenter.show_status(status())
    assert pane.team_line.isHidden()
    team = TeamStatus((TeamLink("db/team", "acme", ("c",)),))
    presenter.show_status(replace(status(), connection=ConnectionStatus(id="c"), team=team))
    assert not pane.team_line.isHidden()
    presenter.show_status(replace(status(), connection=ConnectionStatus(id="d"), team=team))
    assert pane.team_line.isHidden()


def question(pane: ListenerPane) -> ConfirmDialog:
    [dialog] = pane.window().findChildren(ConfirmDialog)
    return dialog


async def test_opening_to_the_network_is_confirmed(
    pane: ListenerPane, presenter: ListenerPresenter, control: FakeControl, tasks: UiTasks
) -> None:
    """The listener is opened to the network only after a confirmation that explains the risk."""
    pane.toolbar.address.select("0.0.0.0")  # noqa: S104 the address to be confirmed
    pane.toolbar.start.click()
    assert "plain HTTP without a password" in text_of(question(pane))
    question(pane).reject()
    await tasks.settled()
    assert control.done == []
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    pane.toolbar.start.click()
    question(pane).accept()
    await tasks.settled()
    assert control.done == ["start 0.0.0.0:8484"]


def text_of(dialog: ConfirmDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


async def test_port_in_use(
    pane: ListenerPane, presenter: ListenerPresenter, tasks: UiTasks
) -> None:
    """A port in use is reported at once, and another one can be tried."""
    pane.toolbar.port.setValue(80)
    pane.toolbar.start.click()
    await tasks.settled()

    assert pane.page.banner.severity == Severity.DANGER
    assert "port 80 is in use" in pane.page.banner.text.text()
    assert pane.page.banner.details.toPlainText() == "EADDRINUSE"
    assert pane.toolbar.start.isEnabled()


async def test_requests(
    pane: ListenerPane,
    presenter: ListenerPresenter,
    archive: FakeArchive,
    tasks: UiTasks,
    qtmodeltester: ModelTester,
) -> None:
    """Requests are listed newest first, with the number of messages once they are decoded."""
    archive.newest, archive.decoded = 2, 1
    presenter.show_status(status(ListenerState.LISTENING))
    await tasks.settled()
    assert column(pane, 4) == ["…", "3"]
    assert column(pane, 1) == ["POST", "POST"]

    archive.decoded = 2
    presenter.show_status(status(ListenerState.LISTENING))
    await tasks.settled()
    assert column(pane, 4) == ["3", "3"]
    qtmodeltester.check(pane.model)


async def test_broken_archive(
    pane: ListenerPane, presenter: ListenerPresenter, archive: FakeArchive, tasks: UiTasks
) -> None:
    """A failed search is shown, and can be repeated."""
    archive.newest, archive.broken = 1, True
    presenter.show_status(status())
    await tasks.settled()
    assert pane.page.notice.sentence.text() == "The archive cannot be read."

    archive.broken = False
    pane.page.notice.retry.click()
    await tasks.settled()
    assert column(pane, 3) == ["200"]
