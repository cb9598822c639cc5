"""The command that writes the platform's calls as a collection for Postman."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.files import save
from ibconsole.lazy import LazyModule
from ibconsole.services.connections import Connection
from ibconsole.ui.toolkit import Command, Group, UiTasks
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.services.evidence import postman
else:  # imported when a collection is saved
    postman = LazyModule("ibconsole.services.evidence.postman")

_NONE_OPEN = "No saved connection is open."


class CollectionNotSaved(UserError):
    """A collection cannot be written to its file."""


class PostmanExport(QObject):
    """Saves a collection with the base URL of the open connection, and no secret in it.

    `notice_raised` carries a severity and a sentence.
    """

    notice_raised = Signal(Severity, str)

    def __init__(
        self, opened: Callable[[], Connection | None], tasks: UiTasks, window: QWidget
    ) -> None:
        super().__init__(window)
        self._opened = opened
        self._tasks = tasks
        self._window = window
        self.export = Command(
            "Save as a Postman collection…", Group.CONNECTION, self._on_export, parent=self
        )
        self.follow()

    def follow(self) -> None:
        """Offer the command only while a saved connection is open."""
        self.export.set_disabled_reason("" if self._opened() else _NONE_OPEN)

    async def write(self, connection: Connection, target: Path) -> None:
        """Write the collection. Raises CollectionNotSaved."""
        data = postman.postman_collection(connection.name, connection.base_url, connection.kind)
        try:
            await asyncio.to_thread(save, target, data)
        except OSError as error:
            reason = error.strerror or str(error)
            raise CollectionNotSaved(
                f"{target} could not be written: {reason}. Nothing else was changed."
            ) from error
        self.notice_raised.emit(
            Severity.OK, f"The collection is {target}. There is no secret in it."
        )

    def _on_export(self) -> None:
        connection = self._opened()
        if connection is None:
            return
        dialog = QFileDialog(self._window, "Save a Postman collection")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("Postman collection (*.json)")
        dialog.selectFile("postman-collection.json")
        dialog.fileSelected.connect(
            lambda path: self._tasks.start("postman", self.write, connection, Path(path))
        )
        dialog.finished.connect(dialog.deleteLater)
        open_dialog(dialog)
