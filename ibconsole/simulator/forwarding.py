"""Posts messages to forward URLs, and again until they are taken (platform.md §5).

The retry rule, the number of connections and the time-out are what is assumed of the platform.
"""

import asyncio
import heapq
import ipaddress
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ibconsole.http1 import send
from ibconsole.simulator.answers import dump
from ibconsole.simulator.clock import Clock
from ibconsole.simulator.inbox import ROOM, Way

_PRINTABLE = re.compile(r"[!-~]+")


def forwardable(url: str) -> bool:
    """Whether messages could be posted to this URL: http or https, with a host."""
    if not _PRINTABLE.fullmatch(url) or "\\" in url:
        return False
    parts = _split(url)
    return parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)


def stays_here(url: str) -> bool:
    """Whether a URL leads to this machine's loopback, by its host alone.

    Unusual spellings of an address count as elsewhere: whoever resolves them might not
    agree with us.
    """
    parts = _split(url)
    return parts is not None and is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a host, or the address of a peer with or without port, is loopback."""
    if host.lower() == "localhost":
        return True
    for address in (host, host.rpartition(":")[0].strip("[]")):
        try:
            return ipaddress.ip_address(address).is_loopback
        except ValueError:
            continue
    return False


def _split(url: str) -> SplitResult | None:
    """The parts of a URL; None if it is none, or its port is no port."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


CONNECTIONS = 20
RETRIES = 20
TIMEOUT = 10.0
_HEADERS = ((b"Content-Type", b"application/json;charset=UTF-8"),)


def pause_before_retry(number: int) -> float:
    """The platform's seconds before retry 0, 1, 2 …: 1 min + n² min."""
    return 60.0 + 60.0 * number**2


@dataclass(order=True, slots=True)
class _Errand:
    due: float
    number: int
    way: Way = field(compare=False)
    body: bytes = field(compare=False)


class Forwarder:
    """Delivers messages to URLs while run() runs; to loopback only, unless `anywhere`.

    Only the answer 200 counts as delivered. After 20 retries a message is lost.
    """

    def __init__(self, clock: Clock, *, anywhere: bool, room: int = ROOM) -> None:
        self._anywhere = anywhere
        self.attempts = self.delivered = self.lost = self.refused_hosts = 0
        self._clock = clock
        self._room = room
        self._errands: list[_Errand] = []
        self._at_work: dict[int, _Errand] = {}
        self._made = 0
        self._news = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Messages that are neither delivered nor lost yet."""
        return len(self._errands) + len(self._at_work)

    def hand(self, message: Any, way: Way) -> None:
        """Take a message to way.url; lost at once if too many wait already."""
        if not (self._anywhere or stays_here(way.url)):
            self.refused_hosts += 1
            way.state = "not allowed"
            return
        if self.waiting >= self._room:
            self._lose(way)
            return
        self._made += 1
        envelope = {"results": [message], "messageCount": 1, "pendingMessageCount": 0}
        self._plan(_Errand(self._clock.now(), self._made, way, dump(envelope)))

    def wake(self) -> None:
        """Look again at what is due, since the clock was changed."""
        self._news.set()

    async def run(self) -> None:
        """Post what is due, on at most 20 connections at once; ends on cancellation only.

        An errand under way at that moment is due again in the next run.
        """
        free = asyncio.Semaphore(CONNECTIONS)
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    await free.acquire()
                    errand = await self._next()
                    self._at_work[errand.number] = errand
                    posting = group.create_task(self._post(errand))
                    posting.add_done_callback(lambda _: free.release())
        finally:
            for errand in self._at_work.values():
                self._plan(errand)
            self._at_work.clear()

    async def _next(self) -> _Errand:
        while not self._errands or self._errands[0].due > self._clock.now():
            self._news.clear()
            left = self._clock.until(self._errands[0].due) if self._errands else None
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._news.wait()
        return heapq.heappop(self._errands)

    async def _post(self, errand: _Errand) -> None:
        way = errand.way
        self.attempts += 1
        way.attempts += 1
        exchange = await send(way.url, headers=_HEADERS, body=errand.body, timeout=TIMEOUT)
        del self._at_work[errand.number]
        if exchange.status == 200:
            self.delivered += 1
            way.state = "delivered"
        elif way.attempts > RETRIES:
            self._lose(way)
        else:
            errand.due = self._clock.now() + pause_before_retry(way.attempts - 1)
            self._plan(errand)

    def _plan(self, errand: _Errand) -> None:
        heapq.heappush(self._errands, errand)
        self._news.set()

    def _lose(self, way: Way) -> None:
        self.lost += 1
        way.state = "lost"
