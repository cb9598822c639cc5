"""The dialog of the cases: their list, and the items of one, which are ordered and commented."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.plural import counted
from ibconsole.services.evidence.cases import Case, CaseSummary
from ibconsole.ui.evidence.cases_table import CasesTable
from ibconsole.ui.evidence.item_details import CaseItemDetails
from ibconsole.ui.evidence.items_table import CaseItemsTable
from ibconsole.ui.evidence.pin_places import short_title
from ibconsole.ui.toolkit import SPACE, Command, Group, Theme, TimeDisplay
from ibconsole.ui.widgets import (
    Banner,
    BannerOverlay,
    ButtonKind,
    Notice,
    ProgressLine,
    PushButton,
    Splitter,
    heading,
)

_SIZE = (980, 600)
_SIZES = (300, 660)
_ITEM_SIZES = (210, 250)
_NO_CASES = (
    "There is no case yet. Pin a message, a request, a test or a finding, or begin an empty case."
)
_NO_ITEMS = (
    "Nothing is pinned yet. Pin what is selected with Ctrl+Shift+P, or find “Pin” with Ctrl+K."
)
_NONE_CHOSEN = "Choose a case."
_NO_ITEM = "No item is selected."


class CasesDialog(QDialog):
    """Shows cases and changes of them; a presenter makes them.

    The signals about an item carry the id of the case first. `undo_requested` takes back the
    last removal. `current_toggled` carries whether things are pinned to the shown case.
    """

    case_selected = Signal(str)
    creation_requested = Signal()
    bundle_requested = Signal()
    renamed = Signal(str, str)
    current_toggled = Signal(str, bool)
    deletion_requested = Signal(str)
    export_requested = Signal(str)
    run_requested = Signal(str)
    note_requested = Signal(str)
    item_selected = Signal(object)
    moved = Signal(str, str, int)
    removal_requested = Signal(str, str)
    commented = Signal(str, str, str)
    undo_requested = Signal()
    retry_requested = Signal()

    def __init__(self, theme: Theme, display: TimeDisplay, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.case: Case | None = None
        self.progress = ProgressLine(theme)
        self.banner = Banner(theme)
        self.cases = CasesTable(display)
        self.new = PushButton("New case", theme, icon_name="plus")
        self.open_bundle = PushButton("Open a bundle…", theme)
        self.title = QLineEdit()
        self.is_current = QCheckBox("Pin to this case")
        self.items = CaseItemsTable(display)
        self.details = CaseItemDetails(theme)
        self.notice = Notice(theme)
        self.no_items = Notice(theme)
        self._pages = QStackedWidget()
        self._lists = QStackedWidget()
        self.delete = PushButton("Delete case", theme, icon_name="trash-2")
        self.run = PushButton("Open as a window", theme, icon_name="app-window")
        self.export = PushButton("Export…", theme, kind=ButtonKind.PRIMARY, icon_name="download")
        self.close_button = PushButton("Close", theme)
        self._make_commands()
        self._set_up()
        self._lay_out()
        self._connect()
        self.notice.show_blank()
        self._update()

    @property
    def case_id(self) -> str:
        """The id of the chosen case, empty if none is."""
        record = self.cases.selected_record
        return record.id if record else ""

    def show_loading(self) -> None:
        """Show that the cases are read; what was shown stays."""
        self.progress.set_busy(on=True)

    def show_cases(self, cases: Sequence[CaseSummary], current: str, select: str = "") -> None:
        """List the cases; `current` is the id of that to which things are pinned.

        `select` is the id of the case to choose, else the chosen one stays, or the first.
        """
        self.progress.set_busy(on=False)
        before = self.case_id
        self.cases.mark_current(current)
        self.cases.show_records(cases)
        ids = [one.id for one in cases]
        chosen = next((one for one in (select, before, current) if one in ids), "")
        chosen = chosen or (ids[0] if ids else "")
        if chosen:
            self.cases.select_records(chosen)
        if not cases:
            self._show_no_case(_NO_CASES, "New case")
        self._show_current()

    def show_case(self, case: Case, *, select: str = "") -> None:
        """Show a case; an item stays selected, or `select` is."""
        if case.id != self.case_id:
            return
        self.progress.set_busy(on=False)
        is_other = self.case is None or self.case.id != case.id
        self.case = case
        if is_other or not self.title.hasFocus():
            self.title.setText(case.title)
        self.items.show_items(case.items, select=select)
        self._pages.setCurrentIndex(1)
        self._lists.setCurrentIndex(1 if case.items else 0)
        self._show_current()
        self._update()

    def show_unreadable(self, error: UserError) -> None:
        """Show that the chosen case cannot be read; it can be deleted all the same."""
        self.case = None
        self.progress.set_busy(on=False)
        self.notice.show_failed(str(error), error.details)
        self._pages.setCurrentIndex(0)
        self._update()

    def show_failed(self, error: UserError) -> None:
        """Show why the cases cannot be listed, or why a change was not made."""
        self.progress.set_busy(on=False)
        if self.case is None and not self.cases.total:
            self.notice.show_failed(str(error), error.details)
            self._pages.setCurrentIndex(0)
        else:
            self.banner.show_notice(Severity.DANGER, str(error), details=error.details)

    def show_removed(self, sentence: str) -> None:
        """Say what was removed, and offer to take it back."""
        self.banner.show_notice(Severity.INFO, sentence, action="Undo")

    def flush(self) -> None:
        """Save now what is being written."""
        self.details.flush()
        self._on_title_finished()

    def _show_no_case(self, sentence: str, action: str = "") -> None:
        self.case = None
        self.details.show_item(None)
        self.notice.show_empty(sentence, action, icon_name="layers")
        self._pages.setCurrentIndex(0)
        self._update()

    def _show_current(self) -> None:
        with QSignalBlocker(self.is_current):
            self.is_current.setChecked(bool(self.case_id) and self.cases.current == self.case_id)

    def _update(self) -> None:
        has_case, item = self.case is not None, self.items.item if self.case else None
        self.delete.setEnabled(bool(self.case_id))
        has_items = self.case is not None and bool(self.case.items)
        self.export.setEnabled(has_items)
        self.run.setEnabled(has_items)
        self.export.setToolTip("" if has_items else "The case is empty.")
        row = self.items.currentIndex().row()
        reason = "" if item else _NO_ITEM
        count = len(self.case.items) if self.case else 0
        self.up.set_disabled_reason(reason or ("" if row > 0 else "It is the first one."))
        self.down.set_disabled_reason(reason or ("" if row < count - 1 else "It is the last one."))
        self.remove.set_disabled_reason(reason)
        self.note.set_disabled_reason("" if has_case else _NONE_CHOSEN)

    def _make_commands(self) -> None:
        def command(
            name: str, run: Callable[[], object], icon_name: str, shortcut: str = ""
        ) -> Command:
            return Command(
                name, Group.EVIDENCE, run, shortcut=shortcut, icon_name=icon_name, parent=self
            )

        # The keys of the table, which a shortcut would take from its cells.
        self.up = command("Move up", lambda: self.items.move_selected(-1), "chevron-up")
        self.down = command("Move down", lambda: self.items.move_selected(1), "chevron-down")
        self.note = command("Add a note…", self._on_note, "plus", "Ctrl+N")
        self.remove = command("Remove", self._on_remove, "trash-2")
        self.undo = command("Undo the last removal", self.undo_requested.emit, "", "Ctrl+Z")
        for one in (self.up, self.down, self.remove):
            one.add_to(self.items)
        for one in (self.note, self.undo):
            one.add_to(self)

    def _on_case_selected(self) -> None:
        self.details.flush()
        self._show_current()
        if self.case_id:
            self.case_selected.emit(self.case_id)
        else:
            self._show_no_case(_NONE_CHOSEN if self.cases.total else _NO_CASES, "New case")

    def _on_item_selected(self, item: object) -> None:
        self.details.show_item(self.items.item)
        self._update()
        self.item_selected.emit(item)

    def _on_moved(self, item: str, place: int) -> None:
        self._update()
        self.moved.emit(self.case_id, item, place)

    def _on_commented(self, item: str, text: str) -> None:
        if self.case and (found := self.case.item(item)):
            self.items.replace_item(found, text)
            self.commented.emit(self.case.id, item, text)

    def _on_title_finished(self) -> None:
        title = " ".join(self.title.text().split())
        if self.case is None or title == self.case.title:
            return
        if not title:
            self.title.setText(self.case.title)
            return
        self.renamed.emit(self.case.id, title)

    def _on_remove(self) -> None:
        if self.case and (item := self.items.item):
            self.details.flush()
            self.removal_requested.emit(self.case.id, item.id)

    def _on_note(self) -> None:
        if self.case:
            self.note_requested.emit(self.case.id)

    def _on_delete(self) -> None:
        if self.case_id:
            self.deletion_requested.emit(self.case_id)

    def _on_export(self) -> None:
        self.flush()
        if self.case:
            self.export_requested.emit(self.case.id)

    def _on_run(self) -> None:
        self.flush()
        if self.case:
            self.run_requested.emit(self.case.id)

    def _on_undo_clicked(self) -> None:
        self.banner.clear()
        self.undo_requested.emit()

    def _on_comment_requested(self) -> None:
        self.details.comment.setFocus()
        self.details.comment.selectAll()

    def _connect(self) -> None:
        self.cases.selection_changed.connect(self._on_case_selected)
        self.cases.delete_pressed.connect(self._on_delete)
        self.new.clicked.connect(self.creation_requested)
        self.open_bundle.clicked.connect(self.bundle_requested)
        self.title.editingFinished.connect(self._on_title_finished)
        self.is_current.toggled.connect(lambda on: self.current_toggled.emit(self.case_id, on))
        self.items.item_selected.connect(self._on_item_selected)
        self.items.moved.connect(self._on_moved)
        self.items.removal_requested.connect(self._on_remove)
        self.items.comment_requested.connect(self._on_comment_requested)
        self.details.commented.connect(self._on_commented)
        self.details.escaped.connect(self.items.setFocus)
        self.notice.action_requested.connect(self.creation_requested)
        self.notice.retry_requested.connect(self.retry_requested)
        self.banner.action_requested.connect(self._on_undo_clicked)
        self.delete.clicked.connect(self._on_delete)
        self.run.clicked.connect(self._on_run)
        self.export.clicked.connect(self._on_export)
        self.close_button.clicked.connect(self.reject)

    def _set_up(self) -> None:
        self.setWindowTitle("Cases")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.close_button.setDefault(True)
        self.title.setAccessibleName("Title of the case")
        self.title.setMaxLength(200)
        self.run.setToolTip("The account as it was recorded, without a key and without a network")
        self.is_current.setToolTip("What you pin is added to this case.")
        self.no_items.show_empty(_NO_ITEMS, icon_name="bookmark")
        self.resize(*_SIZE)

    def _list_of_cases(self) -> QWidget:
        left = QWidget()
        column = _column(left)
        column.addWidget(self.cases, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * SPACE)
        buttons.addWidget(self.new)
        buttons.addWidget(self.open_bundle)
        buttons.addStretch(1)
        column.addLayout(buttons)
        return left

    def _lay_out(self) -> None:
        self._pages.addWidget(self.notice)
        self._pages.addWidget(self._case_page())
        splitter = Splitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self._list_of_cases())
        splitter.addWidget(BannerOverlay(self._pages, self.banner, elastic=self._pages))
        splitter.setSizes(_SIZES)
        splitter.setStretchFactor(1, 1)
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addWidget(self.delete)
        row.addWidget(self.run)
        row.addStretch(1)
        row.addWidget(self.close_button)
        row.addWidget(self.export)
        inner = QVBoxLayout()
        inner.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        inner.setSpacing(3 * SPACE)
        inner.addWidget(heading("Cases"))
        inner.addWidget(splitter, 1)
        inner.addLayout(row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.progress)
        layout.addLayout(inner, 1)

    def _case_page(self) -> QWidget:
        page = QWidget()
        column = _column(page)
        column.setContentsMargins(3 * SPACE, 0, 0, 0)
        top = QHBoxLayout()
        top.setSpacing(2 * SPACE)
        top.addWidget(self.title, 1)
        top.addWidget(self.is_current)
        column.addLayout(top)
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        for command in (self.note, self.up, self.down, self.remove):
            button = PushButton(command.name, self._theme, icon_name=command.icon_name)
            button.follow(command)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        self._lists.addWidget(self.no_items)
        parts = Splitter(Qt.Orientation.Vertical)
        parts.addWidget(self.items)
        parts.addWidget(self.details)
        parts.setSizes(_ITEM_SIZES)
        self._lists.addWidget(parts)
        column.addWidget(self._lists, 1)
        return page


def _column(widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2 * SPACE)
    return column


def removed_sentence(title: str) -> str:
    """Return the sentence on a removed item."""
    return f"“{short_title(title)}” was removed from the case."


def deleted_sentence(title: str, items: int) -> str:
    """Return the sentence on a deleted case."""
    what = f" with {counted(items, 'item')}" if items else ""
    return f"The case “{short_title(title)}”{what} was deleted; it can be restored for a day."
