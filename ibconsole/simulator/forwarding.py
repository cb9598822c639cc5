"""The delivery of messages to forward URLs, with retries (platform.md §5).

The retry policy, the number of connections and the time-out are assumptions about the platform.
The checks of URLs and hosts are the simulator's own, so that no mistake is shared with a client.
"""

import asyncio
import heapq
import ipaddress
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ibconsole.http1 import RequestFailure, send
from ibconsole.simulator.answers import dump
from ibconsole.simulator.clock import SimulatedClock
from ibconsole.simulator.inbox import CAPACITY, MessageRoute, RouteState
from ibconsole.simulator.sender_look import PLAIN_LOOK, SenderLook
from ibconsole.simulator.settings import PUBLISHED_DELAYS

_PRINTABLE = re.compile(r"[!-~]+")


@dataclass(order=True, slots=True)
class _ForwardJob:
    due: float
    number: int
    route: MessageRoute = field(compare=False)
    body: bytes = field(compare=False)
    message_id: str = field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class ForwardAttempt:
    """An attempt to forward a message, the `number`-th from 1; times in simulated seconds.

    `status` is None if there was no answer, and `problem` says what was wrong with one.
    """

    message_id: str
    number: int
    began: float
    ended: float
    status: int | None
    problem: str
    accepted: bool
    is_timeout: bool


class Forwarder:
    """Posts messages to URLs while `run` runs; to loopback only, unless `anywhere`.

    Its requests have this look. Only a whole answer with status 200 counts as delivered. Before
    each retry the next of `delays` passes, in simulated seconds; without one a message is lost.
    `timeout` is in real seconds. `on_attempt` is called after each attempt.
    """

    def __init__(
        self,
        clock: SimulatedClock,
        *,
        anywhere: bool,
        capacity: int = CAPACITY,
        look: SenderLook = PLAIN_LOOK,
    ) -> None:
        self.delays = PUBLISHED_DELAYS
        self.timeout = 10.0
        self.connections = 20
        self.on_attempt: Callable[[ForwardAttempt], None] | None = None
        self._anywhere = anywhere
        self._look = look
        self.attempts = self.delivered = self.lost = self.refused_hosts = 0
        self._clock = clock
        self._capacity = capacity
        self._scheduled: list[_ForwardJob] = []
        self._in_flight: dict[int, _ForwardJob] = {}
        self._count = 0
        self._rescheduled = asyncio.Event()

    @property
    def waiting(self) -> int:
        """The number of messages that are neither delivered nor lost yet."""
        return len(self._scheduled) + len(self._in_flight)

    def submit(self, message: Any, route: MessageRoute) -> None:
        """Schedule a message for delivery to route.url; it is lost if the queue is full."""
        if not (self._anywhere or targets_loopback(route.url)):
            self.refused_hosts += 1
            route.state = RouteState.NOT_ALLOWED
            return
        if self.waiting >= self._capacity:
            self._lose(route)
            return
        self._count += 1
        envelope = {"results": [message], "messageCount": 1, "pendingMessageCount": 0}
        identity = str(message.get("messageId", "")) if isinstance(message, dict) else ""
        now = self._clock.now()
        self._schedule(_ForwardJob(now, self._count, route, dump(envelope), identity))

    def wake(self) -> None:
        """Check again which jobs are due, after a change of the clock's speed."""
        self._rescheduled.set()

    async def run(self) -> None:
        """Post the jobs that are due, on at most `connections` at once, until cancelled.

        A job in flight at that moment is due again in the next run.
        """
        free = asyncio.Semaphore(self.connections)
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    await free.acquire()
                    job = await self._next_due()
                    self._in_flight[job.number] = job
                    posting = group.create_task(self._post(job))
                    posting.add_done_callback(lambda _: free.release())
        finally:
            for job in self._in_flight.values():
                self._schedule(job)
            self._in_flight.clear()

    async def _next_due(self) -> _ForwardJob:
        while not self._scheduled or self._scheduled[0].due > self._clock.now():
            self._rescheduled.clear()
            left = self._clock.seconds_until(self._scheduled[0].due) if self._scheduled else None
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._rescheduled.wait()
        return heapq.heappop(self._scheduled)

    async def _post(self, job: _ForwardJob) -> None:
        route = job.route
        self.attempts += 1
        route.attempts += 1
        request = self._look.encode(route.url, job.body)
        began = self._clock.now()
        exchange = await send(route.url, request=request, timeout=self.timeout)
        ended = self._clock.now()
        del self._in_flight[job.number]
        accepted = exchange.status == 200 and exchange.failure is None
        if accepted:
            self.delivered += 1
            route.state = RouteState.DELIVERED
        elif route.attempts > len(self.delays):
            self._lose(route)
        else:
            job.due = ended + self.delays[route.attempts - 1]
            self._schedule(job)
        if self.on_attempt:
            is_timeout = exchange.failure is RequestFailure.TIMEOUT
            answer = exchange.status, exchange.problem, accepted, is_timeout
            self.on_attempt(ForwardAttempt(job.message_id, route.attempts, began, ended, *answer))

    def _schedule(self, job: _ForwardJob) -> None:
        heapq.heappush(self._scheduled, job)
        self._rescheduled.set()

    def _lose(self, route: MessageRoute) -> None:
        self.lost += 1
        route.state = RouteState.LOST


def is_forwardable(url: str) -> bool:
    """Return whether this is an http or https URL with a host and without blanks."""
    if not _PRINTABLE.fullmatch(url) or "\\" in url:
        return False
    parts = _split(url)
    return parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)


def targets_loopback(url: str) -> bool:
    """Return whether a URL's host is a loopback address of this computer.

    Unusual spellings of an address count as remote, because a resolver may read them
    differently.
    """
    parts = _split(url)
    return parts is not None and is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Return whether a host, or a peer's address with or without port, is loopback."""
    if host.lower() == "localhost":
        return True
    for address in (host, host.rpartition(":")[0].strip("[]")):
        try:
            return ipaddress.ip_address(address).is_loopback
        except ValueError:
            continue
    return False


def _split(url: str) -> SplitResult | None:
    """Return the parts of a URL; None if the URL or its port is invalid."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
