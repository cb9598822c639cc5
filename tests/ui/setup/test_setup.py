"""Applications, configuration and actions, against the simulated platform."""

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from ibconsole.api.platform import Platform
from ibconsole.errors import UserError
from ibconsole.model.application import Action, Application, Configuration, read_application
from ibconsole.services.runtime.status import (
    ConnectionStatus,
    ListenerState,
    ListenerStatus,
    Status,
)
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.setup.action_dialog import NewActionDialog
from ibconsole.ui.setup.setup import SetupPanes, SetupPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.widgets.confirm import ConfirmDialog
from ibconsole.ui.widgets.pane_frame import PaneFrame
from tests.ui.conftest import SANDBOX

PRODUCTION = ConnectionStatus("Bank live", "https://x.api.infobip.com", "abcd…", "production")


def cells(pane: PaneFrame, column: int = 0) -> list[str]:
    model = pane.table.model()  # type: ignore[attr-defined]
    return [model.index(row, column).data() for row in range(model.rowCount())]


def choose(panes: SetupPanes, name: str) -> None:
    table = panes.applications_pane.table
    table.selectRow(cells(panes.applications_pane).index(name))


def banner(pane: PaneFrame) -> str:
    return pane.banner.text.text() if pane.banner.isVisible() else ""


def click(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


async def test_applications(panes: SetupPanes, presenter: SetupPresenter) -> None:
    """A new connection lists its applications, by name, with masked codes."""
    assert cells(panes.applications_pane) == sorted(cells(panes.applications_pane), key=str.lower)
    assert "Bora Bank" in cells(panes.applications_pane)
    assert all("…" in code for code in cells(panes.applications_pane, 1))
    assert presenter.application is None


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("Bora Bank", ["Pull"]),
        ("Kestrel Airways", ["Forward"]),
        ("Pronto Lunch", ["Forward", "Pull"]),
    ],
)
async def test_choosing_loads_the_chain(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, name: str, types: list[str]
) -> None:
    """Choosing an application shows its configuration and the actions of that."""
    choose(panes, name)
    await tasks.settled()

    assert presenter.configuration
    assert panes.configuration_pane.key.value == presenter.configuration.key
    assert cells(panes.actions_pane) == types
    assert panes.actions_pane.new.isEnabled()
    assert not panes.actions_pane.delete.isEnabled()


async def test_no_action(panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks) -> None:
    """A configuration without actions says what that means, and offers to add one."""
    choose(panes, "Lumen Mobile")
    await tasks.settled()

    assert "not documented" in panes.actions_pane.notice.sentence.text()
    assert panes.actions_pane.notice.action.isEnabled()


async def test_configuration_is_created_and_deleted(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """One can create a configuration where there is none, and delete it, when one confirms."""
    choose(panes, "Marigold Retail")
    await tasks.settled()
    pane = panes.configuration_pane
    assert "no inbound configuration" in pane.notice.sentence.text()
    assert not panes.actions_pane.new.isEnabled()

    click(qtbot, pane.notice.action)
    await tasks.settled()
    assert pane.has_content
    assert pane.created.isVisible()
    assert banner(pane).startswith("Configuration created.")
    assert panes.actions_pane.new.isEnabled()

    pane.delete.click()
    [dialog] = panes.findChildren(ConfirmDialog)
    assert dialog.keep.isDefault()
    click(qtbot, dialog.proceed)
    await tasks.settled()
    assert banner(pane).startswith("Configuration deleted")
    assert "no inbound configuration" in pane.notice.sentence.text()


async def test_existing_configuration_is_shown(
    panes: SetupPanes, presenter: SetupPresenter, platform: Platform, tasks: UiTasks, qtbot: QtBot
) -> None:
    """If somebody was faster, his configuration is shown, and that is no failure."""
    choose(panes, "Marigold Retail")
    await tasks.settled()
    assert presenter.application
    theirs = await platform.create_configuration(presenter.application.code)

    click(qtbot, panes.configuration_pane.notice.action)
    await tasks.settled()

    assert panes.configuration_pane.banner.kind == "info"
    assert panes.configuration_pane.key.value == theirs.key
    assert not panes.configuration_pane.created.isVisible()


async def test_action_is_created(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """A new action is on the platform, and in the list, once the dialog has closed."""
    presenter.show_status(
        Status(
            connection=SANDBOX,
            listener=ListenerStatus(ListenerState.LISTENING, "http://127.0.0.1:8484/in/secret"),
        )
    )
    choose(panes, "Lumen Mobile")
    await tasks.settled()

    click(qtbot, panes.actions_pane.notice.action)
    [dialog] = panes.findChildren(NewActionDialog)
    click(qtbot, dialog.use_listener)
    click(qtbot, dialog.submit)
    await tasks.settled()

    assert cells(panes.actions_pane, 1) == ["http://127.0.0.1:8484/in/secret"]
    assert banner(panes.actions_pane) == "Forward action created."
    qtbot.waitUntil(lambda: panes.findChildren(NewActionDialog) == [])


async def test_deleted_action_can_be_created_again(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """Deleting an action tells what it was, and offers to create the same again."""
    choose(panes, "Kestrel Airways")
    await tasks.settled()
    [url] = cells(panes.actions_pane, 1)
    [data] = cells(panes.actions_pane, 2)
    panes.actions_pane.table.selectRow(0)

    qtbot.keyClick(panes.actions_pane.table, Qt.Key.Key_Delete)
    [question] = panes.findChildren(ConfirmDialog)
    click(qtbot, question.proceed)
    await tasks.settled()
    assert url in banner(panes.actions_pane)
    assert cells(panes.actions_pane) == []

    click(qtbot, panes.actions_pane.banner.action)
    [dialog] = panes.findChildren(NewActionDialog)
    assert (dialog.url.text(), dialog.callback.toPlainText()) == (url, data)
    click(qtbot, dialog.submit)
    await tasks.settled()
    assert cells(panes.actions_pane, 1) == [url]


async def test_duplicating(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """A duplicate starts from the action that is chosen."""
    choose(panes, "Bora Bank")
    await tasks.settled()
    panes.actions_pane.table.selectRow(0)

    panes.actions_pane.duplicate.click()

    [dialog] = panes.findChildren(NewActionDialog)
    assert dialog.pull.isChecked()
    assert dialog.callback.toPlainText() == cells(panes.actions_pane, 2)[0]


async def test_refused_action_keeps_the_dialog(
    panes: SetupPanes,
    presenter: SetupPresenter,
    running: RunningSimulator,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """What the platform refuses is said in the dialog, where it can be mended."""
    running.simulator.change_settings(max_actions=1)
    choose(panes, "Bora Bank")
    await tasks.settled()
    panes.actions_pane.new.click()
    [dialog] = panes.findChildren(NewActionDialog)
    dialog.pull.setChecked(True)

    click(qtbot, dialog.submit)
    await tasks.settled()

    assert dialog.isVisible()
    assert dialog.banner.kind == "danger"
    assert dialog.submit.isEnabled()
    assert len(cells(panes.actions_pane)) == 1


async def test_production_name_is_typed(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks
) -> None:
    """On a production account nothing is deleted before its name is typed."""
    presenter.show_status(Status(connection=PRODUCTION))
    await tasks.settled()
    choose(panes, "Bora Bank")
    await tasks.settled()

    panes.configuration_pane.delete.click()

    [dialog] = panes.findChildren(ConfirmDialog)
    assert not dialog.proceed.isEnabled()
    dialog.typed.setText("Bank live")
    assert dialog.proceed.isEnabled()


async def test_answer_given_for_another_account(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """Who confirms after the account has changed deletes nothing."""
    choose(panes, "Bora Bank")
    await tasks.settled()
    panes.configuration_pane.delete.click()
    presenter.show_status(Status(connection=PRODUCTION))
    await tasks.settled()

    [dialog] = panes.findChildren(ConfirmDialog)
    click(qtbot, dialog.proceed)
    await tasks.settled()

    assert "nothing was deleted" in banner(panes.configuration_pane)
    choose(panes, "Bora Bank")
    await tasks.settled()
    assert panes.configuration_pane.has_content


async def test_refresh_keeps_the_choice(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks
) -> None:
    """F5 loads everything again and leaves the user where he was."""
    choose(panes, "Pronto Lunch")
    await tasks.settled()
    panes.actions_pane.table.selectRow(1)
    before = panes.actions_pane.table.record

    presenter.refresh()
    await tasks.settled()

    assert presenter.application
    assert presenter.application.name == "Pronto Lunch"
    assert panes.actions_pane.table.record == before


async def test_another_connection(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks
) -> None:
    """Nothing of one account is shown for another."""
    choose(panes, "Bora Bank")
    await tasks.settled()

    presenter.show_status(Status(connection=PRODUCTION))

    assert presenter.application is None
    assert not panes.configuration_pane.has_content
    assert cells(panes.applications_pane) == []
    await tasks.settled()
    assert "Bora Bank" in cells(panes.applications_pane)


async def test_filter_counts(panes: SetupPanes, presenter: SetupPresenter, qtbot: QtBot) -> None:
    """The filter looks through whole codes, says how many it leaves, and Esc clears it."""
    [application] = [
        record
        for record in panes.applications_pane.table.model().sourceModel().records  # type: ignore[attr-defined]
        if record.name == "Bora Bank"
    ]
    panes.applications_pane.filter.setText(application.code[10:30])
    assert cells(panes.applications_pane) == ["Bora Bank"]
    assert panes.applications_pane._subtitle.text() == "1 of 6"

    panes.activateWindow()
    panes.applications_pane.filter.setFocus()
    qtbot.waitUntil(panes.applications_pane.filter.hasFocus)
    qtbot.keyClick(panes.applications_pane.filter, Qt.Key.Key_Escape)
    assert panes.applications_pane.filter.text() == ""


class Held:
    """A setup whose answers the test lets go."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.gates: dict[str, asyncio.Event] = {code: asyncio.Event() for code in "ab"}

    async def applications(self) -> list[Application]:
        if self.failure:
            raise self.failure
        return [read_application({"applicationCode": code, "name": code}) for code in "ab"]

    async def application(self, code: str, *, by_id: bool = False) -> Application:
        await self.gates["a"].wait()
        return read_application({"applicationCode": code, "name": code})

    async def configurations(self, code: str) -> list[Configuration]:
        await self.gates[code].wait()
        if self.failure:
            raise self.failure
        keys = [code, f"{code}2"] if code == "b" else [code]
        return [Configuration(key=key, raw={}) for key in keys]

    async def actions(self, code: str, key: str) -> list[Action]:
        return [
            Action(key=key, type="MAIL", forward_url="", callback_data="", raw={}, oddities=("x",))
        ]


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
async def shown(panes: SetupPanes, held: Held, tasks: UiTasks) -> SetupPresenter:
    presenter = SetupPresenter(panes, held, tasks)
    presenter.show_status(Status(connection=SANDBOX))
    await tasks.settled()
    return presenter


async def test_stale_answer_never_lands(
    panes: SetupPanes, held: Held, shown: SetupPresenter, tasks: UiTasks
) -> None:
    """An answer that comes after another application was chosen is dropped."""
    choose(panes, "a")
    await asyncio.sleep(0)
    choose(panes, "b")
    held.gates["a"].set()
    await asyncio.sleep(0)
    assert shown.configuration is None
    assert panes.configuration_pane.progress.busy

    held.gates["b"].set()
    await tasks.settled()

    assert panes.configuration_pane.key.value == "b"
    assert not panes.configuration_pane.progress.busy


async def test_several_configurations(
    panes: SetupPanes, held: Held, shown: SetupPresenter, tasks: UiTasks
) -> None:
    """If the platform lists more than the one it documents, the user can see each."""
    held.gates["b"].set()
    choose(panes, "b")
    await tasks.settled()
    assert panes.configuration_pane.several.isVisible()

    panes.configuration_pane.several.setCurrentIndex(1)
    panes.configuration_pane.several.activated.emit(1)
    await tasks.settled()

    assert panes.configuration_pane.key.value == "b2"
    assert cells(panes.actions_pane, 3) == ["b2"]


async def test_unknown_type_is_shown_as_it_is(
    panes: SetupPanes, held: Held, shown: SetupPresenter, tasks: UiTasks
) -> None:
    """An action of a kind that is not documented is listed with the platform's word."""
    held.gates["a"].set()
    choose(panes, "a")
    await tasks.settled()

    assert cells(panes.actions_pane) == ["MAIL"]


async def test_failure_is_said_where_it_happened(
    panes: SetupPanes, held: Held, shown: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """A pane that could not be loaded says so itself, offers Retry, and lets nothing change."""
    held.gates["a"].set()
    held.failure = UserError("The platform is away.")
    choose(panes, "a")
    await tasks.settled()
    assert panes.configuration_pane.notice.sentence.text() == "The platform is away."
    assert "not loaded" in panes.actions_pane.notice.sentence.text()
    assert not panes.actions_pane.new.isEnabled()
    assert not panes.configuration_pane.delete.isEnabled()

    held.failure = None
    click(qtbot, panes.configuration_pane.notice.retry)
    await tasks.settled()
    assert panes.configuration_pane.has_content
    assert panes.actions_pane.new.isEnabled()


@pytest.mark.parametrize(("status", "kind"), [(None, "danger"), (403, "warning")])
async def test_reach(
    panes: SetupPanes,
    held: Held,
    shown: SetupPresenter,
    tasks: UiTasks,
    status: int | None,
    kind: str,
) -> None:
    """Whether the platform answers is told; a key that may only pull does work."""
    told: list[str] = []
    shown.reach_changed.connect(lambda kind, _words: told.append(kind))
    held.failure = UserError("No.")
    held.failure.status = status  # type: ignore[attr-defined]
    shown.refresh()
    await tasks.settled()

    held.failure = None
    shown.refresh()
    await tasks.settled()

    assert told == [kind, "ok"]
    assert panes.applications_pane.has_content


async def test_no_application(
    panes: SetupPanes, held: Held, shown: SetupPresenter, tasks: UiTasks
) -> None:
    """An account without applications says so, and where they come from."""
    panes.applications_pane.show_applications([])

    assert "no application" in panes.applications_pane.notice.sentence.text()


async def test_without_a_connection_nothing_is_asked(
    panes: SetupPanes, held: Held, tasks: UiTasks
) -> None:
    """The window of a first start says how to come to a connection, on refresh as well."""
    presenter = SetupPresenter(panes, held, tasks)
    presenter.show_status(Status())
    presenter.refresh()
    await tasks.settled()

    assert not panes.applications_pane.has_content
    assert cells(panes.applications_pane) == []


async def test_what_was_looked_up_in_another_account(
    panes: SetupPanes, held: Held, shown: SetupPresenter, tasks: UiTasks
) -> None:
    """An answer of the former account never gets into the list of the present one."""

    async def switch() -> None:
        shown.show_status(Status(connection=PRODUCTION))
        await tasks.settled()
        held.gates["a"].set()

    with pytest.raises(UserError, match="changed meanwhile"):
        await asyncio.gather(shown.look_up("x", by_id=False), switch())

    assert cells(panes.applications_pane) == ["a", "b"]
