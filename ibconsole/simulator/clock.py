"""The simulated platform's clock, which can run faster than real time."""

import time
from collections.abc import Callable


class SimulatedClock:
    """Counts simulated seconds since its creation, `speed` of them per real second."""

    def __init__(self, speed: float, *, real_time: Callable[[], float] = time.monotonic) -> None:
        self._speed = speed
        self._real_time = real_time
        self._since = real_time()
        self._elapsed = 0.0

    def now(self) -> float:
        """Return the simulated seconds since the start."""
        return self._elapsed + (self._real_time() - self._since) * self._speed

    def set_speed(self, speed: float) -> None:
        """Continue at another speed; the time that has elapsed stays the same."""
        self._elapsed = self.now()
        self._since = self._real_time()
        self._speed = speed

    def seconds_until(self, moment: float) -> float:
        """Return the real seconds left until a moment of simulated time, never below 0."""
        return max(0.0, (moment - self.now()) / self._speed)
