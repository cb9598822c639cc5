"""What failed since the program was started: kept in memory, to be looked at later."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from ibconsole.ui.toolkit import times

# More than anybody reads; what happens over and over must not fill the memory.
MOST = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """When it happened (milliseconds since the epoch), what was at work, and what went wrong."""

    id: int
    at: int
    task: str
    sentence: str
    details: str = ""


class FailureLog(QObject):
    """The latest failures, the newest first; `changed` tells that there are others."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: deque[Failure] = deque(maxlen=MOST)
        self._next = 1

    @property
    def kept(self) -> Sequence[Failure]:
        """All that are kept, the newest first."""
        return list(reversed(self._kept))

    def add(self, task: str, sentence: str, details: str = "") -> Failure:
        """Remember a failure."""
        failure = Failure(self._next, times.now_ms(), task, sentence, details)
        self._next += 1
        self._kept.append(failure)
        self.changed.emit()
        return failure

    def clear(self) -> None:
        """Forget them: they were seen."""
        self._kept.clear()
        self.changed.emit()
