"""`ibconsole archive`: verify the archive, or make a backup of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import out
from ibconsole.cli.options import GlobalOptions, data_dir_option, json_option, refuse_dash
from ibconsole.cli.running import ExitCode, run

if TYPE_CHECKING:
    from ibconsole.services.messages import Maintenance, Verification


@click.group()
@data_dir_option
def archive() -> None:
    """The file that stores everything received."""


@archive.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@data_dir_option
@json_option
@click.pass_obj
def verify(options: GlobalOptions, file: Path | None, as_json: bool) -> int | None:
    """Verify that everything stored is as it was received. Changes nothing.

    With FILE, verify that backup instead. Exit code 0: nothing is damaged. 1: something is
    damaged; the output says what, what that means, and what to do.
    """
    from ibconsole.services.messages import Maintenance, describe_verification, verification_report

    if file:
        refuse_dash(file)
    maintenance = Maintenance(file) if file else _maintenance(options)
    verification = run(maintenance.verify(out.ProgressWriter()))
    if as_json:
        out.write_json(_to_object(verification))
        out.write_notice(describe_verification(verification))
    else:
        for line in verification_report(verification).splitlines():
            out.write_line(line)
    return ExitCode.FAILED if verification.damaged else None


@archive.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_dir_option
@json_option
@click.pass_obj
def backup(options: GlobalOptions, file: Path, as_json: bool) -> None:
    """Copy the archive to FILE, which must not exist yet. Other processes may write meanwhile.

    FILE contains everything that was stored when the copy began. It is verified before it gets
    its name, and is a complete archive: to restore it, put it in place of archive.sqlite3.
    """
    from ibconsole.services.messages import describe_verification

    refuse_dash(file)
    verification = run(_maintenance(options).back_up(file, out.ProgressWriter()))
    if as_json:
        out.write_json({"file": str(file), **_to_object(verification)})
    out.write_notice(f"The backup is {file}. {describe_verification(verification)}")


def _maintenance(options: GlobalOptions) -> "Maintenance":
    from ibconsole.services.messages import Maintenance
    from ibconsole.services.runtime import find_paths

    return Maintenance(find_paths(options.data_dir).archive)


def _to_object(found: "Verification") -> dict[str, Any]:
    return {
        "damaged": found.damaged,
        "deliveries": dict(found.deliveries),
        "messages": found.messages,
        "auditRows": found.audit_rows,
        "ledgerItems": found.ledger_items,
        "remarkable": {standing: list(ids) for standing, ids in found.remarkable.items()},
        "damages": [
            {"sentence": one.sentence, "delivery": one.delivery, "message": one.message}
            for one in found.damages
        ],
    }
