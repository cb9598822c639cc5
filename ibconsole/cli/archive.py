"""`ibconsole archive`: whether what is stored is as it was received, and a copy of it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import out
from ibconsole.cli.options import Context, as_json, data_dir
from ibconsole.cli.running import run

if TYPE_CHECKING:
    from ibconsole.services.messages import Maintenance, Progress, Verification

FAILED = 1


@click.group()
@data_dir
def archive() -> None:
    """The file in which everything received is stored."""


@archive.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@data_dir
@as_json
@click.pass_obj
def verify(context: Context, file: Path | None, as_json: bool) -> int | None:
    """Verify that everything stored is as it was received; writes nothing.

    FILE is a backup to verify instead. Exit code 0: nothing is damaged. 1: something is; it
    says what, what that means, and what to do.
    """
    from ibconsole.services.messages import Maintenance, describe_verification, verification_report

    found = run((Maintenance(file) if file else _caring(context)).verify(progress_told()))
    if as_json:
        out.json_line(as_object(found))
        out.say(describe_verification(found))
    else:
        for line in verification_report(found).splitlines():
            out.line(line)
    return FAILED if found.damaged else None


@archive.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_dir
@as_json
@click.pass_obj
def backup(context: Context, file: Path, as_json: bool) -> None:
    """Copy the archive to FILE, which must not exist yet, while others may write to it.

    FILE holds everything that was stored when the copy began, is verified before it gets its
    name, and is an archive of its own: to go back to it, put it in place of archive.sqlite3.
    """
    from ibconsole.services.messages import describe_verification

    found = run(_caring(context).back_up(file, progress_told()))
    if as_json:
        out.json_line({"file": str(file), **as_object(found)})
    out.say(f"The backup is {file}. {describe_verification(found)}")


def _caring(context: Context) -> "Maintenance":
    from ibconsole.services.messages import Maintenance
    from ibconsole.services.runtime import find_paths

    return Maintenance(find_paths(context.data_dir).archive)


def as_object(found: "Verification") -> dict[str, Any]:
    """A verification as JSON has it."""
    return {
        "damaged": found.damaged,
        "deliveries": dict(found.deliveries),
        "messages": found.messages,
        "remarkable": {standing: list(ids) for standing, ids in found.remarkable.items()},
        "damages": [
            {"sentence": one.sentence, "delivery": one.delivery, "message": one.message}
            for one in found.damages
        ],
    }


def progress_told() -> "_Told":
    """Tells a person at a terminal how far long work is, and nobody else."""
    return _Told(shown=sys.stderr.isatty())


class _Told:
    """Says each tenth of a stage once."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._last: tuple[str, int] | None = None

    def __call__(self, progress: "Progress") -> None:
        tenth = 10 * progress.done // progress.total if progress.total else 0
        if self._shown and (progress.stage, tenth) != self._last:
            self._last = (progress.stage, tenth)
            out.say(f"{progress.stage}… {10 * tenth} %" if tenth else f"{progress.stage}…")
