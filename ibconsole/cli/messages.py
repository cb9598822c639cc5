"""Commands that take messages from the platform, and that read what is stored."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import out
from ibconsole.cli.options import account, as_json, as_yes, confirm, data_dir
from ibconsole.cli.running import Context, console, require_account, run
from ibconsole.model import Undecodable, parse

if TYPE_CHECKING:
    from ibconsole.services import Filter, PullReport, Reader, StoredMessage


_SILENCE = 5.0
_STILL_WAITING = (
    "Still waiting for the platform's answer, for a minute at most:"
    " giving up earlier could lose what it hands out."
)


@click.command()
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Take at most N messages.")
@account
@as_json
@as_yes
@click.pass_obj
@click.pass_context
def pull(
    click_context: click.Context, context: Context, limit: int | None, as_json: bool, yes: bool
) -> None:
    """Pull waiting messages, in exactly one request.

    The platform hands out each message once: it is gone for everybody else on the account.
    """
    place = require_account(context)
    confirm(
        f"Pull {f'up to {limit}' if limit else 'all that one request hands out of the'} messages"
        f" waiting on {place}? They are handed out once:"
        " everybody else on this account loses them.",
        yes=yes,
    )
    report = run(_pull(context, limit))
    with _reader(context) as reader:
        _show_pull(reader, report, as_json=as_json)
    out.say(_summary(report))
    if report.error:
        raise report.error
    if not report.complete:
        click_context.exit(1)


async def _pull(context: Context, limit: int | None) -> "PullReport":
    async with console(context) as opened:
        patience = asyncio.get_running_loop().call_later(_SILENCE, out.say, _STILL_WAITING)
        try:
            return await opened.pull(limit)
        finally:
            patience.cancel()


def _show_pull(reader: "Reader", report: "PullReport", *, as_json: bool) -> None:
    if report.error:
        return
    stored = [found for one in report.message_ids if (found := reader.message(one))]
    if as_json:
        out.json_line(_envelope(reader, report, stored))
        return
    if stored:
        out.table(_HEADERS, (_cells(message) for message in stored))


def _envelope(
    reader: "Reader", report: "PullReport", stored: "list[StoredMessage]"
) -> dict[str, Any]:
    """The envelope as it came; where it was broken, one made of what was recovered."""
    try:
        came = parse(reader.delivery_body(report.delivery)) if report.complete else None
    except Undecodable:
        came = None
    envelope = came if isinstance(came, dict) and isinstance(came.get("results"), list) else None
    recovered = {
        "results": [parse(message.body) for message in stored],
        "messageCount": report.announced,
        "pendingMessageCount": report.pending,
    }
    ours = {
        "delivery": report.delivery,
        "messages": list(report.message_ids),
        "complete": report.complete,
        "problem": report.problem,
    }
    return {**(envelope or recovered), "_ibconsole": ours}


def _summary(report: "PullReport") -> str:
    waiting = "" if report.pending is None else f" {report.pending} still wait."
    if report.error:
        return "The platform refused the pull; its answer is kept."
    told = f"{report.messages} message{'' if report.messages == 1 else 's'} stored.{waiting}"
    if not report.complete:
        told = f"{told} {report.reckoning}"
    return " ".join(filter(None, (told, report.problem, report.rival)))


@click.group()
@data_dir
def messages() -> None:
    """Messages that are stored on this computer."""


_HEADERS = ("ID", "ARRIVED", "VIA", "FROM", "KEYWORD", "TEXT")


def _filters(command: Any) -> Any:
    for option in (
        click.option("--application", default="", metavar="CODE", help="Only of this application."),
        click.option("--via", type=click.Choice(["pull", "forward"]), help="Only what came so."),
        click.option("--text", default="", help="Only what contains this text."),
    ):
        command = option(command)
    return command


@messages.command("list")
@_filters
@data_dir
@as_json
@click.pass_obj
def list_messages(
    context: Context, application: str, via: str | None, text: str, as_json: bool
) -> None:
    """List every stored message, oldest first."""
    wanted = _filter(application, via, text)
    with _reader(context) as reader:
        if as_json:
            for message in reader.messages(wanted):
                out.json_line(_with_ours(message))
            return
        out.table(_HEADERS, (_cells(message) for message in reader.messages(wanted)))


@messages.command("show")
@click.argument("message", type=int)
@data_dir
@as_json
@click.pass_obj
def show_message(context: Context, message: int, as_json: bool) -> None:
    """Show one stored message whole; MESSAGE is the ID that list shows."""
    from ibconsole.services import NoSuchMessage

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
    from ibconsole.services import adopt

    async with console(context, account=False) as opened:
        decoded = await adopt(file, opened.writer)
    count = len(decoded.message_ids)
    out.say(
        f"{count} message{'' if count == 1 else 's'} of it are stored, those included that were"
        f" stored before (they are marked as duplicates). {decoded.problem} {file} is not needed"
        " any more."
    )


@messages.command("export")
@_filters
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to FILE, which must not exist yet, instead of stdout.",
)
@click.option(
    "--reveal-codes",
    is_flag=True,
    help="Leave application codes readable; they double as the mobile SDK's credential.",
)
@data_dir
@click.pass_obj
def export_messages(
    context: Context,
    application: str,
    via: str | None,
    text: str,
    output: Path | None,
    reveal_codes: bool,
) -> None:
    """Export stored messages as JSON lines, oldest first, application codes masked."""
    from ibconsole.services import exporting

    wanted = _filter(application, via, text)
    with _reader(context) as reader:
        lines = (
            exporting.json_line(message, reveal_codes=reveal_codes)
            for message in reader.messages(wanted)
        )
        if output:
            out.say(f"{exporting.write(output, lines)} messages are in {output}.")
            return
        for line in lines:
            out.raw(line)


def _with_ours(message: "StoredMessage") -> dict[str, Any]:
    from ibconsole.services import exporting

    return exporting.as_object(message)


def _cells(message: "StoredMessage") -> tuple[str, ...]:
    from ibconsole.services import exporting

    return (
        str(message.id),
        exporting.iso(message.arrived_at),
        message.via,
        message.sender[:20],
        message.keyword[:16],
        message.text[:80],
    )


def _filter(application: str, via: str | None, text: str) -> "Filter":
    from ibconsole.services import Filter

    return Filter(application=application, via=via or "", text=text)


@contextmanager
def _reader(context: Context) -> "Iterator[Reader]":
    from ibconsole.services import open_reader

    with open_reader(context.data_dir, out.say) as reader:
        yield reader
