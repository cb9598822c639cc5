"""The shipping to teams, as the engine sees it: a lane for each account of each team.

Everything is stored on this disk first. A lane copies it to the team's archive as soon as it can,
and its state is a line of the status.
"""

import asyncio
import socket
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from ibconsole.archive import ArchiveError
from ibconsole.archive.outbox import Outbox, SetAsideRow
from ibconsole.files import is_missing
from ibconsole.services.audit import user_name
from ibconsole.services.connections import TeamAccess
from ibconsole.services.runtime import Paths, TeamState, TeamStatus
from ibconsole.services.team.lane import ShipperIdentity, ShippingLane
from ibconsole.services.team.shipping_run import ShippingLimits
from ibconsole.team_archive import TeamAddress

_WATCH_INTERVAL = 1.0
_JOIN_SECONDS = 2.0
_DRAIN_INTERVAL = 0.05


class Shipper:
    """Ships what is stored of connections to their teams, within its `async with` block.

    `on_status` is called on the loop with every change. `identity` names this archive to the team.
    """

    def __init__(
        self,
        paths: Paths,
        on_status: Callable[[TeamStatus], None],
        *,
        identity: ShipperIdentity | None = None,
        limits: ShippingLimits | None = None,
    ) -> None:
        self._paths = paths
        self._on_status = on_status
        self._identity = identity or ShipperIdentity(default_label())
        self._limits = limits or ShippingLimits()
        self._lanes: dict[TeamAddress, ShippingLane] = {}
        self._loop = asyncio.get_running_loop()
        self._watch: asyncio.TimerHandle | None = None
        self._reporting: asyncio.Future[None] | None = None
        self._status = TeamStatus()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._watch_lanes()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._watch:
            self._watch.cancel()
        if self._reporting:
            await self._reporting
        await self._end(list(self._lanes.values()))
        self._lanes.clear()

    @property
    def status(self) -> TeamStatus:
        """The state of every lane."""
        return self._status

    async def share(
        self, accesses: Mapping[str, TeamAccess], *, unshared: Collection[str] = ()
    ) -> None:
        """Ship these connections from now on, by their UUIDs, and no others from this process.

        What is stored of a connection that is new is shipped as well. Of `unshared` connections,
        which have no team any more, nothing waits afterwards. Raises ArchiveError.
        """
        if unshared:
            await asyncio.to_thread(self._remove_targets, sorted(unshared))
        by_address: dict[TeamAddress, list[str]] = {}
        for connection, access in sorted(accesses.items()):
            by_address.setdefault(access.address, []).append(connection)
        wanted = {
            address: (_best([accesses[one] for one in connections]), tuple(connections))
            for address, connections in by_address.items()
        }
        ended = [
            self._lanes.pop(address)
            for address, lane in list(self._lanes.items())
            if wanted.get(address) != (lane.access, lane.connections)
        ]
        await self._end(ended)
        for address, (access, connections) in wanted.items():
            if address not in self._lanes:
                self._lanes[address] = self._new_lane(access, connections)
        self._publish()

    def wake(self) -> None:
        """Ship what was stored just now."""
        for lane in self._lanes.values():
            lane.wake()

    async def drain(self, seconds: float) -> int:
        """Wait until nothing waits that can be shipped now, for a time at most.

        Returns the number of rows that wait still. Does not wait for a team that is away.
        """
        until = self._loop.time() + seconds
        self.wake()
        counts = await asyncio.to_thread(self._count_waiting)
        while any(counts.values()) and self._loop.time() < until:
            if not any(counts[lane.target] and _moves(lane) for lane in self._lanes.values()):
                break
            await asyncio.sleep(_DRAIN_INTERVAL)
            counts = await asyncio.to_thread(self._count_waiting)
        return sum(counts.values())

    async def set_aside(self, limit: int = 1_000) -> Sequence[SetAsideRow]:
        """Return the rows that teams' archives refused, with the reasons. Raises ArchiveError."""

        def read() -> Sequence[SetAsideRow]:
            with Outbox(self._paths.archive) as outbox:
                return outbox.set_aside_rows(limit)

        return await asyncio.to_thread(read)

    def retry_set_aside(self) -> None:
        """Try again to ship what was refused."""
        for lane in self._lanes.values():
            lane.retry_set_aside()

    def _new_lane(self, access: TeamAccess, connections: Sequence[str]) -> ShippingLane:
        lane = ShippingLane(
            self._paths,
            access,
            connections,
            self._identity,
            lambda _: self._loop.call_soon_threadsafe(self._publish),
            self._limits,
        )
        lane.start()
        return lane

    async def _end(self, lanes: Sequence[ShippingLane]) -> None:
        """Stop lanes after the batch in progress; those that the server leaves waiting are cut."""
        for lane in lanes:
            lane.stop()
        for lane in lanes:
            if not await asyncio.to_thread(lane.join, _JOIN_SECONDS):
                lane.break_off_silent(0.0)
                await asyncio.to_thread(lane.join, _JOIN_SECONDS)

    def _watch_lanes(self) -> None:
        for lane in self._lanes.values():
            lane.break_off_silent()
            if lane.is_quiet and (self._reporting is None or self._reporting.done()):
                self._reporting = self._loop.run_in_executor(None, _report_quiet, lane)
        self._watch = self._loop.call_later(_WATCH_INTERVAL, self._watch_lanes)

    def _publish(self) -> None:
        status = TeamStatus(tuple(lane.link for lane in self._lanes.values()))
        if status != self._status:
            self._status = status
            self._on_status(status)

    def _count_waiting(self) -> dict[str, int]:
        with Outbox(self._paths.archive) as outbox:
            return {lane.target: outbox.backlog(lane.target).rows for lane in self._lanes.values()}

    def _remove_targets(self, connections: Sequence[str]) -> None:
        with Outbox(self._paths.archive) as outbox:
            outbox.remove_targets(connections)


def default_label() -> str:
    """Return the name of this user and computer, by which a team recognizes an archive."""
    return f"{user_name()}@{socket.gethostname()}"


def forget_targets(archive: Path, connection: str) -> None:
    """Ship nothing more of a connection that is removed; what is stored stays on this disk.

    Raises ArchiveError.
    """
    if not is_missing(archive):
        with Outbox(archive) as outbox:
            outbox.remove_targets([connection])


def _best(accesses: Sequence[TeamAccess]) -> TeamAccess:
    """Return the access of several connections that is likeliest to be admitted."""
    return min(accesses, key=lambda one: (bool(one.problem), one.password is None))


def _report_quiet(lane: ShippingLane) -> None:
    with suppress(ArchiveError):  # the lane reports it when it can
        lane.report_quiet()


def _moves(lane: ShippingLane) -> bool:
    """Return whether what waits is about to be shipped, by any process of this computer."""
    return lane.link.state in {TeamState.CONNECTING, TeamState.SHIPPING, TeamState.ELSEWHERE}
