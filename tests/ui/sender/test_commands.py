"""The commands about the platform as a sender."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMainWindow

from ibconsole.services.allow_list.published import editions
from ibconsole.ui.sender.allow_list_dialog import AllowListDialog
from ibconsole.ui.sender.commands import SenderCommands
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme

ALL = "\n".join(map(str, editions()[0].networks))


@pytest.fixture
def sender(plain_window: QMainWindow, theme: Theme, tasks: UiTasks) -> SenderCommands:
    return SenderCommands(tasks, theme, plain_window)


@pytest.fixture
def dialog(sender: SenderCommands, plain_window: QMainWindow) -> AllowListDialog:
    sender.check_rules()
    [dialog] = plain_window.findChildren(AllowListDialog)
    return dialog


async def test_rules_are_compared_in_the_background(
    dialog: AllowListDialog, tasks: UiTasks
) -> None:
    """The dialog shows the comparison with what was pasted."""
    dialog.check_requested.emit(ALL)
    await tasks.settled()

    assert dialog.verdict.text() == "All 23 published networks may connect."
    dialog.reject()


async def test_rules_that_are_too_large_are_refused(
    dialog: AllowListDialog, tasks: UiTasks
) -> None:
    """10 MB are not compared, and the dialog says why."""
    dialog.check_requested.emit("1.2.3.4\n" * 1_300_000)
    await tasks.settled()

    assert "larger than 4 MiB" in dialog.verdict.text()
    dialog.reject()


async def test_a_file_is_opened(dialog: AllowListDialog, tasks: UiTasks, tmp_path: Path) -> None:
    """The rules of a file are shown; a file that cannot be read is named with the reason."""
    (tmp_path / "rules").write_bytes(ALL.encode("utf-16"))
    dialog.file_chosen.emit(tmp_path / "rules")
    await tasks.settled()
    assert dialog.editor.rules == ALL

    dialog.file_chosen.emit(tmp_path / "missing")
    await tasks.settled()

    assert dialog.verdict.text().endswith("is no file; nothing was compared.")
    dialog.reject()


async def test_closing_ends_the_comparison(dialog: AllowListDialog, tasks: UiTasks) -> None:
    """A comparison of large rules ends when the dialog is closed."""
    dialog.check_requested.emit("-A INPUT -s 1.2.3.4 -j ACCEPT\n" * 100_000)
    assert tasks.running("compare firewall rules")

    dialog.reject()

    await tasks.settled()
    assert not tasks.running("compare firewall rules")
