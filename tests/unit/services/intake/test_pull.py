"""The pull: nothing it receives is lost, and competing consumers are detected."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ibconsole.api.errors import Forbidden, Unauthorized, Unreachable
from ibconsole.api.exchange import PullAnswer
from ibconsole.archive.errors import ArchiveUnwritable
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Via
from ibconsole.errors import UserError
from ibconsole.secret import Secret
from ibconsole.services.connections.account import Account, account_of
from ibconsole.services.console.console import Console
from ibconsole.services.intake.permit import PermitLost
from ibconsole.services.intake.pull import (
    CompetingConsumers,
    NotRequested,
    PullBusy,
    Puller,
)
from ibconsole.services.intake.spill_file import adopt
from ibconsole.services.intake.spool import NotStored
from ibconsole.services.request_log.log import request_purpose
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import PullStatus
from ibconsole.simulator.running import RunningSimulator


@pytest.mark.parametrize(
    ("pulls", "missing"),
    [
        ([(10, 90), (10, 80), (10, 70)], 0),
        ([(10, 90), (10, 85), (10, 100)], 0),  # new messages arrived meanwhile
        ([(10, 90), (10, 79)], 0),  # a single gap may be caused by the platform
        ([(10, 90), (10, 79), (10, 60)], 10),
        ([(10, 90), (10, 79), (10, 70), (10, 50)], 0),  # twice, but not consecutively
        ([(10, 90), (10, 79), (10, None), (10, 40)], 0),  # unknown in between
        ([(0, 2), (0, 1), (0, 0)], 2),
    ],
)
def test_messages_that_disappear(pulls: list[tuple[int, int | None]], missing: int) -> None:
    """Messages that disappear in two consecutive pulls are evidence of another consumer."""
    consumers = CompetingConsumers()
    for pulled, pending in pulls:
        consumers.record(pulled, pending)

    assert bool(consumers.warning) == bool(missing)
    assert f"{missing} waiting messages disappeared" in consumers.warning or not missing


def test_the_warning_ends() -> None:
    """A pull without missing messages ends the warning."""
    consumers = CompetingConsumers()
    for pending in (10, 8, 6):
        consumers.record(0, pending)
    assert consumers.warning

    consumers.record(3, 3)

    assert not consumers.warning


def read(paths: Paths) -> Reader:
    return Reader(paths.archive)


async def test_pulled_messages_are_stored(console: Console, paths: Paths) -> None:
    """The messages of a pull are stored, and the number of waiting ones is reported."""
    report = await console.pulls.pull(3)

    assert (report.messages, report.announced, report.pending) == (3, 3, 4)
    assert (report.complete, report.problem, report.error) == (True, "", None)
    with read(paths) as reader:
        assert all(reader.message(one) for one in report.message_ids)
    assert (console.status.pull.state, console.status.pull.pending) == ("idle", 4)


async def test_connecting_sends_nothing(console: Console, running: RunningSimulator) -> None:
    """Opening a connection sends no request."""
    assert running.simulator.counters["requests"] == 0
    assert console.status.pull.state == "never"


@pytest.mark.parametrize("fault", ["cut", "wrong-length"])
async def test_a_damaged_answer(
    console: Console, running: RunningSimulator, paths: Paths, fault: str
) -> None:
    """A cut answer is reported, its bytes are kept, and the pull is not repeated."""
    running.simulator.inject_fault(fault)

    report = await console.pulls.pull(5)

    assert not report.complete
    assert report.problem
    assert running.simulator.counters["pulls"] == 1
    with read(paths) as reader:
        assert reader.delivery_body(report.delivery)
        found = reader.delivery(report.delivery)
    assert found is not None
    assert found.message_count == report.messages


@pytest.mark.parametrize(("fault", "error"), [("401", Unauthorized), ("403", Forbidden)])
async def test_a_refusal_is_reported(
    console: Console, running: RunningSimulator, fault: str, error: type[Exception]
) -> None:
    """A refused pull is a single request, and its answer is reported."""
    running.simulator.inject_fault(fault)

    report = await console.pulls.pull(5)

    assert isinstance(report.error, error)
    assert report.messages == 0
    assert running.simulator.pending == 7


async def test_a_refusal_names_the_scopes(console: Console, running: RunningSimulator) -> None:
    """The error of a forbidden pull names the scopes of which one is required."""
    running.simulator.inject_fault("403")

    report = await console.pulls.pull(5)

    assert isinstance(report.error, Forbidden)
    assert "inbound-message:read" in report.error.scopes


async def test_an_unreachable_host(paths: Paths, console: Console) -> None:
    """If the host is unreachable, the archive records that no request was sent."""
    await console.connect(account_of("http://127.0.0.1:9", Secret("k")))

    with pytest.raises(Unreachable):
        await console.pulls.pull(5)

    with read(paths) as reader:
        [found] = reader.deliveries(reader.find_deliveries(Via.PULL))
    assert found.state == "failed"
    assert console.status.pull.state == "failed"


class Slow:
    """A platform that hands out one message on demand."""

    def __init__(self) -> None:
        self.requested, self.may_answer = asyncio.Event(), asyncio.Event()

    async def pull(
        self, limit: int | None, *, receive: Callable[[bytes], Awaitable[None]]
    ) -> PullAnswer:
        self.requested.set()
        await self.may_answer.wait()
        await receive(b'{"results":[{"messageId":"1"}]}')
        return PullAnswer(status=200, headers=(), complete=True, problem="")


async def test_a_cancelled_pull_loses_nothing(
    console: Console, account: Account, paths: Paths
) -> None:
    """A batch that was in transit when the pull was cancelled is still stored."""
    source, statuses = Slow(), list[PullStatus]()
    puller = Puller(account, source, console.writer, paths, statuses.append)
    pull = asyncio.get_running_loop().create_task(puller.pull(1))
    await source.requested.wait()

    pull.cancel()
    await asyncio.sleep(0)
    source.may_answer.set()
    with pytest.raises(asyncio.CancelledError):
        await pull

    with read(paths) as reader:
        assert reader.counts().messages == 1
    assert [status.state for status in statuses] == ["pulling", "idle"]


async def test_two_pulls_never_run_at_once(
    console: Console, account: Account, paths: Paths
) -> None:
    """A second pull on the same account is refused and sends nothing."""
    first, second = Slow(), Slow()
    pull = asyncio.get_running_loop().create_task(
        Puller(account, first, console.writer, paths, lambda _: None).pull(1)
    )
    await first.requested.wait()

    with pytest.raises(PullBusy):
        await Puller(account, second, console.writer, paths, lambda _: None).pull(1)

    assert not second.requested.is_set()
    first.may_answer.set()
    assert (await pull).messages == 1


class Permit:
    """The right to pull in epoch 7, refused or lost if there is an error for it."""

    epoch = 7

    def __init__(self, *, refused: Exception | None = None, lost: Exception | None = None) -> None:
        self.refused, self.lost, self.held_by = refused, lost, 0

    @asynccontextmanager
    async def held(self) -> AsyncIterator["Permit"]:
        if self.refused:
            raise self.refused
        self.held_by += 1
        yield self
        self.held_by -= 1

    async def verify(self) -> None:
        if self.lost:
            raise self.lost


async def test_a_pull_in_an_epoch(console: Console, account: Account, paths: Paths) -> None:
    """A pull under the lock of a team is stored with its epoch; the lock is returned afterwards."""
    permit, source = Permit(), Slow()
    puller = Puller(account, source, console.writer, paths, lambda _: None, permit=permit)
    source.may_answer.set()

    async with puller.announced():
        report = await puller.pull(1)
        held_by = permit.held_by

    assert (held_by, permit.held_by) == (1, 0)
    with read(paths) as reader:
        rows = reader._db.execute(
            "SELECT epoch FROM delivery_epoch WHERE delivery = ?", (report.delivery,)
        )
        assert rows.fetchall() == [(7,)]


async def test_no_request_without_the_permit(
    console: Console, account: Account, paths: Paths
) -> None:
    """No request is sent while another of the team may pull; one that was intended is failed."""
    source = Slow()
    for permit in (
        Permit(refused=UserError("Anna pulls.")),
        Permit(lost=PermitLost("The lock was lost; nothing was requested.")),
    ):
        puller = Puller(account, source, console.writer, paths, lambda _: None, permit=permit)
        with pytest.raises(UserError, match=r"pulls|was lost"):
            await puller.pull(1)
        await puller.wait_until_idle()

    assert not source.requested.is_set()
    with read(paths) as reader:
        [found] = reader.deliveries(reader.find_deliveries(Via.PULL))
    assert (found.state, "was lost" in found.problem) == ("failed", True)


class Full:
    """An archive that cannot be written."""

    async def begin_pull(self, **_: object) -> int:
        raise ArchiveUnwritable("The disk is full.")


async def test_no_request_without_room_on_disk(account: Account, paths: Paths) -> None:
    """No request is sent if its intent cannot be stored."""
    source = Slow()
    puller = Puller(account, source, Full(), paths, lambda _: None)  # type: ignore[arg-type]

    with pytest.raises(NotRequested, match="so nothing is lost"):
        await puller.pull(1)

    assert not source.requested.is_set()


async def test_the_refusal_names_the_other_pull(
    console: Console, account: Account, paths: Paths
) -> None:
    """The error of a second pull names the connection of the first one, and where it runs."""
    first = Slow()
    with request_purpose("You: pull"):
        pull = asyncio.get_running_loop().create_task(
            Puller(account, first, console.writer, paths, lambda _: None).pull(1)
        )
    await first.requested.wait()

    with pytest.raises(PullBusy, match="You: pull, connection Test, another window, since "):
        await Puller(account, Slow(), console.writer, paths, lambda _: None).pull(1)

    first.may_answer.set()
    await pull
    assert list(paths.pull_locks.glob("pull-*")) == []


async def test_pulls_exclude_each_other_across_data_directories(
    console: Console, account: Account, paths: Paths, tmp_path: Path
) -> None:
    """Pulls of one account exclude each other also with different data directories."""
    here = Paths(tmp_path / "here", state=tmp_path / "state")
    there = Paths(tmp_path / "there", state=tmp_path / "state")
    first = Slow()
    pull = asyncio.get_running_loop().create_task(
        Puller(account, first, console.writer, here, lambda _: None).pull(1)
    )
    await first.requested.wait()

    with pytest.raises(PullBusy):
        await Puller(account, Slow(), console.writer, there, lambda _: None).pull(1)

    first.may_answer.set()
    await pull


class Batches:
    """A platform that hands out prepared bodies, each in one piece."""

    def __init__(self, *bodies: bytes) -> None:
        self._bodies = list(bodies)

    async def pull(
        self, limit: int | None, *, receive: Callable[[bytes], Awaitable[None]]
    ) -> PullAnswer:
        await receive(self._bodies.pop(0))
        return PullAnswer(status=200, headers=(), complete=True, problem="")


def pending(count: int) -> bytes:
    return b'{"results":[{"messageId":"1"}],"messageCount":1,"pendingMessageCount":%d}' % count


async def test_competing_consumers_are_reported(
    console: Console, account: Account, paths: Paths
) -> None:
    """The report warns of another consumer until a pull has no missing messages."""
    source = Batches(pending(90), pending(80), pending(60), pending(70))
    puller = Puller(account, source, console.writer, paths, lambda _: None)

    warnings = [(await puller.pull(1)).competing for _ in range(4)]

    assert warnings[:2] == ["", ""]
    assert "28 waiting messages disappeared" in warnings[2]
    assert warnings[3] == ""


class InPieces:
    """A platform whose long answer arrives in pieces, with an action before some of them."""

    def __init__(self, body: bytes, actions: dict[int, Callable[[], None]]) -> None:
        self._body = body
        self._actions = actions

    async def pull(
        self, limit: int | None, *, receive: Callable[[bytes], Awaitable[None]]
    ) -> PullAnswer:
        for start in range(0, len(self._body), 20_000):
            self._actions.get(start, lambda: None)()
            await receive(self._body[start : start + 20_000])
        return PullAnswer(status=200, headers=(), complete=True, problem="")


LONG = b'{"results":[%b],"messageCount":500,"pendingMessageCount":0}' % b",".join(
    b'{"messageId":"%d","text":"%b"}' % (number, b"x" * 400) for number in range(500)
)


def limit_size(console: Console, pages: int) -> None:
    """Limit the archive to this many pages of 4 KB, or to its present size."""
    assert console.writer._archive
    console.writer._archive._db.pragma("max_page_count", pages)


@pytest.mark.slow
async def test_a_disk_that_is_full_for_a_while(
    console: Console, account: Account, paths: Paths
) -> None:
    """What arrives while the disk is full is buffered, and stored once there is room."""
    statuses: list[PullStatus] = []

    def on_status(status: PullStatus) -> None:
        statuses.append(status)
        if status.state == "held" and "held in memory until then" in status.sentence:
            limit_size(console, 1 << 30)

    source = InPieces(LONG, {40_000: lambda: limit_size(console, 1)})
    report = await Puller(account, source, console.writer, paths, on_status).pull(None)

    assert (report.messages, report.complete) == (500, True)
    assert "held" in [status.state for status in statuses]
    with read(paths) as reader:
        assert reader.delivery_body(report.delivery) == LONG


async def test_a_disk_that_stays_full(
    console: Console, account: Account, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names a spill file, from which the whole answer can be adopted."""
    elsewhere = paths.data.parent / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    source = InPieces(LONG, {40_000: lambda: limit_size(console, 1)})
    puller = Puller(account, source, console.writer, paths, lambda _: None, storage_timeout=0.0)

    with pytest.raises(NotStored, match="messages adopt"):
        await puller.pull(None)
    limit_size(console, 1 << 30)
    [spilled] = elsewhere.iterdir()
    decoded = await adopt(spilled, console.writer)

    assert len(decoded.message_ids) == 500
    assert spilled.stat().st_mode & 0o777 == 0o600
    with read(paths) as reader:
        assert reader.delivery_body(decoded.delivery) == LONG
        found = reader.delivery(decoded.delivery)
    assert found is not None
    assert (found.connection, found.base_url) == (account.connection, account.base_url)
    assert spilled.name in found.problem
