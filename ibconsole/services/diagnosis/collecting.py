"""Collecting the facts about an account: its setup, the archive, and its endpoints.

Never pulls, and sends no request to an endpoint unless the caller asks for it: a probe looks up a
name, connects and shakes hands. Hosts that the platform cannot reach by their spelling are not
contacted at all.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from ibconsole.api import ApiError, Platform
from ibconsole.archive import ArchiveError
from ibconsole.archive.leases import read_open_leases
from ibconsole.clock import now_ms
from ibconsole.hosts import host_of, is_loopback
from ibconsole.lazy import LazyModule
from ibconsole.model import Application
from ibconsole.services.connections import Environment, TeamAccess
from ibconsole.services.diagnosis.archive_facts import StoredFacts, read_archive, read_record
from ibconsole.services.diagnosis.clock_comparison import ClockComparison
from ibconsole.services.diagnosis.endpoints import Look, endpoint_facts, endpoint_key
from ibconsole.services.diagnosis.recorded_facts import RecordedFacts
from ibconsole.services.diagnosis.rules import (
    AccountFacts,
    ApplicationFacts,
    ConsoleFacts,
    EndpointFacts,
    Facts,
    FactsIndex,
    ReadingProblem,
)
from ibconsole.services.diagnosis.setup_reading import (
    OnProgress,
    holds_borrowed,
    read_applications,
    reading_problem,
    set_apart,
)
from ibconsole.services.forward_test import ForwardTest, Ladder, masked_url
from ibconsole.services.runtime import ConnectionStatus, ListenerStatus
from ibconsole.team_archive import TeamArchiveError, TeamUnavailable

if TYPE_CHECKING:
    from ibconsole import team_archive
else:  # imported with the first team
    team_archive = LazyModule("ibconsole.team_archive")

log = logging.getLogger(__name__)

_AT_ONCE = 16  # endpoints
_PATIENCE = 15  # seconds in which the archive of a team has to answer

Choose = Callable[[Sequence[Application]], Collection[str] | None]


def choose_all(_: Sequence[Application]) -> None:
    """Choose every application."""


class Surroundings(msgspec.Struct, frozen=True):
    """This computer: its archive, its listener and the names of its connections, by UUID.

    `owner_of` returns the connection of a path of the listener: empty for the path of none, None
    for an unknown path. `listener` returns the state of the listener, None if it is not known.
    `health` is the directory in which health is kept for the next start, None to keep none.
    `team_of` returns the team of a connection, whose record has the facts instead of this disk's.
    `report` gets a sentence about what could not be read. `recorded` replaces all of this, and
    the endpoints: facts that were recorded, as of their time.
    """

    archive: Path
    owner_of: Callable[[str], str | None]
    connections: Mapping[str, str] = msgspec.field(default_factory=dict)
    listener: Callable[[], ListenerStatus | None] = lambda: None
    health: Path | None = None
    team_of: Callable[[str], TeamAccess | None] = lambda _: None
    report: Callable[[str], object] = log.warning
    recorded: RecordedFacts | None = None


class Collector:
    """Collects the facts about one account.

    `look` looks at an endpoint, None to leave endpoints alone. If it `posts`, it is called for each
    URL, else once for each host and port. `clock` has observed the answers of the platform.
    """

    def __init__(
        self,
        connection: ConnectionStatus,
        surroundings: Surroundings,
        *,
        clock: ClockComparison | None = None,
        look: Look | None = None,
        posts: bool = False,
        patience: float = _PATIENCE,
    ) -> None:
        self._connection = connection
        self._surroundings = surroundings
        self._clock = clock or ClockComparison()
        self._look = look
        self._posts = posts
        self._patience = patience

    async def collect(
        self,
        platform: Platform,
        choose: Choose = choose_all,
        on_progress: OnProgress | None = None,
    ) -> Facts:
        """Read the setup of the chosen applications, and what belongs to it.

        `choose` gets the list of applications and returns the codes to read, None for all; what it
        raises is passed on. A failure to read is a fact.
        """
        try:
            applications = await platform.applications()
        except ApiError as error:
            return await self.without_setup(reading_problem(error))
        codes = choose(applications)
        found = await read_applications(platform, applications, codes, on_progress)
        return await self.complete(found)

    async def without_setup(self, problem: ReadingProblem) -> Facts:
        """Return the facts about an account whose applications could not be read."""
        if self._surroundings.recorded:
            return self._surroundings.recorded.without_setup(problem)
        stored = await self._read_archive((), ())
        return Facts(
            now=now_ms(),
            account=self._account_facts(problem),
            pulls=stored.pulls,
            console=self._console(stored, ()),
        )

    async def complete(self, applications: Sequence[ApplicationFacts]) -> Facts:
        """Return the facts about an account with these applications, of the archive and endpoints.

        With a `look` this contacts the endpoints. The actions of borrowed routes are set apart.
        """
        if self._surroundings.recorded:
            return self._surroundings.recorded.with_setup(applications)
        applications = await self._without_borrowed(applications)
        now, account = now_ms(), self._account_facts()
        index = FactsIndex(Facts(now, account, tuple(applications)))
        urls = list(index.by_url)
        codes = [one.application.code for one in applications if one.configurations is not None]
        stored = await self._read_archive(codes, [masked_url(url) for url in urls])
        return Facts(
            now=now_ms(),
            account=account,
            applications=tuple(
                replace(one, arrivals=stored.arrivals.get(one.application.code))
                for one in applications
            ),
            endpoints=await self._look_at(
                {url for url in urls if index.is_reachable(url)}, stored.tests
            ),
            pulls=stored.pulls,
            console=self._console(stored, urls),
            unassigned=stored.arrivals.get(""),
        )

    async def _without_borrowed(
        self, applications: Sequence[ApplicationFacts]
    ) -> Sequence[ApplicationFacts]:
        if not any(map(holds_borrowed, applications)):
            return applications
        try:
            leases = await asyncio.to_thread(read_open_leases, self._surroundings.archive)
        except ArchiveError as error:
            log.warning("The borrowed routes were left out of the diagnosis. %s", error)
            return applications
        return [set_apart(one, leases) for one in applications]

    async def _read_archive(self, codes: Sequence[str], urls: Sequence[str]) -> StoredFacts:
        """Read the archive on a thread; one that cannot be read has no facts."""
        connection = self._connection.id
        team = self._surroundings.team_of(connection)
        if team:
            try:
                return await self._read_team(team, codes, urls)
            except TeamArchiveError as error:
                self._surroundings.report(f"{error} The findings are about what is on this disk.")
        try:
            return await asyncio.to_thread(
                read_archive, self._surroundings.archive, connection, codes, urls
            )
        except ArchiveError as error:
            self._surroundings.report(f"The archive was left out of the diagnosis. {error}")
            return StoredFacts()

    async def _read_team(
        self, team: TeamAccess, codes: Sequence[str], urls: Sequence[str]
    ) -> StoredFacts:
        """Read the record of a team on a thread, within a bounded time."""
        connection = self._connection.id
        if team.problem:
            raise TeamArchiveError(team.problem)
        reader = team_archive.TeamReader(
            team.address, team.password, connection=connection, purpose="diagnosis"
        )

        def read() -> StoredFacts:
            with reader:
                return read_record(reader, connection, codes, urls)

        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.to_thread(read)
        except TimeoutError:
            raise TeamUnavailable(
                f"The team's archive at {team.address.label} has not answered for"
                f" {self._patience:g} s."
            ) from None
        finally:
            reader.abort()

    async def _look_at(
        self, urls: Collection[str], tests: Mapping[str, ForwardTest]
    ) -> Mapping[str, EndpointFacts]:
        """Look at each host and port once, or at each URL if that posts a test."""
        slots, account = asyncio.Semaphore(_AT_ONCE), self._account_facts()

        async def contact(look: Look, url: str) -> Ladder:
            sandbox = account.sandbox or (account.is_local and is_loopback(host_of(url)))
            async with slots:
                return await look(url, sandbox=sandbox)

        ladders: dict[str, Ladder] = {}
        if self._look:
            keys = {url: url if self._posts else endpoint_key(url) for url in sorted(urls)}
            chosen = {key: url for url, key in keys.items()}
            found = await asyncio.gather(*(contact(self._look, one) for one in chosen.values()))
            by_key = dict(zip(chosen, found, strict=True))
            ladders = {url: by_key[key] for url, key in keys.items()}
        return {
            url: endpoint_facts(url, ladders.get(url), tests.get(masked_url(url))) for url in urls
        }

    def _account_facts(self, problem: ReadingProblem | None = None) -> AccountFacts:
        connection = self._connection
        return AccountFacts(
            connection=connection.id,
            name=connection.name,
            base_url=connection.base_url,
            sandbox=connection.environment == Environment.SANDBOX,
            production=connection.environment == Environment.PRODUCTION,
            problem=problem,
            read_at=now_ms(),
        )

    def _console(self, stored: StoredFacts, urls: Iterable[str]) -> ConsoleFacts:
        owners = {url: self._surroundings.owner_of(_path_of(url)) for url in urls}
        return ConsoleFacts(
            clock_offset=self._clock.offset,
            clock_at=self._clock.at,
            clock_times=self._clock.times,
            listener=self._surroundings.listener(),
            owners={url: owner for url, owner in owners.items() if owner is not None},
            connections=self._surroundings.connections,
            refused=stored.refused,
            has_archive=stored.exists,
        )


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
