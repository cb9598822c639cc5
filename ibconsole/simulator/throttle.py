"""The rate limit of an account."""

import time
from collections import deque
from collections.abc import Callable


class Throttle:
    """Lets at most `calls` through in any `seconds`; refused calls do not count."""

    def __init__(
        self,
        calls: int = 10,
        seconds: float = 1.0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._calls = calls
        self._seconds = seconds
        self._clock = clock
        self._passed: deque[float] = deque(maxlen=calls)

    def admits(self) -> bool:
        """Whether a call may pass now; if so, it has passed."""
        now = self._clock()
        if len(self._passed) == self._calls and now - self._passed[0] < self._seconds:
            return False
        self._passed.append(now)
        return True
