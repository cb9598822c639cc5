"""The platform's time, which may go faster than ours."""

import time
from collections.abc import Callable


class Clock:
    """Counts the platform's seconds since the start, `speed` of them in one of ours."""

    def __init__(self, speed: float, *, ours: Callable[[], float] = time.monotonic) -> None:
        self._speed = speed
        self._ours = ours
        self._since = ours()
        self._passed = 0.0

    def now(self) -> float:
        """The platform's seconds since the start."""
        return self._passed + (self._ours() - self._since) * self._speed

    def hasten(self, speed: float) -> None:
        """Go on at another speed from now on; what has passed stays passed."""
        self._passed = self.now()
        self._since = self._ours()
        self._speed = speed

    def until(self, moment: float) -> float:
        """How many of our seconds are left until a moment of the platform's time; never < 0."""
        return max(0.0, (moment - self.now()) / self._speed)
