"""The computer's clock, in the unit that the archive and the window use."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

_LARGEST_STEP = 3_600_000  # ms by which a clock is corrected in ordinary use
_LATE = 60_000  # ms by which a check on a busy computer may be late, or the clock be corrected


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


@dataclass(frozen=True)
class TimeSpan:
    """A span of wall-clock time, such as from a request to its answer, in ms since the epoch."""

    began: int
    ended: int


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


@dataclass(frozen=True)
class SteadyPeriod:
    """A period without a break, for what is measured across several checks, in milliseconds.

    It began at the time `began` and was checked last at the time `wall`, when `elapsed_ms` returned
    `elapsed`.
    """

    began: int
    wall: int
    elapsed: int

    def advance(self, wall: int, elapsed: int, interval: int) -> "SteadyPeriod":
        """Return the period at the next check, which was due after `interval`.

        A new one begins if the computer was suspended meanwhile, or if the wall clock was set.
        """
        passed = elapsed - self.elapsed
        leapt = abs(wall - self.wall - passed) > _LATE
        began = wall if leapt or passed > interval + _LATE else self.began
        return replace(self, began=began, wall=wall, elapsed=elapsed)
