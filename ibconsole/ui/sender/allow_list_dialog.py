"""The dialog that compares a firewall's rules with the platform's published networks."""

from collections.abc import Sequence
from ipaddress import IPv4Network
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.plural import counted
from ibconsole.services.allow_list import AllowListResult, describe_result, editions
from ibconsole.ui.sender.rules_editor import RulesEditor
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import SPACE, Theme, byte_size, copy_to_clipboard
from ibconsole.ui.widgets import (
    ProgressLine,
    PushButton,
    Splitter,
    heading,
    open_dialog,
    paragraph,
    set_tone,
)

_SIZE = (920, 560)
_SETTLE_MS = 300
_DETAILS_HEIGHT = 34 * SPACE
_INTRODUCTION = (
    "Rules that let only some of the platform's networks connect lose a part of the messages."
    " The comparison uses no network."
)
_NOTHING = "Paste the rules of the firewall before the forward URL, or open a file with them."


class NetworkRow(msgspec.Struct, frozen=True):
    """One published network: its editions, and what the rules say; "" before a comparison."""

    order: int
    network: IPv4Network
    lists: str
    rules: str = ""
    missing: bool = False


_COLUMNS: Sequence[Column[NetworkRow]] = (
    Column("Network", lambda row: str(row.network), sort_key=lambda row: row.order),
    Column(
        "Addresses",
        lambda row: f"{row.network.num_addresses:,}",
        right=True,
        sort_key=lambda row: row.network.num_addresses,
    ),
    Column("Editions", lambda row: row.lists),
    Column(
        "In your rules",
        lambda row: row.rules,
        sort_key=lambda row: (not row.missing, row.order),
        tooltip=lambda row: row.rules,
    ),
)


class AllowListDialog(QDialog):
    """Takes rules by paste or from a file; `check_requested` asks for a comparison with them."""

    check_requested = Signal(str)
    file_chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Check firewall rules")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self._result: AllowListResult | None = None
        self.editor = RulesEditor()
        self.size_note = paragraph(tone=Severity.MUTED)
        self.verdict = paragraph(_NOTHING)
        self.details = QPlainTextEdit(readOnly=True)
        self.table = RecordsTable(RecordsModel(_COLUMNS, lambda row: row.network, self), stretch=3)
        self.progress = ProgressLine(theme)
        self.open_file = PushButton("Open a file…", theme)
        self.clear = PushButton("Clear", theme)
        self.copy_missing = PushButton("Copy missing networks", theme)
        self.copy_all = PushButton("Copy all networks", theme)
        self.close_button = PushButton("Close", theme)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._set_up()
        self._lay_out()
        self._show_nothing()

    def show_rules(self, text: str) -> None:
        """Put the rules of a file in place of what is there."""
        self.editor.show_rules(text)

    def show_result(self, result: AllowListResult) -> None:
        """Show the comparison with the rules."""
        self._result = result
        first, *others = describe_result(result)
        severity = Severity.OK if result.complete else Severity.DANGER
        self._show_verdict(first, severity if result.rules else Severity.WARNING)
        self.details.setPlainText("\n\n".join(others))
        self.table.show_records(_rows(result))
        self._update_buttons()

    def show_failed(self, error: UserError) -> None:
        """Show why nothing was compared."""
        self._result = None
        self._show_verdict(str(error), Severity.DANGER)
        self.details.setPlainText(_edition_note())
        self.table.show_records(_rows(None))
        self._update_buttons()

    def _show_nothing(self) -> None:
        self._result = None
        self._show_verdict(_NOTHING, None)
        self.details.setPlainText(_edition_note())
        self.table.show_records(_rows(None))
        self._update_buttons()

    def _show_verdict(self, sentence: str, severity: Severity | None) -> None:
        self.progress.set_busy(on=False)
        self.verdict.setText(sentence)
        set_tone(self.verdict, severity)

    def _update_buttons(self) -> None:
        missing = self._result.missing if self._result else ()
        self.copy_missing.setEnabled(bool(missing))
        self.clear.setEnabled(bool(self.editor.rules))

    def _on_rules_changed(self) -> None:
        rules = self.editor.rules
        note = f"{byte_size(len(rules))} of rules; the beginning is shown."
        self.size_note.setText(note if self.editor.is_cut else "")
        self.progress.set_busy(on=bool(rules.strip()))
        self._settle.start()

    def _on_settled(self) -> None:
        rules = self.editor.rules
        self.check_requested.emit(rules)
        if not rules.strip():
            self._show_nothing()

    def _on_open(self) -> None:
        dialog = QFileDialog(self, "Open a file with firewall rules")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.file_chosen.emit(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        open_dialog(dialog)

    def _on_clear(self) -> None:
        self.editor.show_rules("")
        self.editor.setFocus()

    def _on_copy_missing(self) -> None:
        if self._result:
            parts = [part for one in self._result.missing for part in one.missing]
            copy_to_clipboard("\n".join(map(str, parts)) + "\n")

    def _on_copy_all(self) -> None:
        copy_to_clipboard("\n".join(map(str, editions()[0].networks)) + "\n")

    def _set_up(self) -> None:
        self.details.setAccessibleName("Remarks")
        self.details.setProperty("field", "true")
        self.details.setTabChangesFocus(True)
        self.details.setFixedHeight(_DETAILS_HEIGHT)
        self.table.setAccessibleName("Published networks")
        self.table.set_widths(150, 80, 110, 0, by_content=True)
        self.copy_missing.setToolTip("One network per line, to be added to the rules")
        self.copy_all.setToolTip("All networks of the current edition, one per line")
        self.close_button.setDefault(True)
        self.editor.rules_changed.connect(self._on_rules_changed)
        self._settle.timeout.connect(self._on_settled)
        self.open_file.clicked.connect(self._on_open)
        self.clear.clicked.connect(self._on_clear)
        self.copy_missing.clicked.connect(self._on_copy_missing)
        self.copy_all.clicked.connect(self._on_copy_all)
        self.close_button.clicked.connect(self.reject)

    def _lay_out(self) -> None:
        splitter = Splitter(Qt.Orientation.Horizontal)
        splitter.addWidget(
            _column(
                _row(heading("Rules"), None, self.open_file, self.clear),
                self.editor,
                self.size_note,
            )
        )
        splitter.addWidget(_column(self.verdict, self.table, self.details))
        splitter.setSizes([360, 520])
        splitter.setStretchFactor(1, 1)
        column = QVBoxLayout()
        column.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        column.setSpacing(3 * SPACE)
        column.addWidget(paragraph(_INTRODUCTION, tone=Severity.MUTED))
        column.addWidget(splitter, 1)
        column.addLayout(_row(self.copy_missing, self.copy_all, None, self.close_button))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.progress)
        layout.addLayout(column, 1)
        self.editor.setFocus()


def _rows(result: AllowListResult | None) -> Sequence[NetworkRow]:
    """Return all published networks, the missing ones first."""
    known = editions()
    networks = dict.fromkeys(network for edition in known for network in edition.networks)
    covered = {one.network: one for one in result.networks} if result and result.rules else {}
    rows = []
    for network in networks:
        names = [edition.name for edition in known if network in edition.networks]
        lists = "all" if len(names) == len(known) else f"{', '.join(names)} only"
        row = NetworkRow(0, network, lists)
        if one := covered.get(network):
            parts = ", ".join(map(str, one.missing))
            whole = one.missing_addresses == network.num_addresses
            text = "missing" if whole else f"partly missing: {parts}" if parts else "allowed"
            row = msgspec.structs.replace(row, rules=text, missing=bool(parts))
        rows.append(row)
    rows.sort(key=lambda row: not row.missing)
    return [msgspec.structs.replace(row, order=order) for order, row in enumerate(rows)]


def _edition_note() -> str:
    lines = [
        f"{one.name.capitalize()} edition: {counted(len(one.networks), 'network')},"
        f" read on {one.read} from {one.source}"
        for one in editions()
    ]
    return "\n".join(lines)


def _row(*parts: QWidget | None) -> QHBoxLayout:
    """Return widgets in a row; None is a space that takes what is left."""
    row = QHBoxLayout()
    row.setSpacing(2 * SPACE)
    for part in parts:
        if part is None:
            row.addStretch(1)
        else:
            row.addWidget(part)
    return row


def _column(*parts: QWidget | QHBoxLayout) -> QWidget:
    widget = QWidget()
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(SPACE, 0, SPACE, 0)
    layout.setSpacing(2 * SPACE)
    for part in parts:
        if isinstance(part, QHBoxLayout):
            layout.addLayout(part)
        else:
            layout.addWidget(part, int(isinstance(part, RulesEditor | RecordsTable)))
    return widget
