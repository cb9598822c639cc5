"""`ibconsole retries`: the fate of messages while an endpoint fails, predicted and tried out."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ibconsole.cli import data_dir_option, json_option, name_of, out, read_input, run

if TYPE_CHECKING:
    from ibconsole.services.answer_files import AnswerScenario
    from ibconsole.services.retry_simulation import (
        Agreement,
        Prediction,
        RealRun,
        RunProgress,
    )

CONTRADICTED = 2  # the exit code of a run that contradicts the prediction
_MOST_ROWS = 200  # of a table; CSV and JSON have all


@click.command()
@click.option(
    "--behaviour",
    metavar="TEXT",
    help="The endpoint over time: “up 1 h, error 2 h, hang 30 min, slow 5 min, up”.",
)
@click.option(
    "--answers",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="The endpoint as a scenario file, as for `listen`.",
)
@click.option("--preset", metavar="NAME", help="The endpoint as a preset, as for `listen`.")
@click.option(
    "--law",
    default="published",
    show_default=True,
    metavar="LAW",
    help="Delays (“10s, 1m, 5m”), a formula (“1m + 1m * n^2, 20 retries”), published, or none.",
)
@click.option("--messages", type=int, default=10, show_default=True, help="Messages that arrive.")
@click.option(
    "--every", default="1 min", show_default=True, metavar="DURATION", help="The time between two."
)
@click.option("--arrivals", metavar="TIMES", help="Instead: the times of all, “0, 30 s, 2 h”.")
@click.option(
    "--time-out",
    "timeout",
    default="10 s",
    show_default=True,
    metavar="DURATION",
    help="The time that the sender waits for an answer; that of the platform is not known.",
)
@click.option("--run", "for_real", is_flag=True, help="Try it out: simulator and real listener.")
@click.option("--speed", type=float, default=3_600.0, show_default=True, help="The speed of a run.")
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV, with times in seconds.")
@data_dir_option
@json_option
def retries(
    behaviour: str | None,
    answers: Path | None,
    preset: str | None,
    law: str,
    messages: int,
    every: str,
    arrivals: str | None,
    timeout: str,
    for_real: bool,
    speed: float,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Predict what becomes of messages while an endpoint fails: delivered when, or lost.

    Pure arithmetic on a retry law and the behaviour of the endpoint. The published law is that of
    delivery reports and SMS; for forwards of mobile push it is assumed. With --run the simulator
    forwards to a listener on this computer in fast time, and both are compared; neither the archive
    nor any account is touched.
    Exit code 2: the run contradicts the prediction, or was too late to tell.
    """
    from ibconsole.services.retry_law import read_law
    from ibconsole.services.retry_simulation import (
        RetryQuestion,
        SenderTraits,
        predict,
        prepare_run,
    )
    from ibconsole.services.runtime import parse_duration

    if as_csv and (as_json or for_real):
        raise click.UsageError("--csv stands alone: a run is written as a table or as --json.")
    question = RetryQuestion(
        _scenario(behaviour, answers, preset),
        SenderTraits(read_law(law), parse_duration(timeout)),
        _arrivals(arrivals, messages, every),
    )
    prediction = predict(question.scenario, question.sender, question.arrivals)
    # What is in the way of a run is said before anything is written.
    prepared = (
        prepare_run(question.scenario, question.sender, question.arrivals, speed)
        if for_real
        else None
    )
    agreement = run(_run(prepared)) if prepared else None
    if as_csv:
        _write_csv(prediction)
    elif as_json:
        _write_json(prediction, agreement)
    else:
        _write_text(prediction, agreement)
    if agreement and not agreement.agrees:
        raise click.exceptions.Exit(CONTRADICTED)


def _scenario(behaviour: str | None, answers: Path | None, preset: str | None) -> "AnswerScenario":
    from ibconsole.services.answer_files import PRESETS, read_answer_file
    from ibconsole.services.retry_simulation import read_segments, scenario_of

    if sum(one is not None for one in (behaviour, answers, preset)) != 1:
        raise click.UsageError("Give one of --behaviour, --answers and --preset.")
    if behaviour is not None:
        return scenario_of(read_segments(behaviour))
    if answers is not None:
        return read_answer_file(read_input(answers), name_of(answers))
    if preset is None or preset not in PRESETS:
        names = ", ".join(f"“{name}”" for name in PRESETS)
        raise click.UsageError(f"There is no preset {preset!r}. There are {names}.")
    return PRESETS[preset]


def _arrivals(times: str | None, count: int, every: str) -> tuple[float, ...]:
    from ibconsole.services.retry_simulation import spread_arrivals
    from ibconsole.services.runtime import parse_duration

    if times is None:
        return spread_arrivals(count, parse_duration(every))
    return tuple(parse_duration(one) for one in times.split(","))


async def _run(prepared: "RealRun") -> "Agreement":
    from ibconsole.services.retry_simulation import run_for_real, show_seconds

    out.write_notice(
        f"Running at {prepared.speed:,.0f}-fold time, about {show_seconds(prepared.seconds)}."
        " Ctrl+C ends it."
    )
    return await run_for_real(prepared, _ProgressOutput())


class _ProgressOutput:
    """Writes each tenth of a run once."""

    def __init__(self) -> None:
        self._write = out.ProgressWriter()

    def __call__(self, progress: "RunProgress") -> None:
        from ibconsole.services.messages import Progress

        self._write(Progress("Running", progress.finished, progress.messages))


def _write_text(prediction: "Prediction", agreement: "Agreement | None") -> None:
    from ibconsole.services.retry_simulation import HEADERS, fate_row, run_rows

    rows = [fate_row(one) for one in prediction.messages[:_MOST_ROWS]]
    out.write_table(HEADERS, rows)
    out.write_line("")
    out.write_line(prediction.sentence)
    out.write_line(f"Law: {prediction.sender.law.sentence}")
    if len(prediction.messages) > _MOST_ROWS:
        out.write_notice(f"The first {_MOST_ROWS} messages are shown; --csv has all of them.")
    if prediction.left_out:
        names = ", ".join(f"“{name}”" for name in prediction.left_out)
        out.write_notice(f"Rules about the content of requests are not simulated: {names}.")
    if agreement:
        out.write_line("")
        out.write_table(("MESSAGE", "RUN", "EXPECTED", "OBSERVED", ""), run_rows(agreement))
        out.write_line("")
        out.write_line(agreement.sentence)


def _write_csv(prediction: "Prediction") -> None:
    from ibconsole.services.retry_simulation import csv_lines

    out.write_bytes(b"".join(csv_lines(prediction)))


def _write_json(prediction: "Prediction", agreement: "Agreement | None") -> None:
    from ibconsole.services.retry_simulation import prediction_json

    out.write_own_json(prediction_json(prediction, agreement))
