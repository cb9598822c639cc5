"""The view of a summary: its text, remarks, and facts in sections."""

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ibconsole.ui.toolkit import SPACE, CodeDisplay, Theme, find_matches, mark_html, strong_font
from ibconsole.ui.viewers.facts import Fact, RecordId, Remark, Summary
from ibconsole.ui.widgets import Banner, CopyField, IconButton, muted, paragraph

_LABEL_WIDTH = 108


class SummaryView(QScrollArea):
    """A scrollable summary. Rows are reused, since creating them for each arrow key is too slow.

    `link_activated` is emitted with the kind (a `RecordKind`) and the id of a record to show.
    """

    link_activated = Signal(str, RecordId)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, codes: CodeDisplay | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._code_display = codes
        self._summary = Summary("", "", (), ())
        self._wanted = ""
        self.title = paragraph()
        self.lead = paragraph()
        self.rows: list[FactRow] = []
        self.banners: list[Banner] = []
        self._remarks = QVBoxLayout()
        self._facts = QVBoxLayout()
        self._lay_out()
        theme.changed.connect(self._show_marks)

    def mark(self, wanted: str) -> None:
        """Mark the matches of a searched text, in this and in later summaries."""
        self._wanted = wanted
        self._show_marks()

    def prepare(self, summary: Summary) -> Iterator[None]:
        """Create what a summary needs and what is missing, a row in each step.

        For the first record this takes longer than the window may be held at once. What is shown
        does not change.
        """
        for number, entry in enumerate(_entries(summary)):
            if number == len(self.rows):
                self._add_row().show_entry(entry)
                yield
            elif isinstance(entry, Fact) and self.rows[number].prepare(entry):
                yield

    def show_summary(self, summary: Summary) -> None:
        """Show a summary from its top."""
        self._summary = summary
        self.title.setText(summary.title)
        self.lead.setVisible(bool(summary.lead))
        self._show_remarks(summary.remarks)
        self._show_entries(_entries(summary))
        self._show_marks()
        self.verticalScrollBar().setValue(0)

    def _show_marks(self) -> None:
        show_marked(self.lead, self._summary.lead, self._wanted, self._theme)
        for row in self.rows:
            row.mark(self._wanted)

    def _show_remarks(self, remarks: tuple[Remark, ...]) -> None:
        while len(self.banners) < len(remarks):
            self.banners.append(Banner(self._theme))
            self._remarks.addWidget(self.banners[-1])
        for number, banner in enumerate(self.banners):
            if number < len(remarks):
                banner.show_notice(
                    remarks[number].severity, remarks[number].sentence, closable=False
                )
            else:
                banner.clear()

    def _show_entries(self, entries: list[str | Fact]) -> None:
        while len(self.rows) < len(entries):
            self._add_row()
        for number, row in enumerate(self.rows):
            if number < len(entries):
                row.show_entry(entries[number])
            row.setVisible(number < len(entries))

    def _add_row(self) -> "FactRow":
        row = FactRow(self._theme, self.widget(), codes=self._code_display)
        row.hide()
        row.link_activated.connect(self.link_activated)
        self.rows.append(row)
        self._facts.addWidget(row)
        return row

    def _lay_out(self) -> None:
        self.title.setFont(strong_font())
        self.title.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, SPACE)
        self.lead.setContentsMargins(3 * SPACE, 0, 3 * SPACE, 2 * SPACE)
        self._remarks.setSpacing(0)
        self._facts.setSpacing(0)
        self._facts.setContentsMargins(3 * SPACE, SPACE, 2 * SPACE, 3 * SPACE)
        page = QFrame(objectName="surface")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.title)
        layout.addWidget(self.lead)
        layout.addLayout(self._remarks)
        layout.addLayout(self._facts)
        layout.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Summary")
        self.setWidget(page)


class FactRow(QWidget):
    """The title of a section, or a fact whose value can be selected, copied or followed."""

    link_activated = Signal(str, RecordId)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, codes: CodeDisplay | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._code_display = codes
        self.title = QLabel()
        self.label = muted("")
        self.text = paragraph()
        self.link = IconButton("arrow-right", "Show it", theme)
        self._target: tuple[str, int] | None = None
        self._codes: dict[bool, CopyField] = {}
        self.code: CopyField | None = None
        self._fact = Fact("", "")
        self.title.setFont(strong_font())
        self.title.setContentsMargins(0, 3 * SPACE, 0, SPACE // 2)
        self.label.setFixedWidth(_LABEL_WIDTH)
        self.label.setContentsMargins(0, SPACE, 0, SPACE)
        self.text.setContentsMargins(0, SPACE, 0, SPACE)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2 * SPACE)
        self._layout.addWidget(self.title, 1)
        self._layout.addWidget(self.label, 0, Qt.AlignmentFlag.AlignTop)
        self._layout.addWidget(self.text, 1)
        self._layout.addWidget(self.link, 1, Qt.AlignmentFlag.AlignLeft)
        self.link.clicked.connect(self._on_link_clicked)

    def show_entry(self, entry: str | Fact) -> None:
        """Show the title of a section, or a fact."""
        fact = entry if isinstance(entry, Fact) else None
        self._fact = fact or Fact("", "")
        self.title.setVisible(fact is None)
        self.label.setVisible(fact is not None)
        self._target = fact.link if fact else None
        self.link.setVisible(self._target is not None)
        self.text.setVisible(fact is not None and not fact.is_code and not fact.link)
        for field in self._codes.values():
            field.hide()
        if not isinstance(entry, Fact):
            self.title.setText(entry)
            return
        self.label.setText(entry.label)
        if entry.is_code:
            self._show_code(entry)
        elif entry.link:
            self.link.rename(f"Show {entry.value.lower()}", text=entry.value)
        else:
            self.text.setText(entry.value)
            self.text.setToolTip(entry.tooltip)

    def mark(self, wanted: str) -> None:
        """Mark the matches of a searched text, if this is a fact that was searched."""
        wanted = wanted if self._fact.is_searched else ""
        if self._fact.is_code and self.code:
            self.code.label.mark(wanted, self._theme.colours)
        elif self.text.isVisibleTo(self):
            show_marked(self.text, self._fact.value, wanted, self._theme)

    def _on_link_clicked(self) -> None:
        if self._target:
            kind, number = self._target
            self.link_activated.emit(kind, RecordId(number))

    def prepare(self, fact: Fact) -> bool:
        """Create the hidden field that a fact needs; False if there is nothing to do."""
        if not fact.is_code or fact.is_secret in self._codes:
            return False
        field = CopyField(
            fact.label,
            self._theme,
            secret=fact.is_secret,
            codes=self._code_display,
            parent=self,
        )
        field.hide()
        self._codes[fact.is_secret] = field
        self._layout.addWidget(field, 1)
        return True

    def _show_code(self, fact: Fact) -> None:
        self.prepare(fact)
        self.code = self._codes[fact.is_secret]
        self.code.show_value(fact.value)
        self.code.show()


def _entries(summary: Summary) -> list[str | Fact]:
    entries: list[str | Fact] = []
    for title, facts in summary.sections:
        entries += [title, *facts] if title else facts
    return entries


def show_marked(label: QLabel, text: str, wanted: str, theme: Theme) -> None:
    """Show a text literally, with the matches of a searched text marked."""
    spans = find_matches(text, wanted)
    formats = Qt.TextFormat
    label.setTextFormat(formats.RichText if spans else formats.PlainText)
    label.setText(mark_html(text, spans, theme.colours) if spans else text)
    label.setAccessibleName(text if spans else "")
