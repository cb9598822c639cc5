"""The window's redeliveries run on the engine's loop."""

import asyncio
import json
from collections.abc import AsyncIterator

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
from ibconsole.services.connections.account import Account, Credential
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote_redelivery import RemoteRedelivery
from ibconsole.services.give_back.planning import GiveBackRequest
from ibconsole.services.redelivery.values import RedeliveryRequest
from ibconsole.services.runtime.engine import Engine
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
