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


_LOOK = 0.05


class Turn:
    """A request that was let go, and by when the platform has counted it at the latest."""

    def __init__(self, clock: Clock, slack: float) -> None:
        self._clock = clock
        self.counted_at = clock() + slack
        self.answered = False

    def answer(self) -> None:
        """The platform has answered, so it has counted the request."""
        self.counted_at = min(self.counted_at, self._clock())
        self.answered = True


class Budget:
    """The platform counts at most 10 requests in any 1.05 s; the rest wait in line.

    When it counts a request is not when it was sent: a first connection can hold one up
    until it arrives together with the next ones. So what was answered counts from its
    answer on, and what was not from `slack` seconds after it was sent.
    """

    def __init__(
        self,
        starts: int = 10,
        window: float = 1.05,
        slack: float = 0.5,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._window = window
        self._slack = slack
        self._clock = clock
        self._sleep = sleep
        self._turns: deque[Turn] = deque(maxlen=starts)
        self._closed_until = -math.inf
        self._urgent: deque[asyncio.Event] = deque()
        self._patient: deque[asyncio.Event] = deque()

    async def turn(self, *, urgent: bool = False) -> Turn:
        """Wait until a request may start, and count it as started.

        First come, first served, but the urgent go before all others. Being cancelled
        gives the place in line to the next. Call `answer` of the turn when it is answered.
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
            turn = Turn(self._clock, self._slack)
            self._turns.append(turn)
            return turn
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
        free_at = self._closed_until
        if len(self._turns) == self._turns.maxlen:
            free_at = max(free_at, min(turn.counted_at for turn in self._turns) + self._window)
        wait = max(0.0, free_at - self._clock())
        # An answer may make room before it was expected.
        return wait if all(turn.answered for turn in self._turns) else min(wait, _LOOK)

    def _call_first(self) -> None:
        if line := self._urgent or self._patient:
            line[0].set()
