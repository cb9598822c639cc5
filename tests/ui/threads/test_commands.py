"""The commands that follow a message say why they cannot."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from ibconsole.archive.archive import Archive
from ibconsole.archive.records import StoredMessage
from ibconsole.services.threads.subjects import ThreadKind
from ibconsole.ui.threads.commands import FollowCommands, SupportCommands
from ibconsole.ui.toolkit.commands import Group
from tests.ui.threads.shown import stored
from tests.unit.archive.deliveries import forward


@dataclass
class Shown:
    message: StoredMessage | None = None
    selected_count: int = 0


def test_one_thing_is_copied_for_support_if_there_is_one(qtbot: QtBot) -> None:
    """Grey while nothing is selected; with codes only through the dialog."""
    chosen: list[str] = []
    parent = QObject()
    commands = SupportCommands("finding", Group.SETUP, lambda: chosen, parent)
    assert commands.copy.disabled_reason == "No finding is selected."

    chosen.append("finding")
    commands.update()

    assert [one.name for one in commands.commands] == [
        "Copy finding for Infobip support",
        "Copy finding for Infobip support with codes…",
    ]
    with qtbot.waitSignal(commands.requested):
        commands.copy.trigger()
    with qtbot.waitSignal(commands.choices_requested):
        commands.choices.trigger()


def test_a_message_is_followed_by_the_fields_that_it_has(path: Path, qtbot: QtBot) -> None:
    """Without a field the entry is grey, with the reason; the others carry the message."""
    shown, parent = Shown(), QObject()
    commands = FollowCommands(shown, shown, parent)
    assert commands.support.disabled_reason == "No message is selected."
    with Archive(path) as archive:
        forward(archive, {"from": "device"})
    shown.message = stored(path, 26)

    commands.update()

    reasons = {kind: one.disabled_reason for kind, one in commands.follows.items()}
    assert reasons == {
        ThreadKind.INSTALLATION: "",
        ThreadKind.SUBSCRIBER: "The message has no subscriberId.",
        ThreadKind.PAIR: "The message has no id, and names no other message.",
    }
    assert commands.support.isEnabled()
    with qtbot.waitSignal(commands.follow_requested) as requested:
        commands.follows[ThreadKind.INSTALLATION].trigger()
    assert requested.args == [shown.message, ThreadKind.INSTALLATION]
