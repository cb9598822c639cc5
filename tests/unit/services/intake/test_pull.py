"""What waits on the platform can only grow, save for what our own pulls take."""

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from ibconsole.api.errors import Forbidden, Unauthorized, Unreachable
from ibconsole.api.exchange import PullAnswer
from ibconsole.archive.errors import ArchiveUnwritable
from ibconsole.archive.reader import Reader
from ibconsole.secret import Secret
from ibconsole.services.connections.account import Account, account_of
from ibconsole.services.console.console import Console
from ibconsole.services.intake.pull import CompetingConsumers, NotRequested, PullBusy, Puller
from ibconsole.services.intake.spill_file import adopt
from ibconsole.services.intake.spool import NotStored
from ibconsole.services.request_log.log import requested_by
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import PullStatus
from ibconsole.simulator.running import RunningSimulator


@pytest.mark.parametrize(
    ("pulls", "missing"),
    [
        ([(10, 90), (10, 80), (10, 70)], 0),
        ([(10, 90), (10, 85), (10, 100)], 0),  # others arrive meanwhile
        ([(10, 90), (10, 79)], 0),  # once may be the platform's own doing
        ([(10, 90), (10, 79), (10, 60)], 10),
        ([(10, 90), (10, 79), (10, 70), (10, 50)], 0),  # twice, but not in a row
        ([(10, 90), (10, 79), (10, None), (10, 40)], 0),  # not said, not known
        ([(0, 2), (0, 1), (0, 0)], 2),
    ],
)
def test_what_our_pulls_do_not_explain(pulls: list[tuple[int, int | None]], missing: int) -> None:
    """Somebody else is suspected when messages go away twice in a row without us."""
    rivals = CompetingConsumers()
    for taken, pending in pulls:
        rivals.note(taken, pending)

    assert bool(rivals.sentence) == bool(missing)
    assert f"{missing} messages have gone" in rivals.sentence or not missing


def test_nothing_is_said_once_it_is_over() -> None:
    """A pull that is explained takes the suspicion back."""
    rivals = CompetingConsumers()
    for pending in (10, 8, 6):
        rivals.note(0, pending)
    assert rivals.sentence

    rivals.note(3, 3)

    assert not rivals.sentence


def read(paths: Paths) -> Reader:
    return Reader(paths.archive)


async def test_a_pull_brings_messages_to_disk(console: Console, paths: Paths) -> None:
    """What the platform hands out is stored, and the rest is announced."""
    report = await console.pull(3)

    assert (report.messages, report.announced, report.pending) == (3, 3, 4)
    assert (report.complete, report.problem, report.error) == (True, "", None)
    with read(paths) as reader:
        assert all(reader.message(one) for one in report.message_ids)
    assert (console.status.pull.state, console.status.pull.pending) == ("idle", 4)


async def test_nothing_is_pulled_by_connecting(console: Console, running: RunningSimulator) -> None:
    """Opening a connection sends no request at all."""
    assert running.simulator.counters["requests"] == 0
    assert console.status.pull.state == "never"


@pytest.mark.parametrize("fault", ["cut", "wrong-length"])
async def test_a_broken_answer_gives_up_what_arrived(
    console: Console, running: RunningSimulator, paths: Paths, fault: str
) -> None:
    """A pull that was cut is told, its bytes are kept, and it is not repeated."""
    running.simulator.inject_fault(fault)

    report = await console.pull(5)

    assert not report.complete
    assert report.problem
    assert running.simulator.counters["pulls"] == 1
    with read(paths) as reader:
        assert reader.delivery_body(report.delivery)
        found = reader.delivery(report.delivery)
    assert found is not None
    assert found.message_count == report.messages


@pytest.mark.parametrize(("fault", "error"), [("401", Unauthorized), ("403", Forbidden)])
async def test_a_refusal_is_kept_and_said(
    console: Console, running: RunningSimulator, fault: str, error: type[Exception]
) -> None:
    """A pull that the platform refuses is one request, and its answer is not lost."""
    running.simulator.inject_fault(fault)

    report = await console.pull(5)

    assert isinstance(report.error, error)
    assert report.messages == 0
    assert running.simulator.pending == 7


async def test_a_refusal_is_explained_for_the_pull(
    console: Console, running: RunningSimulator
) -> None:
    """A pull that is not allowed names the scopes of the pull, any of which is enough."""
    running.simulator.inject_fault("403")

    report = await console.pull(5)

    assert isinstance(report.error, Forbidden)
    assert "inbound-message:read" in report.error.scopes


async def test_no_request_without_a_connection_to_the_host(paths: Paths, console: Console) -> None:
    """Where nobody listens nothing was handed out, and the archive says so."""
    await console.connect(account_of("http://127.0.0.1:9", Secret("k")))

    with pytest.raises(Unreachable):
        await console.pull(5)

    with read(paths) as reader:
        [found] = reader.deliveries(reader.find_deliveries("pull"))
    assert found.state == "failed"
    assert console.status.pull.state == "failed"


class Slow:
    """A platform that hands out one message when it is told to."""

    def __init__(self) -> None:
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def pull(
        self, limit: int | None, *, receive: Callable[[bytes], Awaitable[None]]
    ) -> PullAnswer:
        self.asked.set()
        await self.may_answer.wait()
        await receive(b'{"results":[{"messageId":"1"}]}')
        return PullAnswer(status=200, headers=(), complete=True, problem="")


async def test_a_cancelled_pull_loses_nothing(
    console: Console, account: Account, paths: Paths
) -> None:
    """A batch that was on its way when the user gave up is still archived."""
    source, told = Slow(), list[PullStatus]()
    puller = Puller(account, source, console.writer, paths, told.append)
    pull = asyncio.get_running_loop().create_task(puller.pull(1))
    await source.asked.wait()

    pull.cancel()
    await asyncio.sleep(0)
    source.may_answer.set()
    with pytest.raises(asyncio.CancelledError):
        await pull

    with read(paths) as reader:
        assert reader.counts().messages == 1
    assert [status.state for status in told] == ["pulling", "idle"]


async def test_two_pulls_never_run_at_once(
    console: Console, account: Account, paths: Paths
) -> None:
    """The second one on the same account is told, and sends nothing."""
    first, second = Slow(), Slow()
    pull = asyncio.get_running_loop().create_task(
        Puller(account, first, console.writer, paths, lambda _: None).pull(1)
    )
    await first.asked.wait()

    with pytest.raises(PullBusy):
        await Puller(account, second, console.writer, paths, lambda _: None).pull(1)

    assert not second.asked.is_set()
    first.may_answer.set()
    assert (await pull).messages == 1


class Full:
    """An archive without room."""

    async def begin_pull(self, **_: object) -> int:
        raise ArchiveUnwritable("The disk is full.")


async def test_no_request_without_room_on_disk(account: Account, paths: Paths) -> None:
    """Where the intent cannot be stored the platform is not asked."""
    source = Slow()
    puller = Puller(account, source, Full(), paths, lambda _: None)  # type: ignore[arg-type]

    with pytest.raises(NotRequested, match="so nothing is lost"):
        await puller.pull(1)

    assert not source.asked.is_set()


async def test_the_second_puller_is_told_who_pulls(
    console: Console, account: Account, paths: Paths
) -> None:
    """Whoever is refused learns which program holds the account, since when and for whom."""
    first = Slow()
    with requested_by("You: pull"):
        pull = asyncio.get_running_loop().create_task(
            Puller(account, first, console.writer, paths, lambda _: None).pull(1)
        )
    await first.asked.wait()

    with pytest.raises(PullBusy, match=rf"You: pull, connection Test, process {os.getpid()} on "):
        await Puller(account, Slow(), console.writer, paths, lambda _: None).pull(1)

    first.may_answer.set()
    await pull
    assert list(paths.pull_locks.glob("pull-*")) == []


async def test_data_directories_do_not_matter_to_a_puller(
    console: Console, account: Account, paths: Paths, tmp_path: Path
) -> None:
    """The pullers of one account exclude each other, wherever they keep what they receive."""
    here = Paths(tmp_path / "here", state=tmp_path / "state")
    there = Paths(tmp_path / "there", state=tmp_path / "state")
    first = Slow()
    pull = asyncio.get_running_loop().create_task(
        Puller(account, first, console.writer, here, lambda _: None).pull(1)
    )
    await first.asked.wait()

    with pytest.raises(PullBusy):
        await Puller(account, Slow(), console.writer, there, lambda _: None).pull(1)

    first.may_answer.set()
    await pull


class Batches:
    """A platform that hands out what it is told to, in one piece."""

    def __init__(self, *bodies: bytes) -> None:
        self._bodies = list(bodies)

    async def pull(
        self, limit: int | None, *, receive: Callable[[bytes], Awaitable[None]]
    ) -> PullAnswer:
        await receive(self._bodies.pop(0))
        return PullAnswer(status=200, headers=(), complete=True, problem="")


def pending(count: int) -> bytes:
    return b'{"results":[{"messageId":"1"}],"messageCount":1,"pendingMessageCount":%d}' % count


async def test_somebody_else_who_pulls_is_noticed(
    console: Console, account: Account, paths: Paths
) -> None:
    """Messages that went away twice in a row without us are somebody else's doing."""
    source = Batches(pending(90), pending(80), pending(60), pending(70))
    puller = Puller(account, source, console.writer, paths, lambda _: None)

    told = [(await puller.pull(1)).competing for _ in range(4)]

    assert told[:2] == ["", ""]
    assert "28 messages have gone" in told[2]
    assert told[3] == ""


class Gaping:
    """A platform whose long answer comes in pieces, while the disk fills up and is emptied."""

    def __init__(self, body: bytes, at: dict[int, Callable[[], None]]) -> None:
        self._body = body
        self._at = at

    async def pull(
        self, limit: int | None, *, receive: Callable[[bytes], Awaitable[None]]
    ) -> PullAnswer:
        for start in range(0, len(self._body), 20_000):
            self._at.get(start, lambda: None)()
            await receive(self._body[start : start + 20_000])
        return PullAnswer(status=200, headers=(), complete=True, problem="")


LONG = b'{"results":[%b],"messageCount":500,"pendingMessageCount":0}' % b",".join(
    b'{"messageId":"%d","text":"%b"}' % (number, b"x" * 400) for number in range(500)
)


def capacity(console: Console, pages: int) -> None:
    """The archive may have so many pages of 4 KB, or as many as it has now."""
    assert console.writer._archive
    console.writer._archive._db.pragma("max_page_count", pages)


async def test_a_disk_that_fills_up_for_a_while(
    console: Console, account: Account, paths: Paths
) -> None:
    """What arrives while the archive takes nothing is held, and stored when there is room."""
    told: list[PullStatus] = []

    def changed(status: PullStatus) -> None:
        told.append(status)
        if status.state == "held" and "waits for that" in status.sentence:
            capacity(console, 1 << 30)

    source = Gaping(LONG, {40_000: lambda: capacity(console, 1)})
    report = await Puller(account, source, console.writer, paths, changed).pull(None)

    assert (report.messages, report.complete) == (500, True)
    assert "held" in [status.state for status in told]
    with read(paths) as reader:
        assert reader.delivery_body(report.delivery) == LONG


async def test_a_disk_that_stays_full(
    console: Console, account: Account, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is in a file elsewhere, which is named, and comes back from there whole."""
    elsewhere = paths.data.parent / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    source = Gaping(LONG, {40_000: lambda: capacity(console, 1)})
    puller = Puller(account, source, console.writer, paths, lambda _: None, patience=0.0)

    with pytest.raises(NotStored, match="messages adopt"):
        await puller.pull(None)
    capacity(console, 1 << 30)
    [rescued] = elsewhere.iterdir()
    decoded = await adopt(rescued, console.writer)

    assert len(decoded.message_ids) == 500
    assert rescued.stat().st_mode & 0o777 == 0o600
    with read(paths) as reader:
        assert reader.delivery_body(decoded.delivery) == LONG
        found = reader.delivery(decoded.delivery)
    assert found is not None
    assert (found.connection, found.base_url) == (account.connection, account.base_url)
    assert rescued.name in found.problem
