"""The account's allowance of requests (platform.md §2), shared by everything that sends.

Costs no task and no timer: whoever is first in line sleeps until there is room.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


class Budget:
    """At most 10 requests start in any 1.05 s; the rest wait in line.

    The window is longer than the platform's second, because requests may arrive closer
    together than they were sent.
    """

    def __init__(
        self,
        starts: int = 10,
        window: float = 1.05,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._window = window
        self._clock = clock
        self._sleep = sleep
        self._starts = deque([-math.inf] * starts, maxlen=starts)
        self._closed_until = -math.inf
        self._urgent: deque[asyncio.Event] = deque()
        self._patient: deque[asyncio.Event] = deque()

    async def turn(self, *, urgent: bool = False) -> None:
        """Wait until a request may start, and count it as started.

        First come, first served, but the urgent go before all others. Being cancelled
        gives the place in line to the next.
        """
        line = self._urgent if urgent else self._patient
        first = asyncio.Event()
        line.append(first)
        try:
            while (wait := self._wait(first)) != 0:
                if wait is None:
                    first.clear()
                    await first.wait()
                else:
                    await self._sleep(wait)
            self._starts.append(self._clock())
        finally:
            line.remove(first)
            self._call_first()

    def pause(self, seconds: float) -> None:
        """Let nothing start for so many seconds: the platform asked for it."""
        self._closed_until = max(self._closed_until, self._clock() + seconds)

    def _wait(self, place: asyncio.Event) -> float | None:
        """Seconds until this place may start; None while somebody else is first."""
        if (self._urgent or self._patient)[0] is not place:
            return None
        free_at = max(self._starts[0] + self._window, self._closed_until)
        return max(0.0, free_at - self._clock())

    def _call_first(self) -> None:
        if line := self._urgent or self._patient:
            line[0].set()
