"""A read-only view of JSON in colours that keeps the window responsive."""

import re

from PySide6.QtCore import QTimer
from PySide6.QtGui import (
    QColor,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from ibconsole.errors import Severity
from ibconsole.lazy import lazy_pattern
from ibconsole.ui.toolkit import SPACE, Theme, match_format, mono_font
from ibconsole.ui.viewers.json_matches import find_in_text
from ibconsole.ui.viewers.json_text import BoundedText
from ibconsole.ui.widgets import set_tone

_TOKEN = lazy_pattern(
    r"""(?P<key>"(?:[^"\\]|\\.)*"(?=\s*:))
      | (?P<text>"(?:[^"\\]|\\.)*(?:"|$))
      | (?P<number>-?\d[\d.eE+-]*)
      | (?P<word>true|false|null)""",
    re.VERBOSE,
)
_REST_OF_TEXT = lazy_pattern(r'(?:[^"\\]|\\.)*(?:"|$)')
_INSIDE_TEXT = 1
# Characters that are laid out at a time, with colours and without: each takes about 5 ms.
_SLICE = {True: 10_000, False: 15_000}


class JsonHighlighter(QSyntaxHighlighter):
    """Colours for keys, strings, numbers and literals; a string may continue over broken lines."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self._formats: dict[str, QTextCharFormat] = {}
        theme.changed.connect(self._on_theme_changed)
        self._read_colours()

    # Qt's side

    def highlightBlock(self, text: str) -> None:
        start = 0
        if self.previousBlockState() == _INSIDE_TEXT:
            start = self._colour_rest(text)
        self.setCurrentBlockState(_INSIDE_TEXT if start < 0 else 0)
        if start < 0:
            return
        for token in _TOKEN.finditer(text, start):
            kind = token.lastgroup or ""
            self.setFormat(token.start(), token.end() - token.start(), self._formats[kind])
            if kind == "text" and not _is_closed(token[0]):
                self.setCurrentBlockState(_INSIDE_TEXT)

    def _colour_rest(self, text: str) -> int:
        """Colour the rest of a string that began on an earlier line.

        Return where the string ends, or -1 if it continues on the next line.
        """
        rest = _REST_OF_TEXT.match(text)
        end = rest.end() if rest else len(text)
        self.setFormat(0, end, self._formats["text"])
        return end if _is_closed(f'"{text[:end]}') else -1

    def _on_theme_changed(self) -> None:
        self._read_colours()
        self.rehighlight()

    def _read_colours(self) -> None:
        for kind in ("key", "text", "number", "word"):
            colour = QTextCharFormat()
            colour.setForeground(QColor(getattr(self._theme.colours, f"json_{kind}")))
            self._formats[kind] = colour


class JsonView(QWidget):
    """A text, and a note above it if something is not shown as received.

    The beginning is shown at once; the rest is added in slices, between which Qt processes
    other events.
    """

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = BoundedText()
        self._wanted = ""
        self._theme = theme
        self._rest = ""
        self._slice = 0
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._on_next)
        self.note = QLabel(wordWrap=True)
        set_tone(self.note, Severity.MUTED)
        self.note.setContentsMargins(3 * SPACE, SPACE, 3 * SPACE, SPACE)
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setAccessibleName(name)
        self.text.setFont(mono_font())
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setUndoRedoEnabled(False)
        self.text.document().setDocumentMargin(2 * SPACE)
        self.highlighter = JsonHighlighter(self.text.document(), theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.note)
        layout.addWidget(self.text)
        self.show_text(BoundedText())
        theme.changed.connect(self._show_marks)

    def mark(self, wanted: str) -> None:
        """Mark the matches of a searched text, in this and in later texts."""
        self._wanted = wanted
        self._show_marks()

    def show_text(self, shown: BoundedText) -> None:
        """Show a text from its beginning."""
        # Detached from the document, the highlighter costs nothing: most of the time is its
        # Python call for each line.
        document = self.text.document() if shown.coloured else None
        self.text.clear()
        if self.highlighter.document() is not document:
            self.highlighter.setDocument(document)
        self.note.setText(shown.note)
        self.note.setVisible(bool(shown.note))
        self._shown = shown
        self._rest, self._slice = shown.text, _SLICE[shown.coloured]
        self._append()
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        self._show_marks()

    @property
    def complete(self) -> bool:
        """True if the whole text was added."""
        return not self._rest

    def _append(self) -> None:
        line_end = self._rest.find("\n", self._slice)
        cut = len(self._rest) if line_end < 0 else line_end + 1
        piece, self._rest = self._rest[:cut], self._rest[cut:]
        # A separate cursor, so that the user's cursor and selection stay unchanged.
        cursor = QTextCursor(self.text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(piece)
        if self._rest:
            self._next.start()

    def _on_next(self) -> None:
        self._append()
        self._show_marks()

    def _show_marks(self) -> None:
        """Mark the matches, once all of the text is there, and bring the first one in sight."""
        if self._rest:
            return
        marks = []
        for start, length in find_in_text(self._shown.text, self._wanted):
            mark = QTextEdit.ExtraSelection()
            mark.cursor = QTextCursor(self.text.document())
            mark.cursor.setPosition(start)
            mark.cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            mark.format = match_format(self._theme.colours)
            marks.append(mark)
        self.text.setExtraSelections(marks)
        if marks and not self.text.verticalScrollBar().value():
            first = QTextCursor(self.text.document())
            first.setPosition(marks[0].cursor.selectionStart())
            self.text.setTextCursor(first)
            if self._shown.coloured:  # the names of members stay in sight
                self.text.horizontalScrollBar().setValue(0)


def _is_closed(text: str) -> bool:
    """Return whether a string that begins with a quotation mark also ends with one."""
    ended = text.endswith('"') and len(text) > 1
    backslashes = len(text[:-1]) - len(text[:-1].rstrip("\\"))
    return ended and backslashes % 2 == 0
