"""Members of a simulated team: they store messages on their disk, and ship them meanwhile.

    python benchmarks/team_members.py URL DIRECTORY LABEL RATE SECONDS

As a command: one member, which stores RATE messages a second. A quarter of them are forwards of one
message each, the others come in pulls. Prints figures as JSON once everything is shipped.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import msgspec

from feed_data import arrival, envelope, message, vocabulary
from ibconsole.archive import Archive
from ibconsole.services.connections import TeamAccess
from ibconsole.services.runtime import Paths, TeamLink, TeamStatus
from ibconsole.services.team import Shipper, ShipperIdentity
from ibconsole.team_archive import TeamAddress

ACCOUNT = "acme"
CONNECTION = "c"
_TICK = 0.1  # seconds
_DRAINED_WITHIN = 1800.0


class Messages:
    """An endless supply of messages of words that are as unequally frequent as a language's."""

    def __init__(self, seed: int) -> None:
        self._words = vocabulary()
        self._generator = random.Random(seed)  # noqa: S311 not for secrets
        self._count = 0

    def take(self, count: int) -> list[dict[str, Any]]:
        """Return the next messages."""
        numbers = range(self._count, self._count + count)
        self._count += count
        return [message(one, self._words, self._generator) for one in numbers]


def store(archive: Archive, elements: list[dict[str, Any]]) -> int:
    """Store a quarter of the messages as forwards of one each, the others as one pull.

    Returns the number of deliveries.
    """
    forwarded = len(elements) // 4
    arrivals = [
        msgspec.structs.replace(arrival(envelope([one])), connection=CONNECTION)
        for one in elements[:forwarded]
    ]
    if arrivals:
        archive.decode(archive.add_forwards(arrivals))
    pulled = elements[forwarded:]
    delivery = archive.begin_pull(
        connection=CONNECTION, base_url="https://example.org", limit=len(pulled)
    )
    archive.append_answer(delivery, envelope(pulled))
    archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
    return len(arrivals) + 1


class Member:
    """A computer that ships what it stores, within its `async with` block."""

    def __init__(
        self,
        directory: Path,
        address: TeamAddress,
        label: str = "member",
        *,
        is_collector: bool = False,
    ) -> None:
        self.paths = Paths(directory)
        self._address = address
        self._changed = asyncio.Event()
        identity = ShipperIdentity(label, is_collector=is_collector)
        self._shipper = Shipper(self.paths, self._on_status, identity=identity)

    async def __aenter__(self) -> Self:
        await self._shipper.__aenter__()
        await self._shipper.share({CONNECTION: TeamAccess(self._address)})
        return self

    async def __aexit__(self, *details: object) -> None:
        await self._shipper.__aexit__(*details)

    @property
    def link(self) -> TeamLink:
        """The state of the shipping."""
        return self._shipper.status.links[0]

    def wake(self) -> None:
        """Ship what was stored."""
        self._shipper.wake()

    async def until(self, **wanted: object) -> float:
        """Wait until the link has these values; return the seconds that it took."""
        began = time.perf_counter()
        async with asyncio.timeout(_DRAINED_WITHIN):
            while any(getattr(self.link, name) != value for name, value in wanted.items()):
                self._changed.clear()
                await self._changed.wait()
        return time.perf_counter() - began

    def _on_status(self, _: TeamStatus) -> None:
        self._changed.set()


def ticks(rate: float, seconds: float) -> Iterator[int]:
    """Yield the number of messages that are due, ten times a second."""
    began, sent = time.monotonic(), 0
    while sent < rate * seconds:
        elapsed = min(time.monotonic() - began + _TICK, seconds)
        if (due := int(rate * elapsed) - sent) > 0:
            yield due
            sent += due
        time.sleep(max(0.0, began + sent / rate - time.monotonic()))


async def run_member(member: Member, rate: float, seconds: float, seed: int) -> dict[str, float]:
    """Store at this rate, ship, and return figures."""
    loop = asyncio.get_running_loop()

    def store_all() -> int:
        supply, stored = Messages(seed), 0
        with Archive(member.paths.archive) as archive:
            for count in ticks(rate, seconds):
                store(archive, supply.take(count))
                loop.call_soon_threadsafe(member.wake)
                stored += count
        return stored

    async with member:
        await member.until(state="shipping")
        began = time.perf_counter()
        stored = await asyncio.to_thread(store_all)
        storing = time.perf_counter() - began
        waiting = member.link.waiting
        draining = await member.until(waiting=0)
        return {
            "stored": stored,
            "per_second": stored / storing,
            "waiting": waiting,
            "draining": draining,
            "set_aside": member.link.set_aside,
        }


async def main() -> None:
    """Be one member."""
    url, directory, label, rate, seconds = sys.argv[1:]
    member = Member(Path(directory), TeamAddress(url, ACCOUNT), label)
    figures = await run_member(member, float(rate), float(seconds), sum(label.encode()))
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
