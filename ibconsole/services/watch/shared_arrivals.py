"""The arrivals of a connection from this disk and, where it names a team, from the team's record.

What waits on this disk to be shipped is not in the team's record yet, so that both are read. A
team's archive that does not answer in time is away: what is on this disk is half of the facts then.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from ibconsole.lazy import LazyModule
from ibconsole.services.connections import TeamAccess
from ibconsole.services.watch.facts import (
    ArrivalHistory,
    ListenerAnswer,
    PendingFigure,
    StoredArrivals,
    WatchFacts,
    WatchPlan,
)
from ibconsole.services.watch.stored_arrivals import ArrivalReader
from ibconsole.team_archive import TeamArchiveError, TeamUnavailable

if TYPE_CHECKING:
    from ibconsole import team_archive
else:  # imported with the first team
    team_archive = LazyModule("ibconsole.team_archive")

_PATIENCE = 15.0  # seconds in which a team's archive has to answer
_LATEST = 200  # arrivals of an application

T = TypeVar("T", ListenerAnswer, PendingFigure)


class SharedArrivals:
    """Reads the arrivals of one connection, by its UUID, from every record that has some.

    `team` returns the connection's team, None without one; `at_once` as in `ArrivalReader`. A
    connection to the team's archive is open during a look only.
    """

    def __init__(
        self,
        path: Path,
        connection: str,
        team: Callable[[], TeamAccess | None],
        *,
        at_once: bool = False,
        patience: float = _PATIENCE,
    ) -> None:
        self._path = path
        self._connection = connection
        self._team = team
        self._at_once = at_once
        self._patience = patience
        self._disk = ArrivalReader(path, connection, at_once=at_once)
        self._shared: tuple[TeamAccess, ArrivalReader] | None = None

    async def read(
        self, plans: Sequence[WatchPlan], names: Mapping[str, str], facts: WatchFacts
    ) -> tuple[StoredArrivals, str]:
        """Read what these plans are judged by; also return why the team's record is away.

        Raises ArchiveError if the archive on this disk cannot be read.
        """
        own = await asyncio.to_thread(self._disk.read, plans, names, facts)
        access = self._team()
        if access is None:
            self._shared = None
            return own, ""
        try:
            return joined(own, await self._read_team(access, plans, names, facts)), ""
        except TeamArchiveError as error:
            self._shared = None  # its thread may still wait for the database
            return own, str(error)

    async def _read_team(
        self,
        access: TeamAccess,
        plans: Sequence[WatchPlan],
        names: Mapping[str, str],
        facts: WatchFacts,
    ) -> StoredArrivals:
        if access.problem:
            raise TeamArchiveError(access.problem)
        if self._shared is None or self._shared[0] != access:
            arrivals = ArrivalReader(
                self._path, self._connection, at_once=self._at_once, ids_are_ordered=False
            )
            self._shared = access, arrivals
        arrivals = self._shared[1]
        reader = team_archive.TeamReader(
            access.address, access.password, connection=self._connection, purpose="watch"
        )

        def read() -> StoredArrivals:
            with reader:
                return arrivals.read_record(reader, plans, names, facts)

        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.to_thread(read)
        except TimeoutError:
            raise TeamUnavailable(
                f"The team's archive at {access.address.label} has not answered for"
                f" {self._patience:g} s."
            ) from None
        finally:
            reader.abort()


def joined(own: StoredArrivals, team: StoredArrivals) -> StoredArrivals:
    """Return the arrivals of both records; what was shipped is in both, and counts once."""
    histories = {one.application: one for one in own.histories}
    for one in team.histories:
        former = histories.get(one.application)
        histories[one.application] = _joined_history(former, one) if former else one
    whole = [histories.pop("")] if "" in histories else []
    pulls = sorted({*own.pulls, *team.pulls})
    last = [one for one in (own.pull, team.pull) if one]
    return StoredArrivals(
        histories=(*whole, *(histories[code] for code in sorted(histories))),
        answers=_newest_first((*own.answers, *team.answers)),
        own_answers=own.own_answers,
        figures=_newest_first((*own.figures, *team.figures)),
        # Of the same pull that of the team, which says who pulled.
        pull=max(reversed(last), key=lambda one: one.last_at or 0, default=None),
        pulls=tuple(reversed(pulls)),
    )


def _joined_history(own: ArrivalHistory, team: ArrivalHistory) -> ArrivalHistory:
    newer, other = sorted((own, team), key=lambda one: one.times[-1:], reverse=True)
    firsts = [one.first_at for one in (own, team) if one.first_at is not None]
    return replace(
        newer,
        times=tuple(sorted({*own.times, *team.times})[-_LATEST:]),
        first_at=min(firsts, default=None),
        counts=newer.counts if newer.counts is not None else other.counts,
    )


def _newest_first(found: Iterable[T]) -> tuple[T, ...]:
    return tuple(sorted(set(found), key=lambda one: one.at, reverse=True))
