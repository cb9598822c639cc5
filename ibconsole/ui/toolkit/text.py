"""How applications are called wherever only their code is at hand."""

from collections.abc import Iterable
from html import escape

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import (
    QGuiApplication,
)

from ibconsole.model import Application
from ibconsole.text import escape_invisible, mask_code


def plain_tooltip(text: str) -> str:
    """The text as it is, wrapped where it is long: it may have been written by strangers."""
    return f'<p style="white-space: pre-wrap">{escape(text)}</p>' if text else ""


class ApplicationNames(QObject):
    """The name of an application; where it is not known, its code, masked."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names: dict[str, str] = {}

    def __call__(self, code: str) -> str:
        return self._names.get(code) or mask_code(code)

    def learn(self, applications: Iterable[Application]) -> None:
        """Know these from now on, and those of before as well: their messages are kept."""
        known = dict(self._names)
        for application in applications:
            self._names[application.code] = escape_invisible(application.name)
        if self._names != known:
            self.changed.emit()


def copy(text: str, *_: object) -> None:
    """Put a text into the clipboard."""
    QGuiApplication.clipboard().setText(text)
