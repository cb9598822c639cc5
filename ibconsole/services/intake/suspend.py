"""Notices that this computer slept: its clock goes on while no program runs."""

import time
from collections.abc import Callable

_LONGEST = 20.0  # seconds between two looks that a busy computer may make of one


class SuspendDetector:
    """Looked at about once a second, tells when the clock went far in between.

    A clock that somebody sets forward looks the same; one that is set back is passed over.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._seen: float | None = None

    def noticed(self) -> tuple[int, int] | None:
        """From when to when, in milliseconds since the epoch; None if there was no jump."""
        before, self._seen = self._seen, self._clock()
        if before is None or self._seen - before < _LONGEST:
            return None
        return round(1000 * before), round(1000 * self._seen)
