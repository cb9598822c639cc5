"""The pull loop, its schedule, and the reasons for which it ends."""

import asyncio
from collections.abc import Callable

import pytest

from ibconsole.api.errors import (
    Forbidden,
    PlatformBroken,
    RateLimited,
    Refused,
    Unauthorized,
    Unreachable,
)
from ibconsole.archive import Reader
from ibconsole.errors import UserError
from ibconsole.services.console.console import Console
from ibconsole.services.intake.permit import PermitLost
from ibconsole.services.intake.pull import NotRequested, PullBusy, PullReport
from ibconsole.services.intake.pull_loop import (
    LONGEST_BACKOFF,
    SHORTEST_PAUSE,
    PullLoop,
    PullLoopResult,
    PullSchedule,
    is_transient,
)
from ibconsole.services.intake.spool import NotStored
from ibconsole.services.intake.suspend import SuspendDetector
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import PullLoopState, PullLoopStatus
from ibconsole.simulator import RunningSimulator


def report(messages: int, pending: int | None = 0, **more: object) -> PullReport:
    values = {"problem": "", "complete": True} | more
    return PullReport(1, tuple(range(messages)), messages, pending, **values)  # type: ignore[arg-type]  # as given


class Scripted:
    """A platform that gives prepared answers and records the limits."""

    def __init__(self, *answers: PullReport | UserError) -> None:
        self._answers = list(answers)
        self.limits: list[int | None] = []

    async def pull(self, limit: int | None) -> PullReport:
        self.limits.append(limit)
        answer = self._answers.pop(0)
        if isinstance(answer, UserError):
            raise answer
        return answer


def ignore(_: PullLoopStatus) -> None:
    """Ignore a status."""


def quick_loop(platform: Scripted) -> PullLoop:
    return PullLoop(platform, ignore, shortest_pause=0.0)


class Recorder:
    """A pull loop that records every status and stops at a condition."""

    def __init__(
        self,
        platform: Scripted,
        condition: Callable[[PullLoopStatus], bool],
        detector: SuspendDetector | None = None,
    ) -> None:
        self.statuses: list[PullLoopStatus] = []
        self._condition = condition
        self.loop = PullLoop(
            platform,
            self._record,
            suspend_detector=detector,
            shortest_pause=0.0,
            poll_interval=0.001,
        )

    def _record(self, status: PullLoopStatus) -> None:
        self.statuses.append(status)
        if self._condition(status):
            self.loop.stop()


@pytest.mark.parametrize(("pending", "seconds"), [(9, SHORTEST_PAUSE), (0, 30.0), (None, 30.0)])
def test_no_pause_while_messages_wait(pending: int | None, seconds: float) -> None:
    """The pause is the interval, or the shortest one while messages wait."""
    assert PullSchedule(30.0).pause_after_success(pending) == seconds


def test_backoff() -> None:
    """Each failure doubles the pause up to a limit; a success resets it."""
    schedule = PullSchedule(30.0)
    pauses = [schedule.pause_after_failure(Unreachable("No.")) for _ in range(40)]

    assert pauses[:4] == [60.0, 120.0, 240.0, LONGEST_BACKOFF]
    assert pauses[-1] == LONGEST_BACKOFF
    assert schedule.pause_after_success(0) == 30.0
    assert schedule.pause_after_failure(Unreachable("No.")) == 60.0
    assert schedule.pause_after_failure(PermitLost("No.")) == SHORTEST_PAUSE


def test_retry_after_is_respected() -> None:
    """A longer pause that the platform asks for is granted."""
    assert PullSchedule(1.0).pause_after_failure(RateLimited(retry_after=900.0)) == 900.0


def test_intervals_have_limits() -> None:
    """An interval is at least one second, and may exceed the longest backoff."""
    assert PullSchedule(0.0).pause_after_success(0) == SHORTEST_PAUSE
    assert PullSchedule(3600.0).pause_after_failure(Unreachable("No.")) == 3600.0


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (Unreachable("No."), True),
        (PlatformBroken("No.", status=503), True),
        (RateLimited(), True),
        (PullBusy("No."), True),
        (NotRequested("No."), True),
        (NotStored("No."), False),
        (Unauthorized(), False),
        (Forbidden(), False),
    ],
)
def test_permanent_failures(error: Exception, *, transient: bool) -> None:
    """A refused credential, or an answer that was not stored, needs an action of the user."""
    assert is_transient(error) is transient


async def test_until_empty(console: Console, paths: Paths, running: RunningSimulator) -> None:
    """Seven messages are pulled in batches of three and stored, none requested twice."""
    batches: list[int] = []
    result = await console.pulls.pull_until_empty(
        3, on_report=lambda one: batches.append(one.messages)
    )

    assert batches == [3, 3, 1]
    assert (result.messages, result.batches, result.complete) == (7, 3, True)
    assert result.sentence == "No more messages are waiting."
    assert running.simulator.counters["pulls"] == 3
    assert (console.status.pull_loop.state, console.status.pull_loop.messages) == ("stopped", 7)
    with Reader(paths.archive) as reader:
        assert reader.counts().messages == 7


@pytest.mark.parametrize(
    ("answers", "sentence", "complete"),
    [
        ([report(5, 9), report(0, 9)], "No more messages were waiting.", True),
        ([report(5, None)], "The platform did not say how many are still waiting.", True),
        ([report(5, 9, complete=False)], "this answer was incomplete", False),
        ([report(5, 9), report(0, None, error=Unauthorized())], "not accept", False),
        ([report(5, 9), Unreachable("It timed out.")], "It timed out.", False),
    ],
)
async def test_reasons_to_end(
    answers: list[PullReport | UserError], sentence: str, *, complete: bool
) -> None:
    """A loop ends at an empty batch, at an unknown queue, and at the first problem."""
    platform = Scripted(*answers)

    result = await quick_loop(platform).run_until_empty(10)

    assert sentence in result.sentence
    assert result.complete is complete
    assert len(platform.limits) == result.batches + isinstance(answers[-1], UserError)


BAD_LIMIT = report(0, None, error=Refused(400))


async def test_batches_are_as_large_as_the_platform_accepts() -> None:
    """Without a limit, a loop asks for 1,000, and after a refusal of the number for fewer."""
    platform = Scripted(BAD_LIMIT, BAD_LIMIT, report(200, 300), report(200, 100), report(100, 0))

    result = await quick_loop(platform).run_until_empty(None)

    assert platform.limits == [1000, 500, 200, 200, 200]
    assert (result.messages, result.batches, result.complete) == (500, 3, True)


async def test_refused_numbers_are_never_followed_by_a_larger_one() -> None:
    """A limit or a maximum that the user set holds while the batch size is reduced."""
    platform = Scripted(report(30, 90), BAD_LIMIT, report(10, 80), report(5, 75))

    await quick_loop(platform).run_until_empty(30, max_messages=45)

    assert platform.limits == [30, 15, 10, 5]


async def test_a_request_that_is_refused_at_every_size() -> None:
    """A refusal of the smallest number ends the loop with its reason."""
    platform = Scripted(*[BAD_LIMIT] * 7)

    result = await quick_loop(platform).run_until_empty(None)

    assert platform.limits == [1000, 500, 200, 100, 50, 20, 10]
    assert (result.batches, result.complete) == (1, False)
    assert "400" in result.sentence


async def test_automatic_pulls_keep_the_accepted_batch_size() -> None:
    """A number that was refused is not asked for again."""
    platform = Scripted(BAD_LIMIT, report(500, 500), report(500, 0))
    recorder = Recorder(platform, lambda status: status.batches == 2)

    await recorder.loop.run_continuously(None, 30.0)

    assert platform.limits == [1000, 500, 500]


async def test_a_refused_batch_size_takes_nothing(
    console: Console, paths: Paths, running: RunningSimulator
) -> None:
    """All messages of a platform that refuses 1,000 arrive, and none is lost to the refusals."""
    running.simulator.change_settings(refuse_larger_limits=True, max_limit=60)

    result = await console.pulls.pull_until_empty(None)

    assert (result.messages, result.complete) == (7, True)
    assert running.simulator.counters["pulls"] == 1
    with Reader(paths.archive) as reader:
        assert reader.counts().messages == 7


async def test_first_request_not_sent() -> None:
    """The error of a first request that could not be sent is raised."""
    with pytest.raises(Unreachable):
        await quick_loop(Scripted(Unreachable("No."))).run_until_empty(10)


async def test_maximum_number_of_messages() -> None:
    """The last batch is small enough to keep the maximum."""
    platform = Scripted(report(10, 90), report(10, 80), report(5, 75))

    result = await quick_loop(platform).run_until_empty(10, max_messages=25)

    assert platform.limits == [10, 10, 5]
    assert result == PullLoopResult(
        25, 3, "Limit reached; 75 still waiting.", complete=True, report=result.report
    )


async def test_stop_between_batches() -> None:
    """A stop lets the batch in progress end, and starts no other."""
    platform = Scripted(report(10, 90), report(10, 80), report(10, 70))

    result = await Recorder(platform, lambda status: status.batches == 2).loop.run_until_empty(10)

    assert (result.batches, result.messages, result.sentence) == (2, 20, "Stopped.")
    assert len(platform.limits) == 2


async def test_continuous_pulls() -> None:
    """Waiting messages are pulled at once; then the loop waits, and says until when."""
    platform = Scripted(report(10, 15), report(10, 5), report(5, 0))
    recorder = Recorder(
        platform, lambda status: status.state is PullLoopState.WAITING and status.batches == 3
    )

    result = await recorder.loop.run_continuously(10, 30.0)

    assert (result.messages, result.batches, result.complete) == (25, 3, True)
    waiting = [status for status in recorder.statuses if status.state is PullLoopState.WAITING][-1]
    assert waiting.next_at
    assert recorder.statuses[-1].state == "stopped"
    assert not recorder.statuses[-1].running


async def test_transient_failures() -> None:
    """After a transient failure the loop backs off and shows the reason."""
    recorder = Recorder(
        Scripted(Unreachable("It timed out.")),
        lambda status: status.state is PullLoopState.BACKING_OFF,
    )

    await recorder.loop.run_continuously(10, 30.0)

    backing_off = next(one for one in recorder.statuses if one.state is PullLoopState.BACKING_OFF)
    assert backing_off.sentence == "It timed out."
    assert backing_off.next_at


@pytest.mark.parametrize(
    "answer",
    [report(0, None, error=Unauthorized()), report(2, None, complete=False, problem="Cut.")],
)
async def test_continuous_pulls_end_at_a_permanent_failure(answer: PullReport) -> None:
    """No pull follows a refused credential or an incomplete answer."""
    platform = Scripted(answer)

    result = await quick_loop(platform).run_continuously(10, 30.0)

    assert not result.complete
    assert len(platform.limits) == 1


async def test_suspension_of_the_computer() -> None:
    """After a suspension the next pull follows at once, and the status shows it."""
    times = iter([100.0, 101.0, 3700.0])
    detector = SuspendDetector(lambda: next(times, 3701.0))
    recorder = Recorder(
        Scripted(report(0, 0), report(1, 0)), lambda status: status.batches == 2, detector
    )

    result = await recorder.loop.run_continuously(10, 3600.0)

    assert result.batches == 2
    assert recorder.statuses[-1].suspended == (101_000, 3_700_000)


class Endless:
    """A platform on which messages always wait."""

    def __init__(self) -> None:
        self.requested = asyncio.Event()

    async def pull(self, limit: int | None) -> PullReport:
        self.requested.set()
        await asyncio.sleep(0)
        return report(1, 1)


async def test_one_loop_at_a_time() -> None:
    """A second loop is refused while one runs, and does not disturb it."""
    platform = Endless()
    loop = PullLoop(platform, ignore)
    first = asyncio.get_running_loop().create_task(loop.run_until_empty(1))
    await platform.requested.wait()

    with pytest.raises(PullBusy, match="already running"):
        await loop.run_continuously(1, 30.0)

    assert loop.running
    await loop.stop_and_wait()
    assert (await first).sentence == "Stopped."


async def test_closing_the_connection_stops_the_loop(
    console: Console, running: RunningSimulator
) -> None:
    """Closing the connection ends a loop that waits for its next pull."""
    pulling = asyncio.get_running_loop().create_task(console.pulls.pull_continuously(100, 3600.0))
    while console.status.pull_loop.state is not PullLoopState.WAITING:
        await asyncio.sleep(0)

    await console.disconnect()

    assert (await pulling).messages == 7
    assert running.simulator.counters["pulls"] == 1
