"""The answers of `listen`: options, a check of a file, and the question before they are given."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ibconsole.cli import (
    FileUnusable,
    GlobalOptions,
    confirm,
    name_of,
    open_console,
    out,
    read_input,
    run,
)
from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.services.answer_files import AnswerScenario
    from ibconsole.services.connections import Connection

F = TypeVar("F", bound=Callable[..., Any])

# The names are repeated here, so that --help loads no rules; a test compares them.
_PRESETS = ("down for 10 minutes", "slow", "flaky 20 %", "firewall page", "401")


def _find_preset(
    context: click.Context, parameter: click.Parameter, typed: str | None
) -> str | None:
    """Return the name of a preset as the list has it; it may be typed in either case."""
    if typed is None:
        return None
    found = next((one for one in _PRESETS if one.casefold() == typed.strip().casefold()), None)
    if found is None:
        raise click.BadParameter(
            f"{typed!r} is no preset: there are {', '.join(_PRESETS)}.", context, parameter
        )
    return found


def _complete_preset(_: click.Context, __: click.Parameter, typed: str) -> list[str]:
    return [one for one in _PRESETS if one.startswith(typed)]


def answer_options(command: F) -> F:
    """Add --answers, --preset and --check-answers to a command."""
    file = click.Path(path_type=Path, allow_dash=True)
    checked = click.option(
        "--check-answers",
        type=file,
        metavar="FILE",
        help="Only check a scenario file, and list its rules; nothing is started.",
    )(command)
    with_preset = click.option(
        "--preset",
        callback=_find_preset,
        shell_complete=_complete_preset,
        metavar="NAME",
        help=f"Answer by a scenario of the program: {', '.join(_PRESETS)}.",
    )(checked)
    return click.option(
        "--answers",
        type=file,
        metavar="FILE",
        help="Answer by the rules of a scenario file, YAML or JSON; - is stdin.",
    )(with_preset)


def chosen_answers(file: Path | None, preset: str | None) -> "AnswerScenario | None":
    """Return the scenario of a file or of a preset, None if neither is given.

    Raises FileUnusable, InvalidDocument with the place of each problem, or a usage error for both.
    """
    from ibconsole.services.answer_files import PRESETS

    if file is not None and preset is not None:
        raise click.UsageError("--answers and --preset are both scenarios: give one of them.")
    if preset is not None:
        return PRESETS[preset]
    return None if file is None else _read(file)


def show_check(file: Path, *, as_json: bool) -> None:
    """Write the rules of a scenario file. Raises what `chosen_answers` raises."""
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


def confirm_answers(options: GlobalOptions, scenario: "AnswerScenario", *, yes: bool) -> None:
    """Ask before rules that make a platform repeat a customer's messages take effect.

    Raises what `confirm` raises, and SettingsError if the saved connections cannot be read.
    """
    from ibconsole.services.answer_files import repetition_warning
    from ibconsole.services.connections import SettingsFile
    from ibconsole.services.runtime import find_paths

    saved = SettingsFile(find_paths(options.data_dir).settings).load().settings.connections
    warning = repetition_warning(scenario, saved)
    if not warning and repetition_warning(scenario, (), borrows=True):
        warning = repetition_warning(scenario, saved, borrows=run(_borrows(options, saved)))
    if warning and yes:
        out.write_notice(warning)
    elif warning:
        confirm(f"{warning} Give these answers?", yes=False)


async def _borrows(options: GlobalOptions, saved: "Iterable[Connection]") -> bool:
    """Return whether a route is borrowed from an account that is no saved sandbox."""
    from ibconsole.services.answer_files import borrows_from_customer

    async with open_console(options, connect=False) as console:
        return borrows_from_customer(await console.leases.active(), saved)


def _read(file: Path) -> "AnswerScenario":
    from ibconsole.services.answer_files import read_answer_file

    try:
        return read_answer_file(read_input(file), name_of(file))
    except FileUnusable as error:
        raise FileUnusable(f"{error} Nothing was started.") from error
