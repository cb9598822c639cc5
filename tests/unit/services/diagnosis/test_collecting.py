"""Collecting the facts about an account."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from ibconsole.archive.leases import StoredLease, add_lease
from ibconsole.services.connections import TeamAccess
from ibconsole.services.diagnosis.collecting import Collector, Surroundings
from ibconsole.services.diagnosis.rules import ApplicationFacts, ReadingProblem, diagnose
from ibconsole.services.forward_test import Cause, Ladder, Rung, RungKind, RungState
from ibconsole.services.intake.archive_writer import open_archive
from ibconsole.services.runtime import ConnectionStatus
from tests.postgres import TeamDatabase
from tests.unit.services.diagnosis.samples import OWN, account, configured, forward
from tests.unit.team_archive.team_rows import ShippedMessage, TeamRows

CONNECTION = ConnectionStatus("Kestrel", "https://x1.api.infobip.com", environment="", id=OWN)


class Looker:
    """Notes what is looked at, and finds that nothing answers."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    async def __call__(self, url: str, /, *, sandbox: bool) -> Ladder:
        self.urls.append(f"{url} sandbox" if sandbox else url)
        await asyncio.sleep(0)
        refused = Rung(RungKind.CONNECTIONS, RungState.FAILED, "Refused.", cause=Cause.REFUSED)
        return Ladder(url, 5, "from this computer", rungs=(refused,))


@pytest.fixture
def surroundings(tmp_path: Path) -> Surroundings:
    owners = {"/inbound/own": OWN, "/inbound/none": ""}
    return Surroundings(tmp_path / "archive.sqlite3", owners.get)


def with_urls(*urls: str) -> Sequence[ApplicationFacts]:
    return [configured(forward(url), code=f"a{number}") for number, url in enumerate(urls)]


async def test_an_endpoint_is_probed_once(surroundings: Surroundings) -> None:
    """Paths of one host share a probe, and no host in a private network is contacted."""
    look = Looker()
    collector = Collector(CONNECTION, surroundings, look=look)
    urls = [f"https://hooks.kestrel.aero/{number}" for number in range(5)]
    unreachable = ("https://169.254.169.254/in", "https://localhost/in", "nonsense", "https://[::1")
    facts = await collector.complete(with_urls(*urls, "https://a.aero/in", *unreachable))

    assert len(look.urls) == 2
    assert facts.endpoints.keys() == {*urls, "https://a.aero/in"}
    assert all(one.troubles[0].cause is Cause.REFUSED for one in facts.endpoints.values())


async def test_tests_are_sent_to_each_url(surroundings: Surroundings) -> None:
    """A test that the user asked for goes to every URL, once."""
    look = Looker()
    collector = Collector(CONNECTION, surroundings, look=look, posts=True)
    urls = [f"https://hooks.kestrel.aero/{number}" for number in range(3)]
    await collector.complete(with_urls(*urls, urls[0]))

    assert sorted(look.urls) == urls


@pytest.mark.parametrize(
    ("base_url", "looked"),
    [
        ("http://127.0.0.1:8700", ["http://localhost/in sandbox", "https://a.aero/in"]),
        ("https://x1.api.infobip.com", ["https://a.aero/in"]),
    ],
)
async def test_a_platform_on_this_computer(
    surroundings: Surroundings, base_url: str, looked: list[str]
) -> None:
    """A simulated platform reaches this computer, the real one does not."""
    look = Looker()
    collector = Collector(replace(CONNECTION, base_url=base_url), surroundings, look=look)
    await collector.complete(with_urls("http://localhost/in", "https://a.aero/in"))

    assert sorted(look.urls) == looked


async def test_without_probes(surroundings: Surroundings) -> None:
    """Without probes nothing is contacted, and nothing is claimed about an endpoint."""
    facts = await Collector(CONNECTION, surroundings).complete(with_urls("https://a.aero/in"))

    assert facts.endpoints["https://a.aero/in"].at is None
    assert not facts.console.has_archive


async def test_owners_of_paths(surroundings: Surroundings) -> None:
    """Each forward URL is compared with the paths of the listener."""
    urls = ("https://t.aero/inbound/own", "https://t.aero/inbound/none", "https://t.aero/x")
    facts = await Collector(CONNECTION, surroundings).complete(with_urls(*urls))

    assert facts.console.owners == {urls[0]: OWN, urls[1]: ""}


@pytest.mark.parametrize(
    ("environment", "sandbox", "production"),
    [("sandbox", True, False), ("production", False, True), ("test", False, False)],
)
async def test_environments(
    surroundings: Surroundings, environment: str, sandbox: bool, production: bool
) -> None:
    """The environment of the connection is a fact about the account."""
    collector = Collector(replace(CONNECTION, environment=environment), surroundings)
    account = (await collector.without_setup(ReadingProblem("No."))).account

    assert (account.sandbox, account.production) == (sandbox, production)


async def test_a_borrowed_route_is_not_blamed(surroundings: Surroundings) -> None:
    """The lease's own action is no finding and is not contacted; the customer's are judged."""
    open_archive(surroundings.archive).close()
    mine, other = (f"https://127.0.0.1/inbound/lease-{digit * 32}" for digit in "ab")
    lease = StoredLease(
        id="a1",
        connection=OWN,
        application="a",
        path=urlsplit(mine).path,
        state="active",
        made_at=5,
        ends_at=9,
        content="{}",
    )
    add_lease(surroundings.archive, lease)
    look = Looker()
    read = configured(forward(mine)), configured(forward(other), forward(mine, "F2"), code="b")
    facts = await Collector(CONNECTION, surroundings, look=look).complete(read)
    again = await Collector(CONNECTION, surroundings).complete(facts.applications or ())

    assert {(one.subject.application, one.subject.action) for one in diagnose(facts)} == {
        ("b", "F1")
    }
    assert diagnose(account(*read))
    assert look.urls == []
    assert [one.borrowed_until for one in again.applications or ()] == [9, 9]


async def test_a_broken_archive(surroundings: Surroundings) -> None:
    """An archive that cannot be read is left out, and the rest is diagnosed."""
    surroundings.archive.write_bytes(b"no database " * 1000)
    facts = await Collector(CONNECTION, surroundings).complete(with_urls("https://a.aero/in"))

    assert (facts.pulls, facts.console.has_archive) == (None, False)
    assert facts.applications


async def test_a_team_has_the_facts(surroundings: Surroundings, team: TeamDatabase) -> None:
    """What any member received counts; if it cannot be read, this disk is read, which is said."""
    TeamRows(team.db()).ship(1, ShippedMessage(application_code="a0"), via="pull")
    said: list[str] = []
    access = TeamAccess(team.address("reader"))
    shared = replace(surroundings, team_of={OWN: access}.get, report=said.append)
    applications = [configured(code="a0")]
    found = await Collector(CONNECTION, shared).complete(applications)
    missing = replace(shared, team_of=lambda _: TeamAccess(access.address, problem="Locked."))
    alone = await Collector(CONNECTION, missing).complete(applications)

    assert [one.arrivals is None for one in found.applications or ()] == [False]
    assert [one.arrivals is None for one in alone.applications or ()] == [True]
    assert said == ["Locked. The findings are about what is on this disk."]


async def test_a_team_that_hangs(surroundings: Surroundings, team: TeamDatabase) -> None:
    """A database that does not answer is left out after a bounded time."""
    said: list[str] = []
    access = TeamAccess(team.address("reader"))
    shared = replace(surroundings, team_of=lambda _: access, report=said.append)
    with team.server.frozen():
        await Collector(CONNECTION, shared, patience=0.1).complete([])

    assert "has not answered for 0.1 s" in said[0]
