"""The commands about the platform as a sender, and the dialogs that they open."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.ui.toolkit import Command, Group, Theme, UiTasks
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.services import allow_list
    from ibconsole.ui.sender import allow_list_dialog
else:  # imported when a dialog is opened first
    allow_list = LazyModule("ibconsole.services.allow_list")
    allow_list_dialog = LazyModule("ibconsole.ui.sender.allow_list_dialog")

_COMPARE = "compare firewall rules"
_OPEN = "open firewall rules"


class SenderCommands(QObject):
    """Checks firewall rules."""

    def __init__(self, tasks: UiTasks, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._tasks = tasks
        self._theme = theme
        self._window = window
        check = Command("Check firewall rules…", Group.FORWARD_TEST, self.check_rules, parent=self)
        self.commands = (check,)

    def check_rules(self) -> None:
        """Open the dialog that compares rules with the published networks."""
        dialog = allow_list_dialog.AllowListDialog(self._theme, self._window)

        def compare(rules: str) -> None:
            self._tasks.start(_COMPARE, self.compare, dialog, rules)

        dialog.check_requested.connect(compare)
        dialog.file_chosen.connect(lambda path: self._tasks.start(_OPEN, self.open, dialog, path))
        for task in (_COMPARE, _OPEN):
            dialog.finished.connect(lambda _, task=task: self._tasks.cancel(task))
        open_dialog(dialog)

    async def compare(self, dialog: "allow_list_dialog.AllowListDialog", rules: str) -> None:
        """Compare rules on a thread, which ends with this task; no rules end a comparison."""
        if not rules.strip():
            return
        try:
            dialog.show_result(await allow_list.compare_rules(rules))
        except UserError as error:
            dialog.show_failed(error)

    async def open(self, dialog: "allow_list_dialog.AllowListDialog", path: Path) -> None:
        """Read a file on a thread, and show its rules."""
        try:
            dialog.show_rules(await asyncio.to_thread(allow_list.read_rules_file, path))
        except UserError as error:
            dialog.show_failed(error)
