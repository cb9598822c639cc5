"""The page "What we know of the sender": facts from forwards, and what stays unknown."""

from collections.abc import Sequence
from datetime import tzinfo
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.services.sender_profile import (
    HOW_TO_LEARN,
    NOTHING,
    PlatformUnknown,
    SenderFact,
    SenderProfile,
    describe_profile,
    list_facts,
)
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import SPACE, Theme, copy_to_clipboard, one_line, times
from ibconsole.ui.widgets import (
    Banner,
    BannerOverlay,
    Notice,
    ProgressLine,
    PushButton,
    Splitter,
    heading,
    open_dialog,
)

_SIZE = (880, 600)
_RESTS_ON_HEIGHT = 20 * SPACE
_UNKNOWN_WIDTHS = (350, 0, 80, 50, 130)


class _FactRow(msgspec.Struct, frozen=True):
    order: int
    name: str
    value: str
    n: int
    last_at: int | None
    tunnel: str = ""


class SenderDialog(QDialog):
    """Shows what was learned; `export_requested` carries the file to write it to.

    `listener_requested` is emitted if nothing was learned and the user wants to begin.
    """

    export_requested = Signal(object)
    refresh_requested = Signal()
    listener_requested = Signal()

    def __init__(
        self, theme: Theme, zone: tzinfo | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("What we know of the sender")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self.progress = ProgressLine(theme)
        self.banner = Banner(theme)
        self.notice = Notice(theme)
        self.rests_on = QPlainTextEdit(readOnly=True)
        self.facts = _table("Fact", "Value", zone, self)
        self.unknowns = _table("Not documented", "Observed here", zone, self)
        self.unknowns.columns.leave_out(2)
        self.unknowns.set_widths(*_UNKNOWN_WIDTHS)
        self.pages = QStackedWidget()
        self.copy = PushButton("Copy as text", theme)
        self.export = PushButton("Export…", theme)
        self.refresh = PushButton("Refresh", theme)
        self.close_button = PushButton("Close", theme)
        self._lay_out()
        self._connect()
        self.show_loading()

    def show_loading(self) -> None:
        """Show that the archive is being read."""
        self.progress.set_busy(on=True)
        self.banner.clear()
        for button in (self.copy, self.export, self.refresh):
            button.setEnabled(False)

    def show_profile(
        self, profile: SenderProfile | None, unknowns: Sequence[PlatformUnknown]
    ) -> None:
        """Show what was learned; None if there was no forward of the platform."""
        self._end_loading()
        if profile is None:
            self.notice.show_empty(f"{NOTHING} {HOW_TO_LEARN}", "Go to the listener", "radio")
            self.pages.setCurrentWidget(self.notice)
            return
        self.rests_on.setPlainText("\n".join(describe_profile(profile)))
        self.facts.show_records(_fact_rows(list_facts(profile)))
        self.unknowns.show_records(_unknown_rows(unknowns))
        self.pages.setCurrentIndex(1)
        for button in (self.copy, self.export):
            button.setEnabled(True)

    def show_failed(self, error: UserError) -> None:
        """Show that the archive could not be read, or the file not be written."""
        self._end_loading()
        self.banner.show_notice(Severity.DANGER, str(error), details=error.details)

    def show_saved(self, target: Path) -> None:
        """Show where the export is."""
        self.banner.show_notice(Severity.OK, f"What is known is in {target}, without secrets.")

    def _end_loading(self) -> None:
        self.progress.set_busy(on=False)
        self.refresh.setEnabled(True)

    def _on_copy(self) -> None:
        tables = ("\n".join(map(_line, one.records)) for one in (self.facts, self.unknowns))
        parts = (self.rests_on.toPlainText(), *tables)
        copy_to_clipboard("\n\n".join(parts) + "\n")

    def _on_export(self) -> None:
        dialog = QFileDialog(self.window(), "Export what is known of the sender")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(["JSON (*.json)"])
        dialog.selectFile("sender.json")
        dialog.fileSelected.connect(lambda path: self.export_requested.emit(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        open_dialog(dialog)

    def _on_listener(self) -> None:
        self.listener_requested.emit()
        self.reject()

    def _connect(self) -> None:
        self.notice.action_requested.connect(self._on_listener)
        self.copy.clicked.connect(self._on_copy)
        self.export.clicked.connect(self._on_export)
        self.refresh.clicked.connect(self.refresh_requested)
        self.close_button.clicked.connect(self.reject)
        self.close_button.setDefault(True)

    def _lay_out(self) -> None:
        self.notice.show_blank()
        self.pages.addWidget(self.notice)
        self.pages.addWidget(self._known())
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * SPACE)
        for button in (self.copy, self.export, self.refresh):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        content = QVBoxLayout()
        content.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        content.setSpacing(3 * SPACE)
        content.addWidget(heading("What we know of the sender"))
        content.addWidget(BannerOverlay(self.pages, self.banner), 1)
        content.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.progress)
        layout.addLayout(content, 1)

    def _known(self) -> QWidget:
        """Return the page of what was learned."""
        self.rests_on.setAccessibleName("What the facts rest on")
        self.rests_on.setProperty("field", "true")
        self.rests_on.setTabChangesFocus(True)
        self.rests_on.setFixedHeight(_RESTS_ON_HEIGHT)
        tables = Splitter(Qt.Orientation.Vertical)
        tables.addWidget(self.facts)
        tables.addWidget(self.unknowns)
        tables.setSizes([300, 190])
        known = QWidget()
        column = QVBoxLayout(known)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * SPACE)
        column.addWidget(self.rests_on)
        column.addWidget(tables, 1)
        return known


def _table(name: str, value: str, zone: tzinfo | None, parent: QWidget) -> RecordsTable:
    columns: Sequence[Column[_FactRow]] = (
        Column(name, lambda row: row.name, sort_key=lambda row: row.order,
               tooltip=lambda row: row.name),
        Column(value, lambda row: row.value, tooltip=lambda row: row.value),
        Column("Through", lambda row: row.tunnel or ("directly" if row.n else "")),
        Column("Seen", lambda row: f"{row.n:,}" if row.n else "", right=True,
               sort_key=lambda row: row.n),
        Column("Last seen", partial(_last_seen, zone=zone), sort_key=lambda row: row.last_at or 0),
    )  # fmt: skip
    table = RecordsTable(RecordsModel(columns, lambda row: row.order, parent), stretch=1)
    table.setAccessibleName(name)
    table.set_widths(170, 0, 80, 60, 150, by_content=True)
    return table


def _last_seen(row: _FactRow, zone: tzinfo | None) -> str:
    return times.column_time(row.last_at, zone) if row.last_at else ""


def _fact_rows(facts: Sequence[SenderFact]) -> Sequence[_FactRow]:
    return [
        _FactRow(order, one.name, one_line(one.value), one.n, one.last_at, one.tunnel)
        for order, one in enumerate(facts)
    ]


def _unknown_rows(unknowns: Sequence[PlatformUnknown]) -> Sequence[_FactRow]:
    return [
        _FactRow(
            order,
            one.question,
            one.observation or f"not observed. {one.hint}",
            one.n,
            one.last_at,
        )
        for order, one in enumerate(unknowns)
    ]


def _line(row: _FactRow) -> str:
    seen = f"seen {row.n:,}, last {times.iso(row.last_at)}" if row.n and row.last_at else ""
    through = f"through {row.tunnel}" if row.tunnel else ""
    note = ", ".join(filter(None, (seen, through)))
    return f"{row.name} {row.value}" + (f" ({note})" if note else "")
