"""The dialog before a pull."""

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ibconsole.services.connections.connection import Environment
from ibconsole.services.runtime.status import ArchiveStatus, ConnectionStatus, Status
from ibconsole.ui.messages.pull_dialog import PullDialog, PullMode, PullOptions
from ibconsole.ui.toolkit.theme import Theme

CONNECTION = ConnectionStatus("Sandbox", "http://127.0.0.1:8080", "abcd…", Environment.SANDBOX)
STATUS = Status(CONNECTION, archive=ArchiveStatus(path="/archive"))


def open_dialog(
    theme: Theme, qtbot: QtBot, mode: PullMode, pullers: tuple[str, ...] = ()
) -> PullDialog:
    dialog = PullDialog(STATUS, PullOptions(mode, 10), pullers, theme)
    qtbot.addWidget(dialog)
    return dialog


def words(dialog: PullDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


@pytest.mark.parametrize(
    ("mode", "max_messages", "interval", "sentence"),
    [
        (PullMode.ONCE, False, False, "Pull from Sandbox?"),
        (PullMode.UNTIL_EMPTY, True, False, "Pull all waiting messages"),
        (PullMode.AUTO, False, True, "It never starts by itself."),
    ],
)
def test_modes(
    theme: Theme, qtbot: QtBot, mode: PullMode, sentence: str, *, max_messages: bool, interval: bool
) -> None:
    """Each mode asks for the numbers it needs, and explains when it ends."""
    dialog = open_dialog(theme, qtbot, mode)
    dialog.show()

    assert dialog.max_messages.isVisible() is max_messages
    assert dialog.interval.isVisible() is interval
    assert sentence in words(dialog)
    assert "this cannot be undone" in words(dialog)


def test_options(theme: Theme, qtbot: QtBot) -> None:
    """The numbers chosen in the dialog are the options of the pull."""
    dialog = open_dialog(theme, qtbot, PullMode.AUTO)
    dialog.limit.setValue(25)
    dialog.interval.setCurrentIndex(dialog.interval.findData(300))

    assert dialog.options == PullOptions(PullMode.AUTO, 25, interval=300)


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (0, "every application visible to the key"),
        (1, "App 0 (it has a PULL action)"),
        (2, "App 0, App 1 (they have a PULL action)"),
        (8, "App 5 and 2 more (they have a PULL action)"),
    ],
)
def test_applications(theme: Theme, qtbot: QtBot, count: int, sentence: str) -> None:
    """The dialog names the applications whose messages are known to wait, the first six."""
    pullers = tuple(f"App {number}" for number in range(count))

    assert sentence in words(open_dialog(theme, qtbot, PullMode.ONCE, pullers))
