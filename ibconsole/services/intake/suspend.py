"""Detection of a suspended computer: its clock goes on while no program runs."""

import time
from collections.abc import Callable

_LONGEST_GAP = 20.0  # seconds that may pass between two checks on a busy computer


class SuspendDetector:
    """Detects suspensions from jumps of the wall clock between two checks.

    To be checked about once a second. A clock that is set forward looks like a suspension; one
    that is set back is ignored.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._checked_at: float | None = None

    def check(self) -> tuple[int, int] | None:
        """Return the start and the end of a suspension since the last check; None without one.

        Both in milliseconds since the epoch.
        """
        before, self._checked_at = self._checked_at, self._clock()
        if before is None or self._checked_at - before < _LONGEST_GAP:
            return None
        return round(1000 * before), round(1000 * self._checked_at)
