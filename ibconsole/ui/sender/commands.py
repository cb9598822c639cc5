"""The commands about the platform as a sender, and the dialogs that they open."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.ui.toolkit import Command, Group, Theme, TimeDisplay, UiTasks
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.services import allow_list, sender_profile
    from ibconsole.ui.sender import allow_list_dialog, sender_dialog
else:  # imported when a dialog is opened first
    allow_list = LazyModule("ibconsole.services.allow_list")
    sender_profile = LazyModule("ibconsole.services.sender_profile")
    allow_list_dialog = LazyModule("ibconsole.ui.sender.allow_list_dialog")
    sender_dialog = LazyModule("ibconsole.ui.sender.sender_dialog")

_COMPARE = "compare firewall rules"
_OPEN = "open firewall rules"
_LEARN = "learn the sender"
_EXPORT = "export the sender"


class SenderCommands(QObject):
    """Checks firewall rules, and shows what the archive's forwards say about their sender."""

    listener_requested = Signal()

    def __init__(
        self,
        archive: Path,
        tasks: UiTasks,
        theme: Theme,
        window: QWidget,
        time_display: TimeDisplay,
    ) -> None:
        super().__init__(window)
        self._archive = archive
        self._tasks = tasks
        self._theme = theme
        self._window = window
        self._time_display = time_display
        self.commands = (
            Command("Check firewall rules…", Group.FORWARD_TEST, self.check_rules, parent=self),
            Command(
                "What we know of the sender", Group.FORWARD_TEST, self.show_sender, parent=self
            ),
        )

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

    def show_sender(self) -> None:
        """Open the page about the sender."""
        zone = self._time_display.zone
        dialog = sender_dialog.SenderDialog(self._theme, zone, self._window)

        def learn() -> None:
            self._tasks.start(_LEARN, self.learn, dialog)

        dialog.refresh_requested.connect(learn)
        dialog.listener_requested.connect(self.listener_requested)
        dialog.export_requested.connect(
            lambda path: self._tasks.start(_EXPORT, self.export, dialog, path)
        )
        for task in (_LEARN, _EXPORT):
            dialog.finished.connect(lambda _, task=task: self._tasks.cancel(task))
        open_dialog(dialog)
        learn()

    async def learn(self, dialog: "sender_dialog.SenderDialog") -> None:
        """Read the archive on a thread, and show what it says about the sender."""
        dialog.show_loading()
        try:
            profile = await asyncio.to_thread(sender_profile.learn_sender, self._archive)
            unknowns = await asyncio.to_thread(sender_profile.learn_unknowns, self._archive)
        except UserError as error:
            dialog.show_failed(error)
            return
        dialog.show_profile(profile, unknowns)

    async def export(self, dialog: "sender_dialog.SenderDialog", target: Path) -> None:
        """Learn once more, and write the file on a thread."""
        try:
            profile = await asyncio.to_thread(sender_profile.learn_sender, self._archive)
            unknowns = await asyncio.to_thread(sender_profile.learn_unknowns, self._archive)
            if profile:
                await asyncio.to_thread(sender_profile.save_profile, target, profile, unknowns)
        except UserError as error:
            dialog.show_failed(error)
            return
        if profile:
            dialog.show_saved(target)
