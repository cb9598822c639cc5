"""Text for the window: names of applications, lines, sizes, tooltips, and the clipboard."""

import re
from collections.abc import Iterable, Mapping
from html import escape
from itertools import islice

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from ibconsole.errors import UserError
from ibconsole.model import Application
from ibconsole.text import escape_invisible, mask_code

_END_OF_SENTENCE = re.compile(r"(?<=[.])\s")


def brief(error: UserError, *, sentences: int = 1) -> tuple[str, str]:
    """Return the first sentences of an error, and the others with its details.

    Of a change or a pull, the second one says what is unharmed.
    """
    whole = str(error)
    ends = (end.start() for end in _END_OF_SENTENCE.finditer(whole))
    unquoted = (end for end in ends if not _is_quoted(whole[:end]))
    end = next(islice(unquoted, sentences - 1, None), len(whole))
    return whole[:end], "\n".join(filter(None, (whole[end:].strip(), error.details)))


def _is_quoted(text: str) -> bool:
    """Return whether the text ends within parentheses or quotation marks."""
    return text.count("(") > text.count(")") or text.count("“") > text.count("”")


class ApplicationNames(QObject):
    """The names of applications by their codes, shared by all panes.

    Calling it with a code returns the name, or the masked code if the name is not known.
    `changed` is emitted when a name was added or replaced.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names: dict[str, str] = {}

    def __call__(self, code: str) -> str:
        return escape_invisible(self._names.get(code, "")).strip() or mask_code(code)

    @property
    def by_code(self) -> Mapping[str, str]:
        """The names that are known, by code."""
        return self._names

    def add(self, applications: Iterable[Application]) -> None:
        """Add these applications.

        Earlier ones stay, also those of another connection: their messages are in the archive.
        """
        names = {application.code: application.name for application in applications}
        if not names.items() <= self._names.items():
            self._names |= names
            self.changed.emit()


def one_line(text: str) -> str:
    """Return the text on one line, its line breaks and invisible characters made visible."""
    return escape_invisible(" ⏎ ".join(text.splitlines()).replace("\t", " "))


def byte_size(number: int) -> str:
    """Return bytes in the largest unit with a digit before the point: `712 B`, `1.4 kB`."""
    if number < 1000:
        return f"{number} B"
    if number < 1_000_000:
        return f"{number / 1000:.1f} kB"
    return f"{number / 1_000_000:.1f} MB"


def plain_tooltip(text: str) -> str:
    """Return a tooltip that shows a text literally and wraps long lines; empty for no text.

    Qt reads a tooltip as HTML if it looks like HTML, and the text may come from outside.
    """
    return f'<p style="white-space: pre-wrap">{escape(text)}</p>' if text else ""


def copy_to_clipboard(text: str, *_: object) -> None:
    """Copy a text to the clipboard. Ignores further arguments, such as those of a Qt signal."""
    QGuiApplication.clipboard().setText(text)
