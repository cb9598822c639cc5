"""The window's redeliveries run on the engine's loop."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.api.gate import NotPermitted
from ibconsole.archive.archive import Archive
from ibconsole.archive.ledger.reader import LedgerReader
from ibconsole.archive.ledger.records import (
    Decision,
    ItemCounts,
    ItemState,
    RedeliveryForm,
    RedeliveryKind,
)
from ibconsole.secret import Secret
from ibconsole.services.connections.account import Account, Credential, TeamAccess
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote_redelivery import RemoteRedelivery
from ibconsole.services.give_back.claims import ClaimsRemain
from ibconsole.services.give_back.planning import GiveBackRequest, NothingMissing
from ibconsole.services.give_back.team_ledger import TeamNotAsked
from ibconsole.services.redelivery.values import RedeliveryRequest
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths
from tests.postgres import TeamDatabase
from tests.unit.archive.deliveries import batch, pull

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"
ACME_ID = "6f2c3c0e-5a53-4f2e-9a53-0a3c0a4c6a11"
LOCKED = Account(
    "8d1b",
    "Acme",
    "http://127.0.0.1:9",
    Credential(Secret("key")),
    "production",
    is_read_only=True,
)


@pytest.fixture
async def endpoint() -> AsyncIterator[str]:
    """An endpoint that acknowledges the first request, and closes the others without an answer."""
    answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        writer.write(answers.pop() if answers else b"")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/in"


@pytest.fixture
def remote(engine: Engine, engine_console: Console) -> RemoteRedelivery:
    """Two messages of one application were pulled."""
    with Archive(engine_console.paths.archive) as archive:
        pull(archive, batch(*({"messageId": name, "applicationCode": CODE} for name in "ab")))
    return RemoteRedelivery(engine, engine_console)


def counts(console: Console, job: int) -> ItemCounts:
    with LedgerReader(console.paths.archive) as reader:
        return reader.counts(job)


async def test_what_is_missing_is_given_back(
    remote: RemoteRedelivery, engine_console: Console, endpoint: str
) -> None:
    """From the dry run to a decision about the message whose answer did not come."""
    sending = RedeliveryRequest(
        url=endpoint, kind=RedeliveryKind.GIVE_BACK, form=RedeliveryForm.AS_PLATFORM
    )
    request = GiveBackRequest(application=CODE, sending=sending)
    plan = await remote.plan_give_back(request)
    job = await remote.create_give_back(request)
    await remote.run(job)
    ended = counts(engine_console, job)
    decided = await remote.decide(job, Decision.ACCEPT, None, ItemState.UNKNOWN)
    again = await remote.plan_give_back(request)

    assert (plan.counts.missing, job) == (2, 1)
    assert ended == ItemCounts(acknowledged=1, unknown=1)
    assert decided == 1
    assert (again.counts.missing, again.counts.accepted) == (0, 1)


async def test_a_resend_is_planned_stored_and_cancelled(
    remote: RemoteRedelivery, engine_console: Console, endpoint: str
) -> None:
    """A job that does not run is cancelled, and one of its messages can be decided about."""
    request = RedeliveryRequest(url=endpoint, messages=(1, 2))
    plan = await remote.plan(request)
    job = await remote.create(request)
    await remote.pause(job)  # it does not run: nothing changes
    skipped = await remote.decide(job, Decision.SKIP, [1], ItemState.WAITING)
    await remote.cancel(job)

    assert (plan.messages, skipped) == (2, 1)
    assert counts(engine_console, job) == ItemCounts(skipped=2)


async def test_forward_urls_of_the_past_are_known(remote: RemoteRedelivery) -> None:
    """An application of which the history knows nothing has none."""
    assert await remote.forward_urls(CODE) == []


async def test_a_locked_connection_is_counted_and_not_sent(
    remote: RemoteRedelivery, engine: Engine, engine_console: Console
) -> None:
    """A dry run needs no unlocking, as nothing is sent; the job is not even stored."""
    await engine.call(engine_console.connect, LOCKED)
    sending = RedeliveryRequest(url="https://customer.example/in")
    missing = GiveBackRequest(application=CODE, sending=sending)

    assert (await remote.plan(sending)).messages == 2
    assert (await remote.plan_give_back(missing)).counts.missing == 2
    with pytest.raises(NotPermitted):
        await remote.create(sending)
    with pytest.raises(NotPermitted):
        await remote.create_give_back(missing)
    with LedgerReader(engine_console.paths.archive) as reader:
        assert reader.jobs().jobs == ()


async def test_messages_of_a_locked_connection_are_not_sent_from_another(
    remote: RemoteRedelivery, engine: Engine, engine_console: Console
) -> None:
    """The connection that they came by counts; the sentence says that it has to be opened."""
    saved = {
        "id": ACME_ID,
        "name": "Acme",
        "base_url": "https://x1.example",
        "environment": "production",
    }
    with Archive(engine_console.paths.archive) as archive:
        message = {"messageId": "c", "applicationCode": CODE}
        pull(archive, batch(message), connection=ACME_ID)
    settings = engine_console.paths.settings
    settings.write_text(json.dumps({"version": 1, "connections": [saved]}))
    sandbox = replace(LOCKED, name="Sandbox", environment="sandbox", is_read_only=False)
    await engine.call(engine_console.connect, sandbox)
    sending = RedeliveryRequest(url="https://customer.invalid/in")
    missing = GiveBackRequest(application=CODE, sending=sending)

    for work in (remote.create(sending), remote.create_give_back(missing)):
        with pytest.raises(NotPermitted, match=r"came by Acme, .* Open that connection"):
            await work
    with LedgerReader(engine_console.paths.archive) as reader:
        assert reader.jobs().jobs == ()


class CountingEndpoint:
    """Acknowledges every request, and counts the messages that arrive."""

    def __init__(self) -> None:
        self.arrived: Counter[str] = Counter()
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        [length] = [
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ]
        results = json.loads(await reader.readexactly(length))["results"]
        self.arrived.update(one["messageId"] for one in results)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def counting() -> AsyncIterator[CountingEndpoint]:
    endpoint = CountingEndpoint()
    async with await asyncio.start_server(endpoint.answer, "127.0.0.1", 0) as server:
        endpoint.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/in"
        yield endpoint


@asynccontextmanager
async def desktop(
    engine: Engine, directory: Path, team: TeamDatabase
) -> AsyncIterator[tuple[Console, RemoteRedelivery]]:
    """Open a console with a data directory of its own, on a connection of the team."""
    console = Console(Paths(directory))
    access = TeamAccess(team.address("operator"))
    account = Account(ACME_ID, "Acme", "http://127.0.0.1:9", Credential(Secret("key")), team=access)
    await engine.call(console.__aenter__)
    try:
        await engine.call(console.connect, account)
        yield console, RemoteRedelivery(engine, console)
    finally:
        await engine.call(console.__aexit__)


def give_back_to(url: str, application: str = CODE) -> GiveBackRequest:
    sending = RedeliveryRequest(
        url=url,
        kind=RedeliveryKind.GIVE_BACK,
        form=RedeliveryForm.AS_PLATFORM,
        connection=ACME_ID,
        parallelism=4,
    )
    return GiveBackRequest(application=application, sending=sending)


async def give_back_once(remote: RemoteRedelivery, request: GiveBackRequest) -> int:
    """Give back what is missing; return the job, 0 if nothing is."""
    try:
        job = await remote.create_give_back(request)
    except NothingMissing:
        return 0
    await remote.run(job)
    return job


async def test_two_desktops_give_each_message_back_once(
    engine: Engine, tmp_path: Path, team: TeamDatabase, counting: CountingEndpoint
) -> None:
    """Both have received all messages, and begin at once, round by round; nothing is shipped."""
    async with AsyncExitStack() as stack:
        desktops = [
            await stack.enter_async_context(desktop(engine, tmp_path / name, team))
            for name in ("anna", "ben")
        ]
        for number in range(3):
            code = f"app-{number}"
            rows = [{"messageId": f"{number}.{i}", "applicationCode": code} for i in range(40)]
            for which, (console, _) in enumerate(desktops):
                with Archive(console.paths.archive) as archive:
                    for row in rows if which else reversed(rows):
                        pull(archive, batch(row), connection=ACME_ID)
            request = give_back_to(counting.url, code)
            jobs = await asyncio.gather(
                *(give_back_once(remote, request) for _, remote in desktops)
            )
            again = [await give_back_once(remote, request) for _, remote in desktops]
            assert (any(jobs), again) == (True, [0, 0])

    assert counting.arrived.total() == len(counting.arrived) == 120


async def test_a_cancelled_job_of_a_team_releases_its_claims(
    engine: Engine, tmp_path: Path, team: TeamDatabase, counting: CountingEndpoint
) -> None:
    """At once, or at the next chance if the server is stopped; then the user knows it."""
    async with AsyncExitStack() as stack:
        (console, anna), (other, ben) = [
            await stack.enter_async_context(desktop(engine, tmp_path / name, team))
            for name in ("anna", "ben")
        ]
        for one in (console, other):
            with Archive(one.paths.archive) as archive:
                pull(archive, batch({"messageId": "a", "applicationCode": CODE}))
        request = give_back_to(counting.url)
        await anna.cancel(await anna.create_give_back(request))
        free = (await ben.plan_give_back(request)).counts.missing
        job = await anna.create_give_back(request)
        team.server.stop()
        with pytest.raises(ClaimsRemain, match="1 message that it has not delivered may stay"):
            await anna.cancel(job)
        with pytest.raises(TeamNotAsked, match="nothing was created or sent"):
            await ben.create_give_back(request)
        team.server.start()
        held = await ben.plan_give_back(request)
        given = await give_back_once(anna, request)

    assert (free, held.counts.missing, given) == (1, 0, 3)
    assert counting.arrived == {"a": 1}


async def test_a_job_of_a_team_waits_for_its_archive(
    engine: Engine, tmp_path: Path, team: TeamDatabase, counting: CountingEndpoint
) -> None:
    """It does not go on while the team cannot be asked who has claimed its messages."""
    async with desktop(engine, tmp_path / "anna", team) as (console, anna):
        with Archive(console.paths.archive) as archive:
            pull(archive, batch({"messageId": "a", "applicationCode": CODE}))
        job = await anna.create_give_back(give_back_to(counting.url))
        team.server.stop()
        with pytest.raises(TeamNotAsked, match="resume 1 --without-team` goes on"):
            await anna.run(job)
        team.server.start()
        await anna.run(job)

        assert counts(console, job) == ItemCounts(acknowledged=1)
