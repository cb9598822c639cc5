"""Opens the dialog of the cases, makes the changes of the user, and takes back removals."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.ui.evidence.pin_commands import note_to_pin
from ibconsole.ui.evidence.pin_places import short_title
from ibconsole.ui.toolkit import Command, Group, Theme, TimeDisplay, UiTasks
from ibconsole.ui.widgets import ConfirmDialog, Question, open_dialog

if TYPE_CHECKING:
    from ibconsole.services.evidence import cases as case_values
    from ibconsole.services.evidence.async_cases import (
        PinnedItems,
        PinningWork,
        RemovedItem,
    )
    from ibconsole.services.evidence.cases import Blob, Case, CaseItem, CaseSummary
    from ibconsole.ui.evidence import cases_dialog, pin_dialog
    from ibconsole.ui.evidence.item_details import CaseItemDetails
else:  # imported when the dialog is opened first
    case_values = LazyModule("ibconsole.services.evidence.cases")
    cases_dialog = LazyModule("ibconsole.ui.evidence.cases_dialog")
    pin_dialog = LazyModule("ibconsole.ui.evidence.pin_dialog")

_READ = "read the cases"
_SHOW = "show an item of the case"
_UNTITLED = "Untitled case"
_BUNDLES = "Bundles (*.zip);;All files (*)"


class ChangedCases(Protocol):
    """The cases that the dialog shows and changes."""

    async def list(self) -> "Sequence[CaseSummary]": ...
    async def current(self) -> "CaseSummary | None": ...
    async def read(self, case_id: str) -> "Case": ...
    async def read_blob(self, case_id: str, blob: "Blob") -> bytes: ...
    async def describe(self, case_id: str, item_id: str) -> str: ...
    async def create(self, title: str) -> "Case": ...
    async def choose(self, case_id: str) -> None: ...
    async def rename(self, case_id: str, title: str) -> "Case": ...
    async def delete(self, case_id: str) -> str: ...
    async def restore(self, case_id: str) -> "Case": ...
    async def pin(self, case_id: str, work: "PinningWork") -> "PinnedItems": ...
    async def remove(self, case_id: str, item_id: str) -> "RemovedItem": ...
    async def put_back(self, removed: "RemovedItem") -> "Case": ...
    async def move(self, case_id: str, item_id: str, place: int) -> "Case": ...
    async def comment(self, case_id: str, item_id: str, text: str) -> "Case": ...


class CasesPresenter(QObject):
    """Changes are made one after the other, in the order of the user, and each is kept.

    `cases` returns the cases, when they are needed first. `current_changed` says that another case
    is current; `export_requested` carries the id of a case, and `run_requested` that of a case, or
    the path of a bundle, that is to be opened as a window.
    """

    current_changed = Signal()
    export_requested = Signal(str)
    run_requested = Signal(str)

    def __init__(
        self,
        cases: Callable[[], ChangedCases],
        tasks: UiTasks,
        theme: Theme,
        window: QWidget,
        display: TimeDisplay,
        *,
        suggested_title: Callable[[], str],
    ) -> None:
        super().__init__(window)
        self._find_cases = cases
        self._tasks = tasks
        self._theme = theme
        self._window = window
        self._display = display
        self._suggested_title = suggested_title
        self._count = self._unfinished = 0
        self._turn = asyncio.Lock()
        self._undo: list[Callable[[], Awaitable[str]]] = []
        self._item = ""  # to be selected when the case is shown next
        self._names_case = False  # a new one, once it is shown
        self.dialog: cases_dialog.CasesDialog | None = None
        self.open_cases = Command(
            "Cases…", Group.EVIDENCE, self.open, shortcut="Ctrl+E", icon_name="layers", parent=self
        )
        self.open_bundle = Command(
            "Open a case bundle…", Group.EVIDENCE, self.ask_for_bundle, parent=self
        )
        self.commands = (self.open_cases, self.open_bundle)

    @cached_property
    def _cases(self) -> ChangedCases:
        return self._find_cases()

    def open(self, case_id: str = "") -> None:
        """Open the dialog on a case, else on the current one."""
        if self.dialog:
            return
        dialog = cases_dialog.CasesDialog(self._theme, self._display, self._window)
        self.dialog = dialog
        self._undo.clear()
        dialog.case_selected.connect(lambda _: self._read())
        dialog.retry_requested.connect(self._read)
        dialog.creation_requested.connect(self._on_creation_requested)
        dialog.bundle_requested.connect(self.ask_for_bundle)
        dialog.current_toggled.connect(self._on_current_toggled)
        dialog.renamed.connect(self._on_renamed)
        dialog.deletion_requested.connect(self._on_deletion_requested)
        dialog.export_requested.connect(self.export_requested)
        dialog.run_requested.connect(self.run_requested)
        dialog.note_requested.connect(self._on_note_requested)
        dialog.item_selected.connect(self._on_item_selected)
        dialog.moved.connect(self._on_moved)
        dialog.removal_requested.connect(self._on_removal_requested)
        dialog.commented.connect(self._on_commented)
        dialog.undo_requested.connect(self._on_undo_requested)
        dialog.finished.connect(self._on_finished)
        open_dialog(dialog)
        self._read(case_id)

    async def show_case(self, case_id: str) -> bool:
        """Show a case, as a link asks for; return false if there is none with this id."""
        if case_id not in {one.id for one in await self._cases.list()}:
            return False
        if self.dialog:
            self.dialog.flush()
            self._read(case_id)
        else:
            self.open(case_id)
        return True

    def refresh(self, case_id: str) -> None:
        """Show a case that something else has changed."""
        if self.dialog and self.dialog.case_id == case_id:
            self._read()

    def ask_for_bundle(self) -> None:
        """Ask for a zip file or a folder with an exported case."""
        dialog = QFileDialog(self.dialog or self._window, "Open a case bundle")
        dialog.setNameFilter(_BUNDLES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.run_requested)
        dialog.finished.connect(dialog.deleteLater)
        open_dialog(dialog)

    def _read(self, select: str = "") -> None:
        self._tasks.start(_READ, self.read, select)

    async def read(self, select: str = "") -> None:
        """List the cases, and show the chosen one."""
        if not self.dialog:
            return
        self.dialog.show_loading()
        try:
            cases, current = await self._cases.list(), await self._cases.current()
        except UserError as error:
            if self.dialog:
                self.dialog.show_failed(error)
            return
        if self.dialog:
            self.dialog.show_cases(cases, current.id if current else "", select)
            await self._show_case()

    async def _show_case(self) -> None:
        dialog = self.dialog
        if dialog is None or not dialog.case_id:
            return
        try:
            case = await self._cases.read(dialog.case_id)
        except UserError as error:
            if self.dialog:
                self.dialog.show_unreadable(error)
            return
        if self.dialog is None or self._unfinished:
            return
        self.dialog.show_case(case, select=self._item)
        self._item = ""
        if self._names_case:
            self._names_case = False
            self.dialog.title.setFocus()
            self.dialog.title.selectAll()

    async def show_item(self, case_id: str, item: "CaseItem") -> None:
        """Show the content of an item."""
        try:
            if isinstance(item.content, case_values.PictureContent):
                data = await self._cases.read_blob(case_id, item.content.picture)
                image = await asyncio.to_thread(QImage.fromData, data)
                if details := self._details_of(item):
                    details.show_picture(image)
            else:
                text = await self._cases.describe(case_id, item.id)
                if details := self._details_of(item):
                    details.show_text(text)
        except UserError as error:
            if details := self._details_of(item):
                details.show_text(str(error))

    def _details_of(self, item: "CaseItem") -> "CaseItemDetails | None":
        """Return the details while they show this item."""
        details = self.dialog.details if self.dialog else None
        return details if details and details.item and details.item.id == item.id else None

    def _change(self, change: Callable[[], Awaitable[object]], *, lists: bool = False) -> None:
        """Make a change after those that are not made yet; with `lists` the list is read again."""
        self._count += 1
        self._unfinished += 1
        self._tasks.start(f"change a case {self._count}", self._make, change, lists=lists)

    async def _make(self, change: Callable[[], Awaitable[object]], *, lists: bool) -> None:
        try:
            async with self._turn:
                await change()
        except UserError as error:
            if self.dialog is None:
                raise
            self.dialog.show_failed(error)
            lists = True
        finally:
            self._unfinished -= 1
        if lists:
            self._read()
        elif not self._unfinished:  # else the next change is not in it, and rows would jump back
            await self._show_case()

    def _on_creation_requested(self) -> None:
        async def create() -> None:
            case = await self._cases.create(self._suggested_title() or _UNTITLED)
            self.current_changed.emit()
            self._names_case = True
            await self.read(case.id)

        self._change(create)

    def _on_current_toggled(self, case_id: str, on: bool) -> None:
        async def choose() -> None:
            await self._cases.choose(case_id if on else "")
            self.current_changed.emit()

        self._change(choose, lists=True)

    def _on_renamed(self, case_id: str, title: str) -> None:
        async def rename() -> None:
            await self._cases.rename(case_id, title)
            self.current_changed.emit()

        self._change(rename, lists=True)

    def _on_deletion_requested(self, case_id: str) -> None:
        records: Sequence[CaseSummary] = self.dialog.cases.records if self.dialog else ()
        record = next((one for one in records if one.id == case_id), None)
        title = (record.title if record else "") or "that cannot be read"
        question = Question(
            f"Delete the case “{short_title(title)}”?",
            "Its items and their copies are deleted from this computer. For a day it can be"
            " restored: by Undo here, or by ibconsole case restore.",
            "Delete",
        )
        dialog = ConfirmDialog(question, self._theme, self._window)

        async def delete() -> None:
            items = record.items if record else 0
            deleted = await self._cases.delete(case_id)

            async def restore() -> str:
                await self._cases.restore(case_id)
                return case_id

            self._undo.append(restore)
            self.current_changed.emit()
            if self.dialog:
                self.dialog.show_removed(cases_dialog.deleted_sentence(deleted, items))

        dialog.accepted.connect(lambda: self._change(delete, lists=True))
        open_dialog(dialog)

    def _on_note_requested(self, case_id: str) -> None:
        title = self.dialog.case.title if self.dialog and self.dialog.case else ""
        dialog = pin_dialog.NoteDialog(title, self._theme, self._window)

        def write(text: str) -> None:
            async def add() -> None:
                pinned = await self._cases.pin(case_id, note_to_pin(text))
                self._item = pinned.items[0]

            self._change(add, lists=True)

        dialog.written.connect(write)
        open_dialog(dialog)

    def _on_item_selected(self, item: object) -> None:
        if isinstance(item, case_values.CaseItem) and self.dialog:
            self._tasks.start(_SHOW, self.show_item, self.dialog.case_id, item)
        else:
            self._tasks.cancel(_SHOW)

    def _on_moved(self, case_id: str, item_id: str, place: int) -> None:
        self._change(lambda: self._cases.move(case_id, item_id, place))

    def _on_commented(self, case_id: str, item_id: str, text: str) -> None:
        self._change(lambda: self._cases.comment(case_id, item_id, text))

    def _on_removal_requested(self, case_id: str, item_id: str) -> None:
        async def remove() -> None:
            removed = await self._cases.remove(case_id, item_id)

            async def put_back() -> str:
                await self._cases.put_back(removed)
                self._item = item_id
                return case_id

            self._undo.append(put_back)
            if self.dialog:
                self.dialog.show_removed(cases_dialog.removed_sentence(removed.item.title))

        self._change(remove, lists=True)

    def _on_undo_requested(self) -> None:
        if not self._undo:
            return
        undo = self._undo.pop()

        async def take_back() -> None:
            case_id = await undo()
            self.current_changed.emit()
            if self.dialog:
                self.dialog.banner.clear()
            await self.read(case_id)

        self._change(take_back)

    def _on_finished(self) -> None:
        if self.dialog:
            self.dialog.flush()
        self.dialog = None
        self._undo.clear()
        self._tasks.cancel(_READ)
        self._tasks.cancel(_SHOW)
