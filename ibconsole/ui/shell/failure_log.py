"""The failures since the program was started, kept in memory for the dialog "Error log"."""

from collections import deque
from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QObject, Signal

from ibconsole.clock import now_ms

# A failure that repeats for ever must not fill the memory.
MAX_FAILURES = 200


class Failure(msgspec.Struct, frozen=True):
    """A failure of a task; `at` is its time in milliseconds since the epoch."""

    id: int
    at: int
    task: str
    sentence: str
    details: str = ""


class FailureLog(QObject):
    """The latest `MAX_FAILURES` failures; `changed` is emitted when the list has changed."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._failures: deque[Failure] = deque(maxlen=MAX_FAILURES)
        self._next = 1

    @property
    def failures(self) -> Sequence[Failure]:
        """All failures, the newest first."""
        return list(reversed(self._failures))

    def add(self, task: str, sentence: str, details: str = "") -> Failure:
        """Add a failure with the present time; return it."""
        failure = Failure(self._next, now_ms(), task, sentence, details)
        self._next += 1
        self._failures.append(failure)
        self.changed.emit()
        return failure

    def clear(self) -> None:
        """Remove all failures."""
        self._failures.clear()
        self.changed.emit()
