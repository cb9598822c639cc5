"""The account's rate budget (platform.md §2), shared by everything that sends requests.

Needs neither a task nor a timer: the first waiter in the queue sleeps until it may start.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


_POLL_SECONDS = 0.05


class Priority(IntEnum):
    """The order in which waiting requests start: a pull first, then the user's, then others."""

    URGENT = 0
    NORMAL = 1
    BACKGROUND = 2


_current_priority: ContextVar[Priority] = ContextVar("priority", default=Priority.NORMAL)


@contextmanager
def background_requests() -> Iterator[None]:
    """Let the requests of the block wait for all others, and use half of the rate at most."""
    token = _current_priority.set(Priority.BACKGROUND)
    try:
        yield
    finally:
        _current_priority.reset(token)


class RequestSlot:
    """A request that has started, and the latest time at which the platform counts it."""

    def __init__(self, clock: Clock, slack: float) -> None:
        self._clock = clock
        self.counted_at = clock() + slack
        self.answered = False

    def mark_answered(self) -> None:
        """Record that the platform has answered, and therefore counted, the request."""
        self.counted_at = min(self.counted_at, self._clock())
        self.answered = True


class Budget:
    """A rate limit: the platform counts at most 10 requests in any 1.05 s; the rest wait.

    The platform counts a request later than it is sent: a new connection can delay it until
    it arrives together with the next ones. An answered request therefore counts from its
    answer on, an unanswered one from `slack` seconds after it was sent.
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
        self._slots: deque[RequestSlot] = deque(maxlen=starts)
        self._closed_until = -math.inf
        self._starts = starts
        self._queues: dict[Priority, deque[asyncio.Event]] = {one: deque() for one in Priority}

    async def acquire(self, *, urgent: bool = False) -> RequestSlot:
        """Wait until a request may start, and count it as started.

        Requests start in the order of their calls, urgent ones before all others, those of
        `background_requests` after them. A cancelled call gives its place to the next. Call
        `mark_answered` of the slot once the answer arrives.
        """
        priority = Priority.URGENT if urgent else _current_priority.get()
        queue = self._queues[priority]
        waiter = asyncio.Event()
        queue.append(waiter)
        try:
            while (wait := self._seconds_until_start(waiter, priority)) != 0:
                if wait is None:
                    waiter.clear()
                    await waiter.wait()
                else:
                    await self._sleep(wait)
            slot = RequestSlot(self._clock, self._slack)
            self._slots.append(slot)
            return slot
        finally:
            queue.remove(waiter)
            self._wake_first()

    def pause(self, seconds: float) -> None:
        """Start no request for that many seconds; a longer pause already set stays."""
        self._closed_until = max(self._closed_until, self._clock() + seconds)

    def _seconds_until_start(self, waiter: asyncio.Event, priority: Priority) -> float | None:
        """Return the seconds until this waiter may start; None while another one is first."""
        if self._first() is not waiter:
            return None
        free_at = self._closed_until
        is_background = priority is Priority.BACKGROUND
        most = max(1, self._starts // 2) if is_background else self._starts
        if len(self._slots) >= most:
            counted = sorted(slot.counted_at for slot in self._slots)
            free_at = max(free_at, counted[-most] + self._window)
        wait = max(0.0, free_at - self._clock())
        # An answer may free a slot earlier than expected.
        return wait if all(slot.answered for slot in self._slots) else min(wait, _POLL_SECONDS)

    def _first(self) -> asyncio.Event | None:
        return next((queue[0] for queue in self._queues.values() if queue), None)

    def _wake_first(self) -> None:
        if first := self._first():
            first.set()
