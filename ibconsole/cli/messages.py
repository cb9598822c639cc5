"""Commands that read what is stored, and bring it out."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import out
from ibconsole.cli.options import Context, as_json, as_yes, confirm, data_dir
from ibconsole.cli.running import console, run

if TYPE_CHECKING:
    from ibconsole.services.messages import Filter, Reader, RetentionPolicy, StoredMessage


@click.group()
@data_dir
def messages() -> None:
    """Messages that are stored on this computer."""


HEADERS = ("ID", "ARRIVED", "VIA", "FROM", "KEYWORD", "TEXT")


def _filters(command: Any) -> Any:
    for option in (
        click.option("--application", default="", metavar="CODE", help="Only of this application."),
        click.option("--via", type=click.Choice(["pull", "forward"]), help="Only what came so."),
        click.option("--text", default="", help="Only what contains this text."),
        click.option("--since", default="", metavar="WHEN", help="Only what arrived from then on."),
        click.option(
            "--until",
            default="",
            metavar="WHEN",
            help="Only what arrived before: 2026-11-01, 2026-11-01T12:00Z, or 7d ago.",
        ),
    ):
        command = option(command)
    return command


@messages.command("list")
@_filters
@data_dir
@as_json
@click.pass_obj
def list_messages(context: Context, /, as_json: bool, **chosen: str | None) -> None:
    """List every stored message, oldest first."""
    wanted = _filter(**chosen)
    with _reader(context) as reader:
        if as_json:
            for message in reader.messages(wanted):
                out.json_line(_with_ours(message))
            return
        out.table(HEADERS, (cells(message) for message in reader.messages(wanted)))


@messages.command("show")
@click.argument("message", type=int)
@data_dir
@as_json
@click.pass_obj
def show_message(context: Context, message: int, as_json: bool) -> None:
    """Show one stored message whole; MESSAGE is the ID that list shows."""
    from ibconsole.services.messages import NoSuchMessage

    with _reader(context) as reader:
        found = reader.message(message)
    if not found:
        raise NoSuchMessage(f"There is no message {message} in this archive.")
    if as_json:
        out.json_line(_with_ours(found))
        return
    for name, value in _with_ours(found).items():
        out.line(f"{name:18}{value if isinstance(value, str) else out.json_text(value)}")


@messages.command("adopt")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_dir
@click.pass_obj
def adopt_answer(context: Context, file: Path) -> None:
    """Store the answer of a pull that was rescued to FILE because the disk was full."""
    run(_adopt(context, file))


async def _adopt(context: Context, file: Path) -> None:
    from ibconsole.services.intake import adopt

    async with console(context, account=False) as opened:
        decoded = await adopt(file, opened.writer)
    count = len(decoded.message_ids)
    stored = "1 message of it is stored" if count == 1 else f"{count} messages of it are stored"
    out.say(
        f"{stored}; what had been stored before is marked as a duplicate. {decoded.problem}"
        f" {file} is not needed any more."
    )


@messages.command("redecode")
@data_dir
@as_json
@as_yes
@click.pass_obj
def redecode(context: Context, as_json: bool, yes: bool) -> None:
    """Read every stored body again, with what this version of the program understands.

    No message is taken away, and none gets another ID. It can be interrupted, and repeated.
    """
    from ibconsole.cli.archive import progress_told
    from ibconsole.services.messages import Maintenance, describe_redecoding
    from ibconsole.services.runtime import find_paths

    with _reader(context) as reader:
        counts = reader.counts()
    confirm(
        f"Read the bodies of {counts.pulls + counts.forwards:,} deliveries again? No message is"
        " taken away, but fields may change where this program understands more.",
        yes=yes,
    )
    told = run(Maintenance(find_paths(context.data_dir).archive).redecode(progress_told()))
    if as_json:
        out.json_line(
            {
                "deliveries": told.deliveries,
                "changed": told.changed,
                "added": told.added,
                "withoutBody": told.without_body,
                "fewer": list(told.fewer),
            }
        )
    out.say(describe_redecoding(told))


@messages.command("export")
@_filters
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["jsonl", "csv", "raw"]),
    default="jsonl",
    help="JSON lines, CSV for spreadsheets, or a tar of the bodies as they were received.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to FILE, which must not exist yet, instead of stdout.",
)
@click.option("--force", is_flag=True, help="Let FILE take the place of one that exists.")
@click.option(
    "--reveal-codes",
    is_flag=True,
    help="Leave application codes readable; they double as the mobile SDK's credential.",
)
@data_dir
@click.pass_obj
def export_messages(
    context: Context,
    /,
    format_name: str,
    output: Path | None,
    force: bool,
    reveal_codes: bool,
    **chosen: str | None,
) -> None:
    """Export stored messages, oldest first, application codes masked.

    JSON lines with codes revealed, and raw bodies, can be imported again: nothing is doubled.
    """
    from ibconsole.cli.archive import progress_told
    from ibconsole.services.messages import Export, ExportOptions, Format, TransferJobs
    from ibconsole.services.runtime import find_paths

    wish = ExportOptions(Format(format_name), _filter(**chosen), reveal_codes)
    with _reader(context) as reader:
        if output is None:
            export = Export(reader, wish)
            export.to(sys.stdout.buffer, lambda _: None)
            sys.stdout.buffer.flush()
            exported = export.exported
        else:
            transfers = TransferJobs(find_paths(context.data_dir).archive)
            exported = run(transfers.export(output, wish, progress_told(), instead=force))
            count = exported.messages
            out.say(f"{count:,} message{' is' if count == 1 else 's are'} in {output}.")
    for remark in exported.remarks:
        out.say(remark)


@messages.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_dir
@as_json
@click.pass_obj
def import_messages(context: Context, file: Path, as_json: bool) -> int | None:
    """Import FILE, which this program has exported here or elsewhere.

    What is there already is not taken in again, so it can be repeated. Exit code 1: some of
    FILE could not be understood, and was passed over.
    """
    from ibconsole.cli.archive import progress_told
    from ibconsole.services.messages import TransferJobs, describe_import
    from ibconsole.services.runtime import find_paths

    with _reader(context):
        pass  # what a crash left is finished first, and told
    transfers = TransferJobs(find_paths(context.data_dir).archive)
    outcome = run(transfers.take(file, progress_told()))
    if as_json:
        out.json_line(
            {
                "messages": outcome.taken.messages,
                "deliveries": outcome.taken.deliveries,
                "known": outcome.taken.known,
                "masked": outcome.masked,
                "passedOver": outcome.passed_over,
                "places": list(outcome.places),
            }
        )
    out.say(describe_import(outcome))
    return 1 if outcome.passed_over or outcome.masked else None


@messages.command("retention")
@click.option(
    "--keep-days", type=click.IntRange(min=0), help="Delete what is older than so many days."
)
@click.option("--keep-count", type=click.IntRange(min=0), help="Keep at most so many messages.")
@click.option("--keep-size", metavar="SIZE", help="Keep at most so much: 500MB, 2GB.")
@click.option("--off", is_flag=True, help="Keep everything again, as at first.")
@click.option("--preview", is_flag=True, help="Only say what would be deleted; change nothing.")
@data_dir
@as_json
@as_yes
@click.pass_obj
def retention(
    context: Context,
    keep_days: int | None,
    keep_count: int | None,
    keep_size: str | None,
    off: bool,
    preview: bool,
    as_json: bool,
    yes: bool,
) -> None:
    """Show how much is kept, or choose it: at first, everything.

    What is beyond a bound is deleted for good, the oldest first: now, and every hour while the
    window is open or `listen` runs.
    """
    from ibconsole.services.messages import RetentionPolicy, read_size

    size = None if keep_size is None else read_size(keep_size)
    chosen = RetentionPolicy(keep_days, keep_count, size)
    if off and not chosen.everything:
        raise click.UsageError("--off keeps everything; leave out the bounds.")
    wanted = None if chosen.everything and not off else chosen
    told = run(_retain(context, wanted, preview=preview, yes=yes))
    if as_json:
        out.json_line(told)


async def _retain(
    context: Context, wanted: "RetentionPolicy | None", *, preview: bool, yes: bool
) -> dict[str, Any]:
    from dataclasses import asdict

    from ibconsole.services.messages import describe_policy, describe_preview

    async with console(context, account=False) as opened:
        keeping = opened.retention
        keep = await keeping.chosen() if wanted is None else wanted
        leaving = await keeping.leaving(keep)
        out.say(f"{describe_policy(keep)} {describe_preview(leaving)}")
        deleted = 0
        if wanted is not None and not preview:
            if leaving.deliveries:
                confirm("Delete them now, and keep to it from now on?", yes=yes)
            await keeping.choose(wanted)
            deleted = await keeping.apply()
            out.say(f"That is how it is from now on; {deleted:,} messages are deleted.")
    return {"keep": asdict(keep), "leaving": asdict(leaving), "deleted": deleted}


def _with_ours(message: "StoredMessage") -> dict[str, Any]:
    from ibconsole.services.messages import message_object

    return message_object(message)


def cells(message: "StoredMessage") -> tuple[str, ...]:
    """A message as one line of a list, under HEADERS."""
    from ibconsole.services.messages import iso_time

    return (
        str(message.id),
        iso_time(message.arrived_at),
        message.via,
        message.sender[:20],
        message.keyword[:16],
        message.text[:80],
    )


def _filter(
    application: str | None,
    via: str | None,
    text: str | None,
    since: str | None,
    until: str | None,
) -> "Filter":
    from ibconsole.services.messages import Filter
    from ibconsole.services.runtime import parse_time

    return Filter(
        application=application or "",
        via=via or "",
        text=text or "",
        since=parse_time(since) if since else None,
        until=parse_time(until) if until else None,
    )


@contextmanager
def _reader(context: Context) -> "Iterator[Reader]":
    from ibconsole.services.messages import open_reader

    with open_reader(context.data_dir, out.say) as reader:
        yield reader
