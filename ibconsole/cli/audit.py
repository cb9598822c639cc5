"""`ibconsole audit`: what was changed in accounts and pulled from them, by whom, and why."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import out
from ibconsole.cli.options import GlobalOptions, confirm, data_dir_option, json_option
from ibconsole.cli.running import ExitCode, run, saved_connections
from ibconsole.errors import UserError
from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.services.audit import AuditFilter

_HEADERS = ("ROW", "AT", "USER", "ACCOUNT", "CALL", "OUTCOME", "REASON")


class _RowAndHash(click.ParamType[tuple[int, str]]):
    name = "ROW:HASH"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, str]:
        row, _, hashed = str(value).strip().partition(":")
        if not row.isdecimal() or not row.isascii() or len(hashed) != 64 or len(row) > 18:
            self.fail("this is not a row and its hash, as `audit verify` writes them", param, ctx)
        return int(row), hashed.lower()


def _filter_options(command: Any) -> Any:
    for name, metavar, words in (
        ("--until", "WHEN", "Only calls before 2026-11-01, 2026-11-01T12:00Z, or 7d (ago)."),
        ("--since", "WHEN", "Only calls then or later."),
        ("--text", "WORDS", "Only calls with all of these words, such as a ticket or a URL."),
        ("--app", "CODE", "Only calls that name this application."),
        ("--connection", "NAME", "Only calls of this connection, or of this UUID."),
    ):
        command = click.option(name, metavar=metavar, default="", help=words)(command)
    return command


@click.group()
@data_dir_option
def audit() -> None:
    """The changes of accounts and the pulls: by whom, when, why, with what outcome."""


@audit.command("list")
@_filter_options
@data_dir_option
@json_option
@click.pass_obj
def list_audit(options: GlobalOptions, /, as_json: bool, **filters: str) -> None:
    """List the recorded changes and pulls, oldest first.

    "not known" is the outcome of a call that was interrupted, or is under way.
    """
    with _rows(options, **filters) as rows:
        if as_json:
            _write_json_lines(rows)
        else:
            out.write_table(_HEADERS, map(_cells, rows))


@audit.command()
@_filter_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "csv"]),
    default="jsonl",
    show_default=True,
    help="JSON Lines, or CSV.",
)
@data_dir_option
@click.pass_obj
def export(options: GlobalOptions, /, form: str, **filters: str) -> None:
    """Write everything that is recorded to stdout; application codes are masked."""
    from ibconsole.services.audit import csv_header, csv_row

    with _rows(options, **filters) as rows:
        if form == "jsonl":
            _write_json_lines(rows)
            return
        out.write_bytes(csv_header())
        for row in rows:
            out.write_bytes(csv_row(row))


@audit.command()
@click.option(
    "--kept",
    type=_RowAndHash(),
    help="A row and its hash, as an earlier verification wrote them: they must be the same now.",
)
@data_dir_option
@json_option
@click.pass_obj
def verify(options: GlobalOptions, kept: tuple[int, str] | None, as_json: bool) -> int | None:
    """Find the first row that is not as it was written. Changes nothing.

    Exit code 0: none. 1: there is one; its number is named.
    """
    from ibconsole.services import audit as service

    found = service.verify(_archive(options), kept)
    sentence = service.describe_verification(found, kept)
    if as_json:
        out.write_json(
            {
                "broken": found.broken,
                "rows": found.rows,
                "last": found.last,
                "hash": found.hash,
                "removed": found.removed,
                "sentence": sentence,
            }
        )
    else:
        out.write_line(sentence)
    return None if found.broken is None else ExitCode.FAILED


def remove_old_rows(
    options: GlobalOptions, days: int, *, preview: bool, yes: bool, trust_clock: bool
) -> None:
    """Remove the rows of the audit that are older, after showing how many and asking."""
    from ibconsole.services import audit as service

    path = _archive(options)
    removal = service.preview_removal(path, days)
    out.write_notice(service.describe_removal(removal))
    if preview or not removal.rows:
        return
    if yes and removal.doubted_since is not None and not trust_clock:
        raise UserError(
            "Nothing was removed, because the clock may be wrong. If it is right, add"
            " --trust-clock."
        )
    confirm("Remove them now? What the audit says of that time is gone then.", yes=yes)
    service.remove(path, removal, days=days, reason=options.reason, place="Command line")
    out.write_notice(f"{counted(removal.rows, 'row')} removed.")


@contextmanager
def _rows(options: GlobalOptions, **filters: str) -> Iterator[Iterable[Mapping[str, Any]]]:
    from ibconsole.services.audit import audit_rows

    yield audit_rows(_archive(options), _read_filter(options, **filters))


def _read_filter(
    options: GlobalOptions, *, connection: str, app: str, text: str, since: str, until: str
) -> "AuditFilter":
    from ibconsole.services.audit import AuditFilter
    from ibconsole.services.runtime import parse_time

    return AuditFilter(
        connection=_connection_id(options, connection) if connection else "",
        application=app,
        since=parse_time(since) if since else None,
        until=parse_time(until) if until else None,
        text=text,
    )


def _connection_id(options: GlobalOptions, name: str) -> str:
    """Return the UUID of a saved connection, or what was typed, if that is one already."""
    from uuid import UUID

    try:
        return str(UUID(name))
    except ValueError:
        return run(saved_connections(options).find(name)).id


def _archive(options: GlobalOptions) -> Path:
    from ibconsole.services.runtime import find_paths

    return find_paths(options.data_dir).archive


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    from ibconsole.services.audit import describe_outcome_of

    call = f"{row['method']} {row['path']}"
    return (
        str(row["row"]),
        row["at"],
        row["user"],
        row["account"],
        call,
        describe_outcome_of(row),
        row["reason"],
    )


def _write_json_lines(rows: Iterable[Mapping[str, Any]]) -> None:
    for row in rows:
        out.write_line(out.to_json(row))
