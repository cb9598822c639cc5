"""The form of a rule: its conditions and its answer, with messages below the fields."""

from collections.abc import Mapping, Sequence

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.services.answer_files import FIELDS, AnswerEnd
from ibconsole.ui.answers.rule_fields import RuleFields
from ibconsole.ui.toolkit import SPACE, mono_font, set_property
from ibconsole.ui.widgets import heading, muted, paragraph, set_tone

_LINES = {"headers": 3, "body": 6}
_CONDITIONS = (
    ("Path", (("path", "Path", "any; * is any text"),)),
    (
        "Message",
        (
            ("application", "Application code", "application code"),
            ("keyword", "Keyword", "keyword"),
            ("text", "Text that the message contains", "part of the text"),
        ),
    ),
    (
        "Header",
        (("header_name", "Name of a header", "name"), ("header_value", "Value of it", "any value")),
    ),
    ("Share", (("share", "Share of the requests", "all; 20 %, for example"),)),
    (
        "Requests",
        (
            ("first", "From request", "from 1"),
            ("last", "To request", "to the last"),
            ("every", "Every which request", "every one"),
        ),
    ),
    (
        "Time since start",
        (("after", "After this time", "after 0 s"), ("before", "Before this time", "before …")),
    ),
    ("By the clock", (("since", "Since", "2026-11-30T08:00"), ("until", "Until", "until …"))),
)
_ANSWER = (
    ("Status", (("status", "Status", "200"),)),
    ("After", (("delay", "Delay of the answer", "0 s, at once"),)),
    ("Duration", (("duration", "Duration", "an hour for a hang, 10 s for a slow drip"),)),
    ("Declared length", (("declared_length", "Declared length", "16 bytes too many"),)),
    ("Headers", (("headers", "Headers of the answer", "Retry-After: 60"),)),
    ("Body", (("body", "Body of the answer", "empty"),)),
)
_ENDS = {
    AnswerEnd.NORMAL: "A whole answer",
    AnswerEnd.HANG: "Hang: say nothing",
    AnswerEnd.RESET_BEFORE_HEAD: "Reset before the head",
    AnswerEnd.RESET_AFTER_HEAD: "Reset after the head",
    AnswerEnd.HALF_BODY: "Half a body",
    AnswerEnd.WRONG_LENGTH: "Wrong length",
    AnswerEnd.SLOW_DRIP: "Slow drip",
    AnswerEnd.CLOSE: "Close without answer",
}
_TEMPLATES = f"Fields of the request: {', '.join(f'{{{name}}}' for name in FIELDS)}, {{header.X}}."
_Rows = Sequence[tuple[str, Sequence[tuple[str, str, str]]]]


class _FormRow(msgspec.Struct, frozen=True):
    """The widgets of a row, and the message below it."""

    label: QLabel
    inputs: Sequence[QWidget]
    message: QLabel


class RuleForm(QWidget):
    """The fields of a rule; `changed` is emitted when the user changed one."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = QLineEdit()
        self.end = QComboBox()
        self.inputs: dict[str, QLineEdit | QPlainTextEdit] = {"name": self.name}
        self._rows: dict[str, _FormRow] = {}
        self._grid = QGridLayout(self)
        self._filling = False
        self._lay_out()
        for one in self.inputs.values():
            one.textChanged.connect(self._on_changed)
        self.end.currentIndexChanged.connect(self._on_changed)
        self._show_rows()

    @property
    def fields(self) -> RuleFields:
        """The texts of the form."""
        texts = {field: _text_of(widget) for field, widget in self.inputs.items()}
        return RuleFields(**texts, end=str(self.end.currentData()))

    def fill(self, fields: RuleFields) -> None:
        """Enter the texts of a rule."""
        self._filling = True
        for field, widget in self.inputs.items():
            text = str(getattr(fields, field))
            if isinstance(widget, QLineEdit):
                widget.setText(text)
                widget.setCursorPosition(0)
            else:
                widget.setPlainText(text)
        self.end.setCurrentIndex(self.end.findData(fields.end))
        self._filling = False
        self._show_rows()

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Show a sentence below each field that has a problem; remove the others."""
        for field, row in self._rows.items():
            sentence = problems.get(field, "")
            set_property(self.inputs[field], "wrong", "true" if sentence else "")
            same_row = [one for one, other in self._rows.items() if other is row]
            sentence = " ".join(problems[one] for one in same_row if one in problems)
            row.message.setText(sentence)
            row.message.setVisible(bool(sentence))

    def _on_changed(self) -> None:
        self._show_rows()
        if not self._filling:
            self.changed.emit()

    def _show_rows(self) -> None:
        """Show the fields that matter for this end of the answer."""
        end = AnswerEnd(self.end.currentData())
        for field, is_needed in (
            ("status", end.has_head),
            ("headers", end.has_head),
            ("body", end.has_head),
            ("duration", end in {AnswerEnd.HANG, AnswerEnd.SLOW_DRIP}),
            ("declared_length", end is AnswerEnd.WRONG_LENGTH),
        ):
            row = self._rows[field]
            is_shown = is_needed or bool(row.message.text())
            for widget in (row.label, *row.inputs):
                widget.setVisible(is_shown)

    def _lay_out(self) -> None:
        self._grid.setContentsMargins(3 * SPACE, SPACE, 3 * SPACE, 3 * SPACE)
        self._grid.setHorizontalSpacing(3 * SPACE)
        self._grid.setVerticalSpacing(SPACE)
        self._grid.setColumnStretch(1, 1)
        self.name.setAccessibleName("Name of the rule")
        self._add_row("Name", (self.name,), ("name",))
        self._add_heading("When", "All that is filled in has to be met.")
        self._add_rows(_CONDITIONS)
        self._add_heading("Answer", "")
        for end, text in _ENDS.items():
            self.end.addItem(text, end.value)
        self.end.setAccessibleName("End of the answer")
        self._place(muted("End"), (self.end,))
        self._add_rows(_ANSWER)
        templates = paragraph(_TEMPLATES, tone=Severity.MUTED)
        self._grid.addWidget(templates, self._grid.rowCount(), 1)
        self._grid.setRowStretch(self._grid.rowCount(), 1)

    def _add_rows(self, rows: _Rows) -> None:
        for label, inputs in rows:
            widgets = [_input(*one) for one in inputs]
            fields = [field for field, _, _ in inputs]
            self.inputs |= dict(zip(fields, widgets, strict=True))
            self._add_row(label, widgets, fields)

    def _add_row(self, text: str, widgets: Sequence[QWidget], fields: Sequence[str]) -> None:
        label, message = muted(text), paragraph(tone=Severity.DANGER)
        self._place(label, widgets)
        self._grid.addWidget(message, self._grid.rowCount(), 1)
        message.hide()
        row = _FormRow(label, widgets, message)
        self._rows |= dict.fromkeys(fields, row)

    def _place(self, label: QLabel, widgets: Sequence[QWidget]) -> None:
        line = QHBoxLayout()
        line.setSpacing(SPACE)
        for widget in widgets:
            line.addWidget(widget, 1)
        number = self._grid.rowCount()
        is_high = isinstance(widgets[0], QPlainTextEdit)
        side = Qt.AlignmentFlag.AlignTop if is_high else Qt.AlignmentFlag.AlignVCenter
        self._grid.addWidget(label, number, 0, side)
        self._grid.addLayout(line, number, 1)

    def _add_heading(self, title: str, note: str) -> None:
        line = QHBoxLayout()
        line.setContentsMargins(0, 3 * SPACE, 0, 0)
        line.setSpacing(3 * SPACE)
        line.addWidget(heading(title))
        note_label = muted(note)
        set_tone(note_label, Severity.MUTED)
        line.addWidget(note_label, 1)
        self._grid.addLayout(line, self._grid.rowCount(), 0, 1, 2)


def _input(field: str, name: str, placeholder: str) -> QLineEdit | QPlainTextEdit:
    if field not in _LINES:
        line = QLineEdit(placeholderText=placeholder)
        line.setAccessibleName(name)
        return line
    text = QPlainTextEdit(placeholderText=placeholder)
    text.setAccessibleName(name)
    text.setFont(mono_font())
    text.setProperty("field", "true")
    text.setTabChangesFocus(True)
    text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    text.setFixedHeight(_LINES[field] * text.fontMetrics().lineSpacing() + 4 * SPACE)
    return text


def _text_of(widget: QLineEdit | QPlainTextEdit) -> str:
    return widget.text() if isinstance(widget, QLineEdit) else widget.toPlainText()
