"""The computer's clock, in the unit that the archive and the window use."""

import time
from collections.abc import Callable

_LARGEST_STEP = 3_600_000  # ms by which a clock is corrected in ordinary use


def now_ms() -> int:
    """Return the wall clock in milliseconds since the epoch, UTC; it may jump either way."""
    return time.time_ns() // 1_000_000


def elapsed_ms() -> int:
    """Return milliseconds since an arbitrary instant, by a clock that cannot be set.

    It counts the time that the computer is suspended.
    """
    # Linux's CLOCK_MONOTONIC stands still meanwhile; that of macOS and Windows does not.
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
    if hasattr(time, "CLOCK_MONOTONIC"):
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000_000
    return time.monotonic_ns() // 1_000_000


class LeapDetector:
    """Detects that the wall clock was set while the program runs.

    Corrections of up to an hour are no leap, and one that is undone is none either.
    """

    def __init__(
        self, wall: Callable[[], int] = now_ms, elapsed: Callable[[], int] = elapsed_ms
    ) -> None:
        self._wall = wall
        self._elapsed = elapsed
        self._offset = wall() - elapsed()

    @property
    def leapt(self) -> bool:
        """True if the wall clock is not where it should be after the time that has passed."""
        return abs(self._wall() - self._elapsed() - self._offset) > _LARGEST_STEP

    def accept(self) -> None:
        """Take the clock as it is now for right."""
        self._offset = self._wall() - self._elapsed()
