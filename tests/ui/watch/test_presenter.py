"""The presenter of the watch."""

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from ibconsole.model.application import read_application
from ibconsole.services.connections import Watch
from ibconsole.services.runtime import Alarm, AlarmKind, ConnectionStatus, Status
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.watch.presenter import WatchPresenter
from ibconsole.ui.watch.watch_dialog import WatchDialog

KESTREL = ConnectionStatus("Kestrel", id="c")
LUMEN = read_application({"applicationCode": "code-of-lumen-0001", "name": "Lumen"})
ALARM = Alarm(AlarmKind.SILENCE, "c", "No message of Lumen.", 5, 1601, name="Lumen")
LOUD = replace(ALARM, kind=AlarmKind.PENDING, notify=True)


class Source:
    """A watch that notes what it is asked."""

    def __init__(self) -> None:
        self.followed: list[str] = []
        self.saved: list[Watch] = []

    async def follow(self, connection: ConnectionStatus) -> None:
        self.followed.append(connection.id)

    async def load(self, application: str = "") -> Watch:
        return Watch("c", application)

    async def save(self, chosen: Watch) -> None:
        self.saved.append(chosen)


class Shown:
    """Notifications that are noted."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []

    async def find_problem(self) -> str:
        return ""

    async def show(self, title: str, body: str) -> str:
        self.texts.append((title, body))
        return ""


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture
def presenter(
    source: Source, shown: Shown, plain_window: QMainWindow, theme: Theme, tasks: UiTasks
) -> WatchPresenter:
    return WatchPresenter(source, shown, tasks, theme, plain_window)


async def test_the_connection_is_followed(
    presenter: WatchPresenter, source: Source, tasks: UiTasks
) -> None:
    """Each connection that is opened is watched, and watched once."""
    for status in (Status(), Status(connection=KESTREL), Status(connection=KESTREL), Status()):
        presenter.show_status(status)
        await tasks.settled()

    assert source.followed == ["c", ""]


async def test_notifications(presenter: WatchPresenter, shown: Shown, tasks: UiTasks) -> None:
    """A new alarm is notified once, if the user wants it, with nothing of any message."""
    for alarms in ((ALARM,), (ALARM, LOUD), (LOUD,), (), (LOUD, replace(LOUD, part="x"))):
        presenter.show_status(Status(connection=KESTREL, alarms=alarms))
        await tasks.settled()

    assert shown.texts == [("More and more messages wait", "Kestrel")] * 2
    assert all(LUMEN.code not in kind.headline for kind in AlarmKind)


def test_commands_say_why_not(presenter: WatchPresenter, qtbot: QtBot) -> None:
    """A command without its subject says so; the first alarm leads to its remedy."""
    reasons = [one.disabled_reason for one in presenter.commands]
    assert reasons == ["No connection is open.", "No connection is open.", "There is no trouble."]
    presenter.go_to_first()


async def test_an_alarm_leads_to_its_remedy(
    presenter: WatchPresenter, qtbot: QtBot, tasks: UiTasks
) -> None:
    """The command of the palette asks to look into the alarm that was raised first."""
    presenter.show_status(Status(connection=KESTREL, alarms=(ALARM, LOUD)))
    await tasks.settled()
    presenter.select_application(LUMEN)

    assert [one.disabled_reason for one in presenter.commands] == ["", "", ""]
    with qtbot.waitSignal(presenter.remedy_requested) as requested:
        presenter.show_alarm.trigger()
    assert requested.args == [ALARM]


async def test_the_dialog(
    presenter: WatchPresenter, source: Source, plain_window: QMainWindow, tasks: UiTasks
) -> None:
    """The answers about a connection and about an application are saved."""
    presenter.show_status(Status(connection=KESTREL))
    presenter.watch_application.trigger()  # disabled: there is no application
    presenter.select_application(LUMEN)
    for command in (presenter.watch_connection, presenter.watch_application):
        command.trigger()
        await tasks.settled()
        dialog = plain_window.findChildren(WatchDialog)[-1]
        dialog.save.click()
        await tasks.settled()

    assert [(one.application, one.name) for one in source.saved] == [
        ("", ""),
        (LUMEN.code, "Lumen"),
    ]
