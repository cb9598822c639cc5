"""The computers of a team, for tests of pulling: what opens their sessions, and a collector."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ibconsole.services.intake import PullBusy, PullReport
from ibconsole.services.team.pulling import TeamPullPermit
from ibconsole.services.team.session_thread import TeamOpener
from ibconsole.tasks import Tasks
from ibconsole.team_archive import TeamAddress, TeamSession, open_session, register_source
from tests.postgres import TeamDatabase


def opener_of(team: TeamDatabase, name: str, *, is_collector: bool = False) -> TeamOpener:
    """Return what opens sessions of a computer of this name, a collector or an operator's."""
    address = team.address("collector" if is_collector else "operator")
    return opener_at(address, name, is_collector=is_collector)


def opener_at(address: TeamAddress, name: str, *, is_collector: bool = True) -> TeamOpener:
    """Return what opens sessions at an address, such as that of a pooler."""

    def open_registered() -> tuple[TeamSession, int]:
        session = open_session(address, None, "test")
        source = register_source(session, f"archive-{name}", name, is_collector=is_collector)
        return session, source

    return open_registered


REPORT = PullReport(9, (1, 2), announced=2, pending=4, problem="", complete=True)


class Collected:
    """A puller that is busy once, and then returns a result."""

    def __init__(self, result: PullReport | Exception | Callable[[], Awaitable[None]]) -> None:
        self.result = result
        self.limits: list[int | None] = []

    async def pull(self, limit: int | None) -> PullReport:
        self.limits.append(limit)
        if len(self.limits) == 1:
            raise PullBusy("Busy.")
        if isinstance(self.result, Exception):
            raise self.result
        if isinstance(self.result, PullReport):
            return self.result
        await self.result()
        return REPORT


@asynccontextmanager
async def collecting(team: TeamDatabase, puller: Collected) -> AsyncIterator[None]:
    """Let a collector hold the lock and pull for others while the block runs."""
    failures: list[BaseException] = []
    tasks = Tasks(lambda _, error: failures.append(error))
    permit = TeamPullPermit(
        opener_of(team, "east", is_collector=True), "process", is_collector=True, waits=True
    )
    try:
        async with permit.held():
            tasks.start("serve", permit.serve, puller.pull, "archive-east")
            yield
    finally:
        await permit.close()
        await tasks.settled()
    assert failures == []
