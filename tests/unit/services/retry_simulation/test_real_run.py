"""A real run of a simulation."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ibconsole.listener.answers.presets import PRESETS
from ibconsole.listener.answers.values import (
    AnswerRule,
    AnswerScenario,
    RequestNumbers,
    RuleAnswer,
    RuleCondition,
    TimeWindow,
)
from ibconsole.model import AnswerEnd
from ibconsole.services.retry_law import PUBLISHED_LAW, RetryLaw
from ibconsole.services.retry_simulation.agreement import Agreement
from ibconsole.services.retry_simulation.behaviour import read_segments, scenario_of
from ibconsole.services.retry_simulation.prediction import SenderTraits
from ibconsole.services.retry_simulation.real_run import (
    NotRunnable,
    RemoteRun,
    RunProgress,
    prepare_run,
    run_for_real,
)
from ibconsole.services.runtime.engine import Engine


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine()
    engine.start()
    yield engine
    await asyncio.to_thread(engine.stop)


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def files_in(directory: Path) -> list[Path]:
    return list(directory.iterdir())


async def test_a_run_follows_law_and_behaviour(directory: Path) -> None:
    """The simulator forwards to a real listener by the law; what happened is as predicted."""
    sender = SenderTraits(RetryLaw(delays=(60, 120)))
    behaviour = scenario_of(read_segments("error"))
    progress: list[RunProgress] = []

    found = await run_for_real(prepare_run(behaviour, sender, [0, 30]), progress.append)

    assert [[one.answer for one in fate.attempts] for fate in found.observed] == [["503"] * 3] * 2
    for fate in found.observed:
        times = [one.at for one in fate.attempts]
        assert times[0] >= fate.at
        assert times[1] >= times[0] + 60
        assert times[2] >= times[1] + 120
    assert (progress[-1].finished, progress[-1].messages) == (2, 2)
    assert files_in(directory) == []


async def test_every_kind_of_answer_comes_as_predicted(directory: Path) -> None:
    """A hang is a time-out, a cut answer no delivery, and a whole 200 ends the attempts."""
    ends = (AnswerEnd.CLOSE, AnswerEnd.RESET_AFTER_HEAD, AnswerEnd.HALF_BODY, AnswerEnd.HANG)
    law = RetryLaw(delays=(10,) * 4)
    rules = tuple(
        AnswerRule(
            end,
            RuleCondition(numbers=RequestNumbers(first=number, last=number)),
            RuleAnswer(body="OK", end=end),
        )
        for number, end in enumerate(ends, start=1)
    )

    prepared = prepare_run(AnswerScenario("s", rules), SenderTraits(law), [0])
    found = await run_for_real(prepared, lambda _: None)

    answers = [one.answer for one in found.observed[0].attempts]
    assert answers == ["no answer", "200, cut", "200, cut", "time-out", "200"]
    assert found.observed[0].delivered_at is not None


async def test_a_run_ends_when_it_is_cancelled(directory: Path) -> None:
    """Nothing is left: no server, and no file."""
    prepared = prepare_run(scenario_of(read_segments("error")), SenderTraits(), [0])
    begun = asyncio.Event()
    task = asyncio.get_running_loop().create_task(
        run_for_real(prepared, lambda _: begun.set()), name="run"
    )
    await begun.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert files_in(directory) == []


async def test_the_window_runs_it_on_the_engine(directory: Path, engine: Engine) -> None:
    """Progress is reported on the loop of the window."""
    prepared = prepare_run(scenario_of(()), SenderTraits(), [0])
    reported = asyncio.Event()

    found: Agreement = await RemoteRun(engine).run(prepared, lambda _: reported.set())

    await reported.wait()
    assert found.observed[0].delivered_at is not None


@pytest.mark.parametrize(
    ("scenario", "law", "count", "speed", "why"),
    [
        (PRESETS["401"], PUBLISHED_LAW, 1, 0.5, "speed"),
        (PRESETS["401"], PUBLISHED_LAW, 1, 8_000, "speed"),
        (PRESETS["401"], PUBLISHED_LAW, 501, 3_600, "at most 500 messages"),
        (PRESETS["401"], PUBLISHED_LAW, 1, 60, "41 min 30 s"),
        (
            AnswerScenario("s", (AnswerRule("r", RuleCondition(window=TimeWindow(since=1))),)),
            PUBLISHED_LAW,
            1,
            3_600,
            "time of day",
        ),
    ],
)
def test_what_cannot_be_run_is_said(
    scenario: AnswerScenario, law: RetryLaw, count: int, speed: float, why: str
) -> None:
    """Before anything is started."""
    with pytest.raises(NotRunnable, match=why):
        prepare_run(scenario, SenderTraits(law), [0] * count, speed)


def test_late_answers_hang_in_a_run() -> None:
    """An answer that the sender would not wait for must not arrive in time in fast time."""
    prepared = prepare_run(PRESETS["slow"], SenderTraits(RetryLaw()), [0])

    attempt = prepared.expected.messages[0].attempts[0]
    assert (attempt.answer, attempt.ended) == ("time-out", 1_800)
    assert prepared.seconds == 0.5
