"""A real run of a simulation: the simulated platform forwards to a real listener, in fast time.

The listener stores in an archive of its own, in a temporary directory: no simulated message gets
among those of the user. Both are on loopback.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from msgspec.structs import replace

from ibconsole.errors import UserError
from ibconsole.listener.answers import AnswerRule, AnswerScenario, RuleAnswer
from ibconsole.model import AnswerEnd
from ibconsole.services.intake import ArchiveWriter, ForwardPaths, ListenerService
from ibconsole.services.retry_simulation.agreement import Agreement, compare_run
from ibconsole.services.retry_simulation.behaviour import usable_scenario, uses_wall_clock
from ibconsole.services.retry_simulation.prediction import (
    MessageFate,
    Prediction,
    RetryAttempt,
    SenderTraits,
    predict,
    show_seconds,
)
from ibconsole.services.runtime import Engine
from ibconsole.simulator import ForwardAttempt, RunningSimulator, SimulatorSettings, simulate
from ibconsole.tasks import Tasks

log = logging.getLogger(__name__)

SPEED = 3_600.0
MOST_RUN = 500  # messages
LONGEST_RUN = 600.0  # real seconds
_TIMEOUT = 0.5  # real seconds; a prompt answer takes some milliseconds, a busy computer more
_LONGEST_WAIT = 1_800.0  # simulated seconds, half of the longest hang
_CONNECTIONS = 200  # of which each takes two file descriptors
_PATH = "/inbound/simulated"
_PROGRESS = 0.2  # seconds between two reports
_SLACK = 60.0  # real seconds after which a run that does not end is given up


class NotRunnable(UserError):
    """The simulation cannot be run for real."""


class RunProgress(msgspec.Struct, frozen=True):
    """The progress of a run: messages that are delivered or lost, and the simulated time."""

    finished: int
    messages: int
    elapsed: float
    expected: float


OnProgress = Callable[[RunProgress], None]


class RealRun(msgspec.Struct, frozen=True):
    """A run that is possible. `expected` is its prediction under its own conditions.

    A time-out takes half a second, whatever the speed: shorter ones would hit prompt answers. So
    answers that come too late hang here, and time-outs take longer in simulated time. They would
    occupy all connections of the sender, so that it has more of them. What is expected reckons
    with all three.
    """

    expected: Prediction
    arrivals: tuple[float, ...]
    speed: float = SPEED

    @property
    def seconds(self) -> float:
        """The real seconds that the run will take."""
        return self.expected.ended / self.speed


def prepare_run(
    scenario: AnswerScenario,
    sender: SenderTraits,
    arrivals: Sequence[float],
    speed: float = SPEED,
) -> RealRun:
    """Return the run for a prediction. Raises NotRunnable, with what is in the way."""
    if not 1 <= speed <= 2 * SPEED:
        raise NotRunnable(f"Choose a speed from 1 to {2 * SPEED:,.0f}. Nothing was started.")
    usable, _ = usable_scenario(scenario)
    if uses_wall_clock(usable):
        raise NotRunnable(
            "A rule depends on the time of day, which cannot be accelerated. The prediction is not"
            " affected; use seconds since the start for a run."
        )
    if len(arrivals) > MOST_RUN:
        raise NotRunnable(f"A run has at most {MOST_RUN:,} messages. Simulate fewer of them.")
    waits = min(_TIMEOUT * speed, _LONGEST_WAIT)
    rules = tuple(_with_late_answers(rule, sender.timeout, waits) for rule in usable.rules)
    here = replace(sender, timeout=waits, connections=min(len(arrivals), _CONNECTIONS))
    run = RealRun(predict(replace(usable, rules=rules), here, arrivals), tuple(arrivals), speed)
    if run.seconds > LONGEST_RUN:
        raise NotRunnable(
            f"At {speed:,.0f}-fold time the run would take {show_seconds(run.seconds)}, and at most"
            f" {show_seconds(LONGEST_RUN)} are possible. Use fewer retries or a shorter law."
        )
    return run


def _with_late_answers(rule: AnswerRule, timeout: float, waits: float) -> AnswerRule:
    """Return a rule whose answer hangs if it would come after the sender's time-out."""
    if rule.answer.delay + rule.answer.seconds < timeout:
        return rule
    return replace(rule, answer=RuleAnswer(end=AnswerEnd.HANG, duration=2 * waits))


async def run_for_real(run: RealRun, on_progress: OnProgress) -> Agreement:
    """Carry out a run, and compare it with its prediction. Cancelling ends it at once.

    Raises NotRunnable if it does not end, and ListenerFailed.
    """
    law = run.expected.sender.law
    settings = SimulatorSettings(
        applications=1,
        rate_limited=False,
        clock_speed=run.speed,
        retry_delays=law.all_delays,
        forward_timeout=run.expected.sender.timeout / run.speed,
        forward_connections=run.expected.sender.connections,
    )
    async with _listening() as (listener, url), simulate(settings) as running:
        observer = _Observer(running, len(run.arrivals), len(law.all_delays))
        application = running.simulator.forward_to(url)
        listener.set_answers(replace(run.expected.scenario, speed=run.speed))
        observer.begin()
        try:
            async with asyncio.timeout(run.seconds + _SLACK), asyncio.TaskGroup() as group:
                group.create_task(observer.send(run.arrivals, application))
                group.create_task(observer.watch(on_progress, run.expected.ended))
        except TimeoutError:
            raise NotRunnable(
                "The run did not end in time, and was stopped. Nothing of it is stored; the"
                " prediction is not affected."
            ) from None
    return compare_run(run.expected, observer.fates(run.arrivals), run.speed)


class RemoteRun:
    """Runs simulations on the engine's loop for the window."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def run(self, run: RealRun, on_progress: OnProgress) -> Agreement:
        """See `run_for_real`; `on_progress` is called on the caller's loop."""
        loop = asyncio.get_running_loop()

        def report(progress: RunProgress) -> None:
            loop.call_soon_threadsafe(on_progress, progress)

        return await self._engine.call(run_for_real, run, report)


class _Observer:
    """Sends messages at their simulated times, and notes the attempts to forward them."""

    def __init__(self, running: RunningSimulator, messages: int, retries: int) -> None:
        self._simulator = running.simulator
        self._messages = messages
        self._retries = retries
        self._attempts: dict[str, list[RetryAttempt]] = {}
        self._finished = 0
        self._ended = asyncio.Event()
        self._began = 0.0

    def begin(self) -> None:
        """Begin to count simulated time."""
        self._began = self._simulator.clock.now()
        self._simulator.observe_forwards(self._note)

    async def send(self, arrivals: Sequence[float], application: str) -> None:
        """Generate each message at its time."""
        for number, at in sorted(enumerate(arrivals, start=1), key=lambda one: one[1]):
            wait = self._simulator.clock.seconds_until(self._began + at)
            if wait > 0:
                await asyncio.sleep(wait)
            self._simulator.generate_messages(1, application=application, messageId=str(number))

    async def watch(self, on_progress: OnProgress, expected: float) -> None:
        """Report the progress until every message is delivered or lost."""
        while not self._ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), _PROGRESS)
            elapsed = self._simulator.clock.now() - self._began
            on_progress(RunProgress(self._finished, self._messages, elapsed, expected))

    def fates(self, arrivals: Sequence[float]) -> tuple[MessageFate, ...]:
        """Return what became of each message."""
        return tuple(
            MessageFate(number, at, tuple(self._attempts[str(number)]))
            for number, at in enumerate(arrivals, start=1)
        )

    def _note(self, attempt: ForwardAttempt) -> None:
        answer = str(attempt.status) if attempt.status else "no answer"
        if attempt.is_timeout:
            answer = "time-out"
        elif attempt.status and attempt.problem:
            answer = f"{attempt.status}, cut"
        made = RetryAttempt(
            attempt.began - self._began,
            attempt.ended - self._began,
            answer,
            accepted=attempt.accepted,
        )
        self._attempts.setdefault(attempt.message_id, []).append(made)
        if attempt.accepted or attempt.number > self._retries:
            self._finished += 1
            if self._finished == self._messages:
                self._ended.set()


@asynccontextmanager
async def _listening() -> AsyncIterator[tuple[ListenerService, str]]:
    """Run a listener on an archive that is gone afterwards."""
    with TemporaryDirectory(prefix="ibconsole-run-", ignore_cleanup_errors=True) as directory:
        tasks = Tasks(_report)
        writer = ArchiveWriter(Path(directory, "archive.sqlite3"), tasks, lambda _: None)
        async with writer:
            paths = ForwardPaths(Path(directory, "paths.json"))
            listener = ListenerService(writer, paths, lambda _: None)
            url = await listener.start(host="127.0.0.1", port=0, path=_PATH)
            try:
                yield listener, url
            finally:
                await listener.stop()
        await tasks.close()


def _report(name: str, error: BaseException) -> None:
    log.error("The task %r of a real run failed.", name, exc_info=error)
