"""Pulls in a row: each for messages that nobody asked for before."""

import asyncio
from collections.abc import Callable

import pytest

from ibconsole.api import Unauthorized, Unreachable
from ibconsole.archive import Reader
from ibconsole.errors import UserError
from ibconsole.services.console.console import Console
from ibconsole.services.intake import pull_loop as paces
from ibconsole.services.intake.pull import PullBusy, PullReport
from ibconsole.services.intake.pull_loop import PullLoop
from ibconsole.services.intake.suspend import SuspendDetector
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import RepeatStatus
from ibconsole.simulator import RunningSimulator


def report(messages: int, pending: int | None = 0, **more: object) -> PullReport:
    values = {"problem": "", "complete": True} | more
    return PullReport(1, tuple(range(messages)), messages, pending, **values)  # type: ignore[arg-type]  # as given


class Scripted:
    """A platform that answers as it is told to, and counts."""

    def __init__(self, *answers: PullReport | UserError) -> None:
        self._answers = list(answers)
        self.limits: list[int | None] = []

    async def pull(self, limit: int | None) -> PullReport:
        self.limits.append(limit)
        answer = self._answers.pop(0)
        if isinstance(answer, UserError):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paces, "SHORTEST", 0.0)


def ignored(_: RepeatStatus) -> None:
    """Nobody looks."""


async def test_until_nothing_waits(
    console: Console, paths: Paths, running: RunningSimulator
) -> None:
    """Seven messages come in batches of three, are all stored, and none is asked for twice."""
    batches: list[int] = []
    ended = await console.pull_until_empty(3, pulled=lambda one: batches.append(one.messages))

    assert batches == [3, 3, 1]
    assert (ended.messages, ended.batches, ended.whole) == (7, 3, True)
    assert ended.sentence == "Nothing waits any more."
    assert running.simulator.counters["pulls"] == 3
    assert (console.status.repeat.state, console.status.repeat.messages) == ("stopped", 7)
    with Reader(paths.archive) as reader:
        assert reader.counts().messages == 7


@pytest.mark.parametrize(
    ("answers", "sentence", "whole"),
    [
        ([report(5, 9), report(0, 9)], "Nothing more was waiting.", True),
        ([report(5, None)], "The platform did not say how many still wait.", True),
        ([report(5, 9, complete=False)], "this answer was not whole", False),
        ([report(5, 9), report(0, None, error=Unauthorized())], "not accept", False),
        ([report(5, 9), Unreachable("Nobody answered.")], "Nobody answered.", False),
    ],
)
async def test_where_a_row_ends(
    answers: list[PullReport | UserError], sentence: str, *, whole: bool
) -> None:
    """At an empty batch, at what is not known, and at the first thing that is wrong."""
    platform = Scripted(*answers)

    ended = await PullLoop(platform, ignored).until_empty(10)

    assert sentence in ended.sentence
    assert ended.whole is whole
    assert len(platform.limits) == ended.batches + isinstance(answers[-1], UserError)


async def test_what_could_not_begin() -> None:
    """A row whose first request could not be sent is no row."""
    with pytest.raises(Unreachable):
        await PullLoop(Scripted(Unreachable("No.")), ignored).until_empty(10)


async def test_no_more_than_wanted() -> None:
    """The last batch is as small as the cap asks for."""
    platform = Scripted(report(10, 90), report(10, 80), report(5, 75))

    ended = await PullLoop(platform, ignored).until_empty(10, most=25)

    assert platform.limits == [10, 10, 5]
    assert (ended.messages, ended.whole) == (25, True)


def stops_when(condition: Callable[[RepeatStatus], bool]) -> tuple[list[RepeatStatus], object]:
    """A list of all that is told, and what stops the row at a condition."""
    told: list[RepeatStatus] = []

    class Stopper:
        row: PullLoop

        def __call__(self, status: RepeatStatus) -> None:
            told.append(status)
            if condition(status):
                self.row.stop()

    return told, Stopper()


def row(platform: Scripted, stopper: object, jumps: SuspendDetector | None = None) -> PullLoop:
    made = PullLoop(platform, stopper, jumps=jumps)  # type: ignore[arg-type]  # it is one
    stopper.row = made  # type: ignore[attr-defined]
    return made


async def test_stopping_between_batches() -> None:
    """A stop lets the batch under way end, and begins no other."""
    platform = Scripted(report(10, 90), report(10, 80), report(10, 70))
    _, stopper = stops_when(lambda status: status.batches == 2)

    ended = await row(platform, stopper).until_empty(10)

    assert (ended.batches, ended.messages, ended.sentence) == (2, 20, "Stopped.")
    assert len(platform.limits) == 2


async def test_auto_goes_on_while_messages_wait() -> None:
    """Waiting messages are fetched at once; then it waits, and says until when."""
    platform = Scripted(report(10, 15), report(10, 5), report(5, 0))
    told, stopper = stops_when(lambda status: status.state == "waiting" and status.batches == 3)

    ended = await row(platform, stopper).follow(10, 30.0)

    assert (ended.messages, ended.batches, ended.whole) == (25, 3, True)
    waiting = [status for status in told if status.state == "waiting"][-1]
    assert waiting.next_at
    assert told[-1].state == "stopped"
    assert not told[-1].running


async def test_auto_backs_off_and_goes_on() -> None:
    """What may pass is waited for; the reason is told."""
    platform = Scripted(Unreachable("Nobody answered."))
    told, stopper = stops_when(lambda status: status.state == "backing off")

    await row(platform, stopper).follow(10, 30.0)

    backing_off = next(status for status in told if status.state == "backing off")
    assert backing_off.sentence == "Nobody answered."
    assert backing_off.next_at


@pytest.mark.parametrize(
    "answer",
    [report(0, None, error=Unauthorized()), report(2, None, complete=False, problem="Cut.")],
)
async def test_auto_ends_where_it_would_do_harm(answer: PullReport) -> None:
    """A refused credential is not tried again, and no batch follows one that was damaged."""
    platform = Scripted(answer)

    ended = await PullLoop(platform, ignored).follow(10, 30.0)

    assert not ended.whole
    assert len(platform.limits) == 1


@pytest.fixture
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ibconsole.services.intake.pull_loop._SLICE", 0.001)


@pytest.mark.usefixtures("quick_looks")
async def test_a_computer_that_slept() -> None:
    """The next pull comes at once after waking, and the sleep is told."""
    times = iter([100.0, 101.0, 3700.0])
    platform = Scripted(report(0, 0), report(1, 0))
    told, stopper = stops_when(lambda status: status.batches == 2)

    jumps = SuspendDetector(lambda: next(times, 3701.0))
    ended = await row(platform, stopper, jumps).follow(10, 3600.0)

    assert ended.batches == 2
    assert told[-1].suspended == (101_000, 3_700_000)


class Endless:
    """A platform on which more always waits."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def pull(self, limit: int | None) -> PullReport:
        self.asked.set()
        await asyncio.sleep(0)
        return report(1, 1)


async def test_one_row_at_a_time() -> None:
    """A second row is refused while one is at work, and leaves it alone."""
    platform = Endless()
    pulls = PullLoop(platform, ignored)
    first = asyncio.get_running_loop().create_task(pulls.until_empty(1))
    await platform.asked.wait()

    with pytest.raises(PullBusy):
        await pulls.follow(1, 30.0)

    assert pulls.running
    await pulls.stopped()
    assert (await first).sentence == "Stopped."


async def test_a_connection_that_is_left_pulls_no_more(
    console: Console, running: RunningSimulator
) -> None:
    """Switching ends a row that waits for its turn."""
    following = asyncio.get_running_loop().create_task(console.follow_pulls(100, 3600.0))
    while console.status.repeat.state != "waiting":
        await asyncio.sleep(0)

    await console.disconnect()

    assert (await following).messages == 7
    assert running.simulator.counters["pulls"] == 1
