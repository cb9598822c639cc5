"""Redeliveries of a console, to a real endpoint."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ibconsole.api.gate import NotPermitted
from ibconsole.archive.archive import Archive
from ibconsole.archive.audit.calls import AuditFilter, read_audit
from ibconsole.archive.errors import ArchiveError
from ibconsole.archive.ledger.jobs import JobWriter, RedeliveryBusy, hold_job
from ibconsole.archive.ledger.records import Decision, ItemState, RedeliveryForm
from ibconsole.http1.message import Fault, Request, Response
from ibconsole.http1.server import Server
from ibconsole.services.audit.recording import Audit
from ibconsole.services.protection.policy import Policy
from ibconsole.services.protection.policy_source import PolicyInForce
from ibconsole.services.protection.protection import Protection
from ibconsole.services.redelivery.owners import SendingRules
from ibconsole.services.redelivery.redeliveries import Redeliveries
from ibconsole.services.redelivery.values import RedeliveryRequest
from ibconsole.services.request_log.log import ActivityLog
from tests.proxies import clear_proxies
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.services.redelivery.conftest import states

RAW = b"POST /inbound HTTP/1.1\r\nhost: a\r\nX-odd:\xff\r\nContent-Length: %d\r\n\r\n%b"


class Endpoint:
    """Keeps what it gets, and answers in turn."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers = [Response(200, body=b"{}")]

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        return self.answers[min(len(self.requests), len(self.answers)) - 1]


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    clear_proxies(monkeypatch)
    return Endpoint()


@pytest.fixture
async def url(endpoint: Endpoint) -> AsyncIterator[str]:
    async with Server(endpoint) as server:
        yield f"{server.url}/customer?key=s3cret"


def _redeliveries(path: Path, **protection: Any) -> Redeliveries:
    rules = SendingRules(Protection(**protection), lambda: None, path.parent / "settings.json")
    return Redeliveries(path, ActivityLog(), rules, Audit(path))


async def _run(redeliveries: Redeliveries, url: str, **chosen: Any) -> int:
    job = await redeliveries.create(RedeliveryRequest(**{"url": url, **chosen}))
    await redeliveries.run(job.id)
    return job.id


async def test_a_forward_arrives_as_it_was_received(
    path: Path, endpoint: Endpoint, url: str
) -> None:
    """Only the target and the host differ; Activity and the audit show what was done."""
    body = batch({"messageId": "x"}, {"messageId": "y"}) + b" "
    with Archive(path) as archive:
        received = replace(arrival(body), raw=RAW % (len(body), body))
        archive.decode(archive.add_forwards([received]))
    redeliveries = _redeliveries(path)
    await _run(redeliveries, url, messages=[8, 9])

    [request] = endpoint.requests
    assert request.body == body
    host = url.partition("//")[2].partition("/")[0].encode()
    assert request.headers[:2] == ((b"host", host), (b"X-odd", b"\xff"))
    assert request.path.startswith("/customer")
    [entry] = redeliveries._activity.since(0).entries
    assert (entry.status, entry.purpose) == (200, "Redelivery 1")
    [row] = read_audit(path, AuditFilter())
    assert '"messages":2' in row.content.replace("\\", "")
    assert "s3cret" not in row.content
    assert row.outcome
    assert '"state":"done"' in row.outcome


async def test_answers_decide_about_messages(path: Path, endpoint: Endpoint, url: str) -> None:
    """An answer that is cut leaves a message unknown, until a user decides."""
    endpoint.answers = [
        Response(500),
        Response(200, body=b"whole", fault=Fault(cut_after=2)),
        Response(200, body=b"ok"),
    ]
    redeliveries = _redeliveries(path)
    job = await _run(redeliveries, url, messages=[1, 2, 3], form=RedeliveryForm.AS_PLATFORM)
    assert states(path) == "uka"

    assert await redeliveries.decide(Decision.RESEND, [1, 3]) == 1
    assert await redeliveries.decide_all(job, Decision.ACCEPT, ItemState.UNKNOWN) == 1
    ended = await redeliveries.run(job)
    assert (ended.state, states(path)) == ("finished", "asa")
    with pytest.raises(ArchiveError, match="is finished"):
        await redeliveries.run(job)


async def test_a_plan_sends_nothing(path: Path, endpoint: Endpoint, url: str) -> None:
    plan = await _redeliveries(path).plan(RedeliveryRequest(url=url))
    assert (plan.messages, endpoint.requests) == (7, [])


async def test_jobs_are_paused_and_cancelled(path: Path, endpoint: Endpoint, url: str) -> None:
    """One that runs here, and one that does not; one that runs elsewhere is left alone."""
    redeliveries = _redeliveries(path)
    job = (await redeliveries.create(RedeliveryRequest(url=url, messages=[1, 2, 3]))).id

    def pause(_: object) -> None:
        redeliveries.pause(job)

    paused = await redeliveries.run(job, pause)
    assert (paused.state, redeliveries.progress) == ("paused", {})
    with hold_job(path, job):
        for work in (redeliveries.cancel, redeliveries.run):
            with pytest.raises(RedeliveryBusy):
                await work(job)
    await redeliveries.cancel(job)
    assert (await redeliveries.job(job)).state == "cancelled"
    assert states(path) in {"ass", "aas"}

    other = (await redeliveries.create(RedeliveryRequest(url=url, messages=[1, 2, 3]))).id
    async with asyncio.TaskGroup() as group:
        running = group.create_task(redeliveries.run(other))
        while not redeliveries.progress:
            await asyncio.sleep(0)
        with pytest.raises(RedeliveryBusy, match="runs here"):
            await redeliveries.run(other)
        await redeliveries.cancel(other)
        await redeliveries.close()
    assert running.result().state == "cancelled"
    redeliveries.pause(other)


async def test_what_is_not_permitted_is_not_sent(path: Path, endpoint: Endpoint) -> None:
    """A program that may only read sends to this computer alone; a policy that masks codes, none.

    Nothing is stored either.
    """
    request = RedeliveryRequest(url="http://customer.example/", messages=[1])
    policy = PolicyInForce(Policy(forbid_revealed_codes=True))
    reading = _redeliveries(path, read_only=True)
    for redeliveries in (reading, _redeliveries(path, policy=lambda: policy)):
        for work in (redeliveries.plan, redeliveries.create):
            with pytest.raises(NotPermitted):
                await work(request)
    with pytest.raises(ArchiveError, match="no redelivery 1"):
        await redeliveries.job(1)


async def test_what_was_not_stored_completely_is_not_sent(
    path: Path, endpoint: Endpoint, url: str
) -> None:
    """A job that a crash interrupted while it was made has no more than a part of its items."""
    redeliveries = _redeliveries(path)
    job = (await redeliveries.create(RedeliveryRequest(url=url, messages=[1, 2]))).id
    with JobWriter(path) as writer:
        writer._db.execute("UPDATE redelivery SET state = 'preparing', items = 0")
    with pytest.raises(ArchiveError, match="not stored completely"):
        await redeliveries.run(job)
    await redeliveries.cancel(job)
    assert (states(path), endpoint.requests) == ("ss", [])


@pytest.mark.parametrize("damaged", ["http://other.example/customer", "htp:/1", "http://["])
async def test_nothing_goes_to_a_url_that_is_damaged(
    path: Path, endpoint: Endpoint, url: str, damaged: str
) -> None:
    """A paused job whose URL is not the one that it began with sends nothing more."""
    redeliveries = _redeliveries(path)
    job = (await redeliveries.create(RedeliveryRequest(url=url, messages=[1, 2, 3]))).id
    await redeliveries.run(job, lambda _: redeliveries.pause(job))
    sent = len(endpoint.requests)
    with JobWriter(path) as writer:
        writer._db.execute("UPDATE redelivery SET url = ?", (damaged,))

    with pytest.raises(ArchiveError, match=r"URL of redelivery 1 is damaged.* nothing was sent"):
        await redeliveries.run(job)

    assert sent
    assert len(endpoint.requests) == sent


@pytest.mark.parametrize("single", [True, False])
async def test_what_a_crash_left_can_be_decided_at_once(
    path: Path, endpoint: Endpoint, url: str, single: bool
) -> None:
    """No run is needed before the decision."""
    redeliveries = _redeliveries(path)
    job = (await redeliveries.create(RedeliveryRequest(url=url, messages=[1, 2]))).id
    with JobWriter(path) as writer:
        writer._db.execute("UPDATE redelivery SET state = 'running'")
        writer._db.execute("UPDATE redelivery_item SET state = 'sending' WHERE id = 1")
    if single:
        changed = await redeliveries.decide(Decision.ACCEPT, [1, 2])
    else:
        changed = await redeliveries.decide_all(job, Decision.ACCEPT, ItemState.UNKNOWN)
    assert (changed, states(path)) == (1, "sw")
