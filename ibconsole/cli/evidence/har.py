"""`ibconsole har`: HTTP archives of what was received and tested, and what is in such a file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ibconsole.cli import (
    DASH,
    ExitCode,
    GlobalOptions,
    data_dir_option,
    filter_options,
    json_option,
    open_output,
    out,
    read_filter,
    refuse_dash,
    run,
)
from ibconsole.cli.records import open_record, record_options
from ibconsole.files import is_stream
from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.services.evidence.har import HarSummary

_HEADERS = ("ENTRY", "STARTED", "METHOD", "STATUS", "BODY", "URL")


@click.group()
@data_dir_option
def har() -> None:
    """HTTP archives (HAR 1.2), which browsers and proxies read and write."""


@har.command("export")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to FILE, which must not exist yet (or be a pipe); - is stdout, the default.",
)
@click.option("--force", is_flag=True, help="Replace FILE if it is a regular file.")
@click.option("--tests", is_flag=True, help="Export the forward tests of this computer instead.")
@click.option(
    "--reveal-codes",
    is_flag=True,
    help="Do not mask application codes; they are also the mobile SDK's credential.",
)
@filter_options
@record_options
@click.pass_obj
def export_har(
    options: GlobalOptions,
    /,
    local: bool,
    output: Path | None,
    force: bool,
    tests: bool,
    reveal_codes: bool,
    **filters: str | None,
) -> None:
    """Export forwards and pulls with their answers, oldest first, with masked credentials.

    With a filter, those that have a message that matches, with all of their messages. With
    --reveal-codes the messages can be imported again.
    """
    if tests and any(filters.values()):
        raise click.UsageError("--tests exports all forward tests: give no filter with it.")
    output = None if output == DASH else output
    if tests:
        written = _export_tests(options, output, reveal_codes=reveal_codes, force=force)
    else:
        written = _export_deliveries(
            options, output, filters, local=local, reveal_codes=reveal_codes, force=force
        )
    for remark in written.remarks:
        out.write_notice(remark)


def _export_tests(
    options: GlobalOptions, output: Path | None, *, reveal_codes: bool, force: bool
) -> "HarSummary":
    from ibconsole.archive import Reader
    from ibconsole.services.evidence.har import export_tests, har_writer

    archive = _archive(options)
    if output is None or is_stream(output):
        writer = har_writer(reveal_codes=reveal_codes)
        with Reader(archive) as reader, open_output(output) as stream:
            writer.write_tests(stream, reader)
        return writer.summary
    written = export_tests(archive, output, reveal_codes=reveal_codes, replace=force)
    out.write_notice(f"Exported {counted(written.entries, 'forward test')} to {output}.")
    return written


def _export_deliveries(
    options: GlobalOptions,
    output: Path | None,
    filters: dict[str, str | None],
    *,
    local: bool,
    reveal_codes: bool,
    force: bool,
) -> "HarSummary":
    from ibconsole.services.evidence.har import HarOptions, export_deliveries, har_writer
    from ibconsole.services.messages import run_in_worker

    choice = read_filter(**filters)
    with open_record(options, local=local) as record:
        criteria = choice.resolve(record.reader, options.data_dir)
        if output is None or is_stream(output):
            writer = har_writer(reveal_codes=reveal_codes)
            # Outside of the event loop, in which Ctrl+C would wait for the reader of a pipe.
            with open_output(output) as stream:
                writer.write_deliveries(stream, record.reader, criteria, lambda _: None)
            return writer.summary
        opener, found = record.find(criteria)
        har_options = HarOptions(found, reveal_codes)
        written = run(
            run_in_worker(
                lambda report: export_deliveries(
                    opener, output, har_options, report, replace=force
                ),
                out.ProgressWriter(),
            )
        )
    out.write_notice(f"Exported {counted(written.entries, 'entry', 'entries')} to {output}.")
    return written


@har.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_dir_option
@json_option
@click.pass_obj
def import_har(options: GlobalOptions, file: Path, as_json: bool) -> int | None:
    """Import the messages in FILE: POSTs of the platform's envelope, and answers to pulls.

    Messages that are already stored are not imported again, so the command can be repeated.
    Nothing is sent. Exit code 1: a part of FILE could not be read, and was skipped.
    """
    from ibconsole.services.evidence.har import HarTransfer
    from ibconsole.services.messages import open_reader

    refuse_dash(file)
    archive = _archive(options)
    with open_reader(options.data_dir, out.write_notice):
        pass  # opening it first completes and reports what a crash interrupted
    done = run(HarTransfer(archive).import_har(file, out.ProgressWriter()))
    if as_json:
        out.write_json(
            {
                "messages": done.imported.messages,
                "deliveries": done.imported.deliveries,
                "known": done.imported.existing,
                "others": done.others,
                "masked": done.masked,
                "skipped": done.skipped,
                "entries": list(done.skipped_numbers),
            }
        )
    out.write_notice(done.sentence)
    return ExitCode.FAILED if done.skipped or done.masked else None


@har.command("list")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def list_entries(file: Path, as_json: bool) -> int | None:
    """List the entries of FILE, with the secrets that are in their URLs masked."""
    from ibconsole.services.evidence.har import LogRedaction, read_har
    from ibconsole.services.messages import iso_time

    refuse_dash(file)
    redaction, unreadable = LogRedaction(mask=out.shown_codes().masked), 0
    rows = []
    for number, one in read_har(file).exchanges():
        if one is None:
            unreadable += 1
            continue
        started = "" if one.began_at is None else iso_time(one.began_at)
        status = "" if one.status is None else str(one.status)
        url = redaction.redact_url(one.url)
        rows.append((str(number), started, one.method, status, str(len(one.body)), url))
    if as_json:
        names = [header.lower() for header in _HEADERS]
        out.write_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        out.write_table(_HEADERS, rows)
    if unreadable:
        out.write_notice(f"{counted(unreadable, 'entry', 'entries')} cannot be read.")
    return ExitCode.FAILED if unreadable else None


@har.command("payload")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--entry", type=click.IntRange(min=1), help="The entry, as in `har list`: else the first POST."
)
def write_payload(file: Path, entry: int | None) -> None:
    """Write the body of a request in FILE to stdout, as the payload of a forward test.

    For example: ibconsole har payload x.har | ibconsole forward-test URL --payload -
    """
    from ibconsole.services.evidence.har import payload_of, read_har

    refuse_dash(file)
    out.write_bytes(payload_of(read_har(file), entry))


def _archive(options: GlobalOptions) -> Path:
    from ibconsole.services.runtime import find_paths

    return find_paths(options.data_dir).archive
