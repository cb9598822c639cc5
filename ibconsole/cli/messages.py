"""Commands for stored messages: reading, exporting, importing, maintaining, deleting."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ibconsole.cli import out
from ibconsole.cli.message_filter import filter_options, read_filter
from ibconsole.cli.options import (
    DASH,
    GlobalOptions,
    confirm,
    data_dir_option,
    json_option,
    open_output,
    refuse_dash,
    yes_option,
)
from ibconsole.cli.records import (
    connection_names,
    open_record,
    read_support,
    record_options,
    retention,
    saved_base_url,
    support_options,
    write_support,
)
from ibconsole.cli.running import ExitCode, open_console, run
from ibconsole.files import is_stream
from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.services.connections import JsonColumn
    from ibconsole.services.messages import (
        Reader,
        StoredMessage,
    )


@click.group()
@data_dir_option
def messages() -> None:
    """Messages that are stored on this computer, or in the archive of a team."""


HEADERS = ("ID", "ARRIVED", "VIA", "FROM", "KEYWORD", "TEXT")
_LONGEST_CELL = 60  # characters of a column from a JSON path


messages.add_command(retention)


column_option = click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="NAME=PATH",
    help=(
        "Add a column with the values at a JSON path of each message, such as"
        " 'Order=$.customPayload.order'; a path alone is named by its end. May be repeated; see"
        " docs/columns.md."
    ),
)


@messages.command("list")
@filter_options
@column_option
@click.option(
    "--all-connections",
    is_flag=True,
    help="Name the connection of each; also if the connection names a team, read this disk.",
)
@record_options
@json_option
@click.pass_obj
def list_messages(
    options: GlobalOptions,
    /,
    all_connections: bool,
    local: bool,
    as_json: bool,
    columns: Sequence[str],
    **filters: str | None,
) -> None:
    """List the stored messages, oldest first: those of the connection's team, if it names one.

    Without a team they are those of all connections on this disk.
    """
    from ibconsole.services.messages import message_line

    if as_json and columns:
        raise click.UsageError("--json has the whole JSON of each message: leave out --column.")
    added = _read_columns(columns)
    choice, masked = read_filter(**filters), out.shown_codes().masked
    with open_record(options, local=local or all_connections) as record:
        reader = record.reader
        criteria = choice.resolve(reader, options.data_dir)
        if as_json:
            for page in reader.pages(criteria):
                out.write_bytes(b"".join(message_line(one, masked=masked) for one in page))
            return
        found = reader.messages(criteria)
        headers = (*HEADERS, *(column.name for column in added))
        rows = _rows_with(added, found)
        if record.is_shared:
            shared = ((*row, message.source) for message, row in rows)
            out.write_table((*headers, "RECEIVED BY"), shared)
            return
        if all_connections:
            names = connection_names(options)
            named = ((*row, _name_of(message.connection, names)) for message, row in rows)
            out.write_table((*headers, "CONNECTION"), named)
            out.write_notice(
                "These are messages of all connections on this disk; what only other members of a"
                " team received is not among them."
            )
            return
        out.write_table(headers, (row for _, row in rows))


@messages.command("show")
@click.argument("message", type=int)
@support_options
@record_options
@json_option
@click.pass_obj
def show_message(
    options: GlobalOptions, /, message: int, local: bool, as_json: bool, **support: bool
) -> None:
    """Show one stored message with all its fields; MESSAGE is its ID in the list."""
    from ibconsole.services.evidence.support import message_of
    from ibconsole.services.messages import NoSuchMessage, message_object

    for_support = read_support(**support)
    with open_record(options, local=local) as record:
        stored = record.reader.message(message)
        delivery = record.reader.delivery(stored.delivery) if stored else None
    if not stored:
        raise NoSuchMessage(f"There is no message {message} in this archive.")
    if for_support.wanted:
        base_url = saved_base_url(options, stored.connection)
        write_support([message_of(stored, delivery, base_url)], for_support)
        return
    described = message_object(stored, delivery.answer if delivery else None)
    shown = out.shown_codes().value(described, stored.application_code)
    if as_json:
        out.write_json(shown)
        return
    for name, value in shown.items():
        out.write_line(f"{name:18}{value if isinstance(value, str) else out.to_json(value)}")


@messages.command("adopt")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_dir_option
@click.pass_obj
def adopt_answer(options: GlobalOptions, file: Path) -> None:
    """Store the answer of a pull that was saved as FILE because the disk was full."""
    refuse_dash(file)
    run(_adopt(options, file))


async def _adopt(options: GlobalOptions, file: Path) -> None:
    from ibconsole.services.intake import adopt

    async with open_console(options, connect=False) as console:
        decoded = await adopt(file, console.writer)
    sentences = (
        f"Stored {counted(len(decoded.message_ids), 'message')} from {file};"
        " those that were already stored are marked as duplicates.",
        decoded.problem,
        "The file is not needed any more.",
    )
    out.write_notice(" ".join(filter(None, sentences)))


@messages.command("redecode")
@data_dir_option
@json_option
@yes_option
@click.pass_obj
def redecode(options: GlobalOptions, as_json: bool, yes: bool) -> None:
    """Decode every stored body again, with this version of the program.

    No message is deleted, and none gets another ID. The command can be interrupted and repeated.
    """
    from ibconsole.services.messages import Maintenance, describe_redecoding
    from ibconsole.services.runtime import find_paths

    with _open_reader(options) as reader:
        counts = reader.counts()
    confirm(
        f"Decode {counts.pulls + counts.forwards:,} deliveries again? No message is deleted, but"
        " fields may change if this version decodes more of them.",
        yes=yes,
    )
    maintenance = Maintenance(find_paths(options.data_dir).archive)
    result = run(maintenance.redecode(out.ProgressWriter()))
    if as_json:
        out.write_json(
            {
                "deliveries": result.deliveries,
                "changed": result.changed,
                "added": result.added,
                "withoutBody": result.without_body,
                "fewer": list(result.fewer),
            }
        )
    out.write_notice(describe_redecoding(result))


@messages.command("export")
@filter_options
@column_option
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["jsonl", "csv", "xlsx", "raw"]),
    default="jsonl",
    help="JSON lines, CSV or Excel for spreadsheets, or a tar of the bodies as they were received.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to FILE, which must not exist yet (or be a pipe); - is stdout, the default.",
)
@click.option("--force", is_flag=True, help="Replace FILE if it is a regular file.")
@click.option(
    "--reveal-codes",
    is_flag=True,
    help="Do not mask application codes; they are also the mobile SDK's credential.",
)
@record_options
@click.pass_obj
def export_messages(
    options: GlobalOptions,
    /,
    local: bool,
    format_name: str,
    output: Path | None,
    force: bool,
    reveal_codes: bool,
    columns: Sequence[str],
    **filters: str | None,
) -> None:
    """Export stored messages, oldest first, with masked application codes.

    JSON lines with revealed codes, and raw bodies, can be imported again; duplicates are skipped.
    """
    from ibconsole.services.messages import (
        Export,
        ExportOptions,
        Format,
        TransferJobs,
    )
    from ibconsole.services.runtime import find_paths

    choice = read_filter(**filters)
    added = _read_columns(columns)
    output = None if output == DASH else output
    with open_record(options, local=local) as record:
        criteria = choice.resolve(record.reader, options.data_dir)
        export_options = ExportOptions(Format(format_name), criteria, reveal_codes, added)
        if output is None or is_stream(output):
            export = Export(record.reader, export_options)
            # Outside of the event loop, in which Ctrl+C would wait for the reader of a pipe.
            with open_output(output) as stream:
                export.write(stream, lambda _: None)
            exported = export.summary
        else:
            jobs = TransferJobs(find_paths(options.data_dir).archive, record.find)
            progress = out.ProgressWriter()
            exported = run(jobs.export(output, export_options, progress, replace=force))
            out.write_notice(f"Exported {counted(exported.messages, 'message')} to {output}.")
    for remark in exported.remarks:
        out.write_notice(remark)


@messages.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_dir_option
@json_option
@click.pass_obj
def import_messages(options: GlobalOptions, file: Path, as_json: bool) -> int | None:
    """Import FILE, an export of this program from this or another computer; - is stdin.

    Compressed files, and text in UTF-16 or UTF-32, are imported as they are.
    Messages that are already stored are not imported again, so the command can be repeated.
    Exit code 1: a part of FILE could not be decoded, and was skipped.
    """
    from ibconsole.services.messages import TransferJobs, describe_import
    from ibconsole.services.runtime import find_paths

    with _open_reader(options):
        pass  # opening it first completes and reports what a crash interrupted
    jobs = TransferJobs(find_paths(options.data_dir).archive)
    source = sys.stdin.buffer if file == DASH else file
    summary = run(jobs.import_file(source, out.ProgressWriter()))
    if as_json:
        out.write_json(
            {
                "messages": summary.imported.messages,
                "deliveries": summary.imported.deliveries,
                "known": summary.imported.existing,
                "masked": summary.masked,
                "passedOver": summary.skipped,
                "places": list(summary.skipped_places),
            }
        )
    out.write_notice(describe_import(summary))
    return ExitCode.FAILED if summary.skipped or summary.masked else None


def _read_columns(texts: Sequence[str]) -> "tuple[JsonColumn, ...]":
    """Return the columns that were typed. Raises InvalidColumn."""
    if not texts:
        return ()
    from ibconsole.services.list_display import check_columns, read_column

    columns = tuple(map(read_column, texts))
    check_columns(columns)
    return columns


def _rows_with(
    columns: "Sequence[JsonColumn]", messages: "Iterable[StoredMessage]"
) -> "Iterator[tuple[StoredMessage, tuple[str, ...]]]":
    """Yield each message with its row of a table, which ends with the columns from JSON paths."""
    if not columns:
        yield from ((one, to_row(one)) for one in messages)
        return
    from ibconsole.services.list_display import ColumnReader, masked

    reader, codes = ColumnReader(columns, longest=_LONGEST_CELL), out.shown_codes()
    for one in messages:
        mask = partial(masked, code=one.application_code, codes=codes)
        yield one, (*to_row(one), *reader.texts(one.body, mask))


def to_row(message: "StoredMessage") -> tuple[str, ...]:
    """Return a message as a row of a table with HEADERS; long fields are cut."""
    from ibconsole.services.messages import iso_time

    codes, code = out.shown_codes(), message.application_code
    return (
        str(message.id),
        iso_time(message.arrived_at),
        message.via,
        codes.text(message.sender, code)[:20],
        codes.text(message.keyword, code)[:16],
        codes.text(message.text, code)[:80],
    )


def _name_of(connection: str | None, names: Mapping[str, str]) -> str:
    """Return the name of a connection; its UUID if it is not saved any more."""
    return names.get(connection, connection) if connection else ""


@contextmanager
def _open_reader(options: GlobalOptions) -> "Iterator[Reader]":
    from ibconsole.services.messages import open_reader

    with open_reader(options.data_dir, out.write_notice) as reader:
        yield reader
