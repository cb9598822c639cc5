"""Facts for the tests of the watch: a connection to which messages come in a rhythm."""

from collections.abc import Awaitable, Callable, Sequence

from ibconsole.errors import UserError
from ibconsole.services.diagnosis import Facts
from ibconsole.services.runtime import Alarm
from ibconsole.services.watch.facts import (
    ArrivalHistory,
    StoredArrivals,
    WatchFacts,
    WatchPlan,
)

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
NOW = 1_796_126_400_000  # Tuesday, 2026-12-01, 12:00 UTC
BUSY = (9,) * 8  # bursts at this time of other days
QUIET = (0,) * 8
PLAN = WatchPlan("c", name="Kestrel")


def steady(until: int, *, every: int = 5 * MINUTE, count: int = 100) -> tuple[int, ...]:
    """Return times of arrivals at intervals, the last at `until`."""
    return tuple(until - every * number for number in reversed(range(count)))


def silent(
    silence: int,
    *,
    counts: Sequence[int | None] | None = BUSY,
    watching_since: int = 0,
    application: str = "",
    every: int = 5 * MINUTE,
) -> WatchFacts:
    """Return the facts of a connection or application that is silent for so long."""
    history = ArrivalHistory(
        steady(NOW - silence, every=every),
        NOW - 30 * DAY,
        application,
        application and "Lumen",
        None if counts is None else tuple(counts),
    )
    return WatchFacts(NOW, watching_since, StoredArrivals((history,)))


def by_key(*alarms: Alarm) -> dict[tuple[str, ...], Alarm]:
    """Return alarms as those that have not ended."""
    return {one.key: one for one in alarms}


def answers(*given: Facts | UserError | None) -> Callable[[], Awaitable[Facts | None]]:
    """Return a look that gives these facts, one after the other."""
    remaining = list(given)

    async def collect() -> Facts | None:
        answer = remaining.pop(0)
        if isinstance(answer, UserError):
            raise answer
        return answer

    return collect
