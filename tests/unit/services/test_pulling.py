import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ibconsole.api import Forbidden, PullAnswer, Unauthorized, Unreachable
from ibconsole.archive import ArchiveUnwritable, Reader
from ibconsole.secret import Secret
from ibconsole.services import Account, Console, Places, PullBusy, account_of
from ibconsole.services.pulling import Puller
from ibconsole.services.status import PullStatus
from ibconsole.simulator import Running


def read(places: Places) -> Reader:
    return Reader(places.archive)


async def test_a_pull_brings_messages_to_disk(console: Console, places: Places) -> None:
    """What the platform hands out is stored, and the rest is announced."""
    report = await console.pull(3)

    assert (report.messages, report.announced, report.pending) == (3, 3, 4)
    assert (report.complete, report.problem, report.error) == (True, "", None)
    with read(places) as reader:
        assert all(reader.message(one) for one in report.message_ids)
    assert (console.status.pull.state, console.status.pull.pending) == ("idle", 4)


async def test_nothing_is_pulled_by_connecting(console: Console, running: Running) -> None:
    """Opening a connection sends no request at all."""
    assert running.simulator.counters["requests"] == 0
    assert console.status.pull.state == "never"


@pytest.mark.parametrize("fault", ["cut", "wrong-length"])
async def test_a_broken_answer_gives_up_what_arrived(
    console: Console, running: Running, places: Places, fault: str
) -> None:
    """A pull that was cut is told, its bytes are kept, and it is not repeated."""
    running.simulator.fail(fault)

    report = await console.pull(5)

    assert not report.complete
    assert report.problem
    assert running.simulator.counters["pulls"] == 1
    with read(places) as reader:
        assert reader.delivery_body(report.delivery)
        found = reader.delivery(report.delivery)
    assert found is not None
    assert found.message_count == report.messages


@pytest.mark.parametrize(("fault", "error"), [("401", Unauthorized), ("403", Forbidden)])
async def test_a_refusal_is_kept_and_said(
    console: Console, running: Running, fault: str, error: type[Exception]
) -> None:
    """A pull that the platform refuses is one request, and its answer is not lost."""
    running.simulator.fail(fault)

    report = await console.pull(5)

    assert isinstance(report.error, error)
    assert report.messages == 0
    assert running.simulator.pending == 7


async def test_a_refusal_is_explained_for_the_pull(console: Console, running: Running) -> None:
    """A pull that is not allowed names the scopes of the pull, any of which is enough."""
    running.simulator.fail("403")

    report = await console.pull(5)

    assert isinstance(report.error, Forbidden)
    assert "inbound-message:read" in report.error.scopes


async def test_no_request_without_a_connection_to_the_host(
    places: Places, console: Console
) -> None:
    """Where nobody listens nothing was handed out, and the archive says so."""
    await console.connect(account_of("http://127.0.0.1:9", Secret("k")))

    with pytest.raises(Unreachable):
        await console.pull(5)

    with read(places) as reader:
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
    console: Console, account: Account, places: Places
) -> None:
    """A batch that was on its way when the user gave up is still archived."""
    source, told = Slow(), list[PullStatus]()
    puller = Puller(account, source, console.writer, places, told.append)
    pull = asyncio.get_running_loop().create_task(puller.pull(1))
    await source.asked.wait()

    pull.cancel()
    await asyncio.sleep(0)
    source.may_answer.set()
    with pytest.raises(asyncio.CancelledError):
        await pull

    with read(places) as reader:
        assert reader.counts().messages == 1
    assert [status.state for status in told] == ["pulling", "idle"]


async def test_two_pulls_never_run_at_once(
    console: Console, account: Account, places: Places
) -> None:
    """The second one on the same account is told, and sends nothing."""
    first, second = Slow(), Slow()
    pull = asyncio.get_running_loop().create_task(
        Puller(account, first, console.writer, places, lambda _: None).pull(1)
    )
    await first.asked.wait()

    with pytest.raises(PullBusy):
        await Puller(account, second, console.writer, places, lambda _: None).pull(1)

    assert not second.asked.is_set()
    first.may_answer.set()
    assert (await pull).messages == 1


class Full:
    """An archive without room."""

    async def begin_pull(self, **_: object) -> int:
        raise ArchiveUnwritable("The disk is full.")


async def test_no_request_without_room_on_disk(account: Account, places: Places) -> None:
    """Where the intent cannot be stored the platform is not asked."""
    source = Slow()
    puller = Puller(account, source, Full(), places, lambda _: None)  # type: ignore[arg-type]

    with pytest.raises(ArchiveUnwritable):
        await puller.pull(1)

    assert not source.asked.is_set()
