"""The editor of a message's raw bytes as text, decoded and encoded strictly.

What the user does not touch keeps its bytes: byte order mark, line ends and every character. Where
the editor could not give them back, the bytes cannot be edited here, and a sentence says why.
"""

import codecs
import json
import re

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.services.request_log import mask_body_codes
from ibconsole.ui.toolkit import SPACE, CodeDisplay, Theme, mono_font
from ibconsole.ui.widgets import IconButton, muted, paragraph, set_tone

_MOST = 256 * 1024  # bytes; every key lays out the whole line that it changes
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BLOCK_ENDS = "\u2029\ufdd0\ufdd1"  # Qt's editor ends a paragraph at each of them
_LINE_ENDS = {"\r\n": "\r\n", "\r": "\r(?!\n)", "\n": "(?<!\r)\n"}
_IN_EDITOR = str.maketrans("\u2029", "\n")
_UNCHANGED = "Not edited: the bytes are those that were received."
_EDITED = "Edited: it is sent as {} bytes, {}."
_NO_JSON = "It is not valid JSON (line {}, column {}: {}). It can be sent all the same."
_MASKED = "Codes are masked. Show them to edit the text."


class NotEditable(UserError):
    """The bytes cannot be edited as text without other changes to them."""


class EditableText(msgspec.Struct, frozen=True):
    """The text of a body, with lines that end in LF, and what is needed to encode it again."""

    text: str
    encoding: str
    mark: bytes = b""
    line_end: str = "\n"

    def encode(self, text: str) -> bytes:
        """Return the bytes of an edited text; raises NotEditable for a character that has none."""
        try:
            return self.mark + text.replace("\n", self.line_end).encode(self.encoding)
        except UnicodeEncodeError as error:
            character = error.object[error.start]
            raise NotEditable(
                f"The character {character!r} cannot be sent as {self.encoding.upper()}."
                " Replace it."
            ) from error


def editable_text(body: bytes, charset: str = "") -> EditableText:
    """Return the text of a body; `charset` is the declared one, if there is one.

    Raises NotEditable unless the editor gives back every byte that is not edited.
    """
    if len(body) > _MOST:
        raise NotEditable(
            f"It has {len(body):,} bytes, and at most {_MOST:,} can be edited here."
            " Send it as received."
        )
    marked = (one for one in _MARKS if body.startswith(one[0]))
    mark, encoding = next(marked, (b"", _known(charset)))
    try:
        text = body[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise NotEditable(
            f"Byte {len(mark) + error.start + 1:,} is not valid {encoding.upper()}, so that it is"
            " no text. Send it as received."
        ) from error
    line_ends = [end for end, pattern in _LINE_ENDS.items() if re.search(pattern, text)]
    if len(line_ends) > 1 or any(end in text for end in _BLOCK_ENDS):
        raise NotEditable(
            "Its lines end in different ways, which an editor would make equal."
            " Send it as received."
        )
    line_end = line_ends[0] if line_ends else "\n"
    return EditableText(text.replace(line_end, "\n"), encoding, mark, line_end)


def _known(charset: str) -> str:
    try:
        return codecs.lookup(charset).name if charset else "utf-8"
    except LookupError:
        return "utf-8"


def json_problem(text: str) -> str:
    """Return a sentence on why a text is not valid JSON, empty if it is."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return _NO_JSON.format(f"{error.lineno:,}", f"{error.colno:,}", error.msg)
    except (ValueError, RecursionError) as error:
        return f"It cannot be read as JSON ({error}). It can be sent all the same."
    return ""


class BodyEditor(QWidget):
    """The text of one message's bytes, and under it what is wrong with it.

    `changed` is emitted when the bytes to be sent change. Codes are masked until the user shows
    them to edit; where a policy masks them, the text cannot be edited.
    """

    changed = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, codes: CodeDisplay | None = None
    ) -> None:
        super().__init__(parent)
        self._codes = codes or CodeDisplay(self)
        self._original = b""
        self._editable: EditableText | None = None
        self._shown = ""
        self._masked = False
        self._problem = ""
        self.editor = QPlainTextEdit()
        self.reveal = IconButton("eye", "Show codes to edit", theme, text="Show codes")
        self.remark = paragraph()
        self._lay_out()
        self.editor.textChanged.connect(self._on_text_changed)
        self.reveal.clicked.connect(self._on_reveal_clicked)
        self._codes.changed.connect(self._follow_policy)

    def show_body(self, body: bytes, charset: str = "") -> None:
        """Show the bytes of a message to be edited."""
        self._original = body
        self._editable = None
        try:
            self._editable = editable_text(body, charset)
        except NotEditable as error:
            self._show_text("", problem=str(error))
            return
        self._follow_policy()

    @property
    def has_body(self) -> bool:
        """True once the bytes of a message are shown, or why they are not."""
        return bool(self._original)

    @property
    def body(self) -> bytes | None:
        """The bytes to be sent; None if they cannot be made of the text."""
        if self._editable is None or self._problem:
            return None
        text = self._text
        return self._original if text == self._shown else self._encoded(text)

    @property
    def is_edited(self) -> bool:
        """True if the bytes differ from those that were received."""
        return self.body not in {None, self._original}

    @property
    def _text(self) -> str:
        # Unlike toPlainText, which replaces no-break spaces and line separators.
        return self.editor.document().toRawText().translate(_IN_EDITOR)

    def _encoded(self, text: str) -> bytes | None:
        return self._editable.encode(text) if self._editable else None

    def _show_text(self, text: str, *, problem: str = "", masked: bool = False) -> None:
        self._problem, self._masked = problem, masked
        self.editor.setReadOnly(bool(problem) or masked)
        self.reveal.setVisible(masked)
        self.reveal.lock(self._codes.why_masked)
        self._shown = text
        self.editor.setPlainText(text)
        self._on_text_changed()

    def _follow_policy(self) -> None:
        if self._editable is None or (self.is_edited and not self._codes.why_masked):
            return
        text = self._editable.text
        masked = mask_body_codes(text.encode()).decode()
        self._show_text(masked, masked=masked != text)

    def _on_reveal_clicked(self) -> None:
        if self._editable and self._codes.reveals(wanted=True):
            self._show_text(self._editable.text)
            self.editor.setFocus()

    def _on_text_changed(self) -> None:
        tone, sentence = self._judge()
        self.remark.setText(sentence)
        set_tone(self.remark, tone)
        self.changed.emit()

    def _judge(self) -> tuple[Severity | None, str]:
        if self._editable is None:
            return Severity.DANGER, self._problem
        text, self._problem = self._text, ""
        if text == self._shown:
            return Severity.MUTED, _MASKED if self._masked else _UNCHANGED
        try:
            body = self._editable.encode(text)
        except NotEditable as error:
            self._problem = str(error)
            return Severity.DANGER, self._problem
        if problem := json_problem(text):
            return Severity.WARNING, problem
        return Severity.INFO, _EDITED.format(f"{len(body):,}", self._editable.encoding.upper())

    def _lay_out(self) -> None:
        self.editor.setAccessibleName("Text of the message's bytes")
        self.editor.setFont(mono_font())
        self.editor.setProperty("field", "true")
        self.editor.setTabChangesFocus(True)
        self.editor.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.editor.setMinimumHeight(24 * SPACE)
        head = QHBoxLayout()
        head.addWidget(muted("The message's bytes as text"))
        head.addStretch(1)
        head.addWidget(self.reveal)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addLayout(head)
        layout.addWidget(self.editor, 1)
        layout.addWidget(self.remark)
