"""The answers of `listen`: a check of a scenario file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ibconsole.cli import FileUnusable, name_of, out, read_input
from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.services.answer_files import AnswerScenario

F = TypeVar("F", bound=Callable[..., Any])


def check_option(command: F) -> F:
    """Add --check-answers to a command."""
    return click.option(
        "--check-answers",
        type=click.Path(path_type=Path, allow_dash=True),
        metavar="FILE",
        help="Only check a scenario file, and list its rules; nothing is started.",
    )(command)


def show_check(file: Path, *, as_json: bool) -> None:
    """Write the rules of a scenario file.

    Raises FileUnusable, or InvalidDocument with the place of each problem.
    """
    from ibconsole.services.answer_files import describe_answer, retries_expected

    scenario = _read(file)
    repeated = retries_expected(scenario)
    if as_json:
        rules = [
            {
                "name": rule.name,
                "answer": describe_answer(rule.answer),
                "isRepeated": rule in repeated,
            }
            for rule in scenario.rules
        ]
        out.write_json({"file": name_of(file), "name": scenario.name, "rules": rules})
        return
    out.write_line(
        f"{name_of(file)} is valid: “{scenario.name}”, {counted(len(scenario.rules), 'rule')}."
    )
    out.write_table(
        ("RULE", "ANSWER", "PLATFORM"),
        (
            (
                rule.name,
                describe_answer(rule.answer),
                "repeats it" if rule in repeated else "takes it for delivered",
            )
            for rule in scenario.rules
        ),
    )


def _read(file: Path) -> "AnswerScenario":
    from ibconsole.services.answer_files import read_answer_file

    try:
        return read_answer_file(read_input(file), name_of(file))
    except FileUnusable as error:
        raise FileUnusable(f"{error} Nothing was started.") from error
