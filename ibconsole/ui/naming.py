"""How applications are called wherever only their code is at hand."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from ibconsole.model import Application
from ibconsole.ui.json_text import visibly
from ibconsole.ui.masking import masked


class ApplicationNames(QObject):
    """The name of an application; where it is not known, its code, masked."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names: dict[str, str] = {}

    def __call__(self, code: str) -> str:
        return self._names.get(code) or masked(code)

    def learn(self, applications: Iterable[Application]) -> None:
        """Know these from now on, and those of before as well: their messages are kept."""
        known = dict(self._names)
        for application in applications:
            self._names[application.code] = visibly(application.name)
        if self._names != known:
            self.changed.emit()
