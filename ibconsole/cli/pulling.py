"""The command that takes messages from the platform."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import out
from ibconsole.cli.messages import HEADERS, cells
from ibconsole.cli.options import Context, account, as_json, as_yes, confirm
from ibconsole.cli.running import (
    console,
    explaining_signals,
    require_account,
    run,
    saved_connections,
    unsaved_account,
)
from ibconsole.model import Undecodable, parse

if TYPE_CHECKING:
    from ibconsole.services.console import Console
    from ibconsole.services.intake import PullReport
    from ibconsole.services.messages import Reader, StoredMessage

_SILENCE = 5.0
_FIRST = 10
_STILL_WAITING = (
    "Still waiting for the platform's answer, for ten minutes at most:"
    " giving up earlier could lose what it hands out."
)
_ENDS_FIRST = (
    "The pull under way ends first, for what the platform hands out now exists nowhere else;"
    " no other one is begun."
)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the options ask for; `interval` None: not from time to time."""

    limit: int | None
    until_empty: bool
    most: int | None
    interval: float | None


@click.command()
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help="Take at most N messages at once."
)
@click.option("--until-empty", is_flag=True, help="Go on while the platform says that more wait.")
@click.option(
    "--most",
    type=click.IntRange(min=1),
    metavar="N",
    help="With --until-empty: N messages in all.",
)
@click.option("--follow", is_flag=True, help="Go on from time to time, until stopped.")
@click.option(
    "--interval",
    type=click.FloatRange(min=1),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="With --follow: how long to wait where nothing waits.",
)
@account
@as_json
@as_yes
@click.pass_obj
@click.pass_context
def pull(
    click_context: click.Context,
    context: Context,
    limit: int | None,
    until_empty: bool,
    most: int | None,
    follow: bool,
    interval: float,
    as_json: bool,
    yes: bool,
) -> None:
    """Pull waiting messages: in exactly one request, unless told to go on.

    The platform hands out each message once: it is gone for everybody else on the account.
    Ctrl+C lets a request under way end, and begins no other.
    """
    if until_empty and follow:
        raise click.UsageError("Go on until nothing waits, or from time to time: not both.")
    if most and not until_empty:
        raise click.UsageError("--most goes with --until-empty.")
    place = require_account(context)
    # Asked outside of the loop, where Ctrl+C would not reach the question.
    first = not yes and run(_is_first(context))
    wish = _agree(_Wish(limit, until_empty, most, interval if follow else None), place, first, yes)
    if not run(_pull(context, wish, as_json=as_json)):
        click_context.exit(1)


def _agree(wish: _Wish, place: str, first: bool, yes: bool) -> _Wish:
    """Ask; what was agreed on."""
    proposed = replace(wish, limit=_FIRST) if first and wish.limit is None else wish
    proposal = " (for a start: --limit takes more)" if proposed != wish else ""
    unknown = " It is the first pull on this connection from here." if first else ""
    confirm(
        f"Pull {_how_many(proposed)} waiting on {place}{proposal}, of every application that the"
        " key sees? They are handed out once, and there is no way back: everybody else on this"
        f" account loses them.{unknown}",
        yes=yes,
    )
    return proposed


def _how_many(wish: _Wish) -> str:
    if wish.interval is not None:
        return "all messages, from now until this is stopped, and so those"
    if wish.until_empty:
        return f"{f'up to {wish.most}' if wish.most else 'all'} messages, batch by batch,"
    return f"up to {wish.limit} messages" if wish.limit else "all that one request hands out"


async def _is_first(context: Context) -> bool:
    """Whether nothing was ever pulled from here on the connection that the options name."""
    from ibconsole.services.messages import Reader
    from ibconsole.services.runtime import find_paths

    archive = find_paths(context.data_dir).archive
    if context.base_url:
        connection = unsaved_account(context).connection
    else:
        connection = (await saved_connections(context).find(context.connection)).id
    if not archive.exists():
        return True
    with Reader(archive) as reader:
        return not reader.has_pulled(connection)


async def _pull(context: Context, wish: _Wish, *, as_json: bool) -> bool:
    """Whether everything was whole."""
    from ibconsole.services.messages import Reader

    async with console(context) as opened:
        with (
            Reader(opened.places.archive) as reader,
            explaining_signals(lambda: _why_not_yet(opened)),
        ):
            show = _Shown(reader, as_json=as_json)
            if wish.until_empty or wish.interval is not None:
                return await _go_on(opened, wish, show)
            async with _patience():
                report = await opened.pull(wish.limit)
            show(report)
    if report.error:
        raise report.error
    return report.complete


def _why_not_yet(opened: "Console") -> str:
    return _ENDS_FIRST if opened.status.pull.running else ""


async def _go_on(opened: "Console", wish: _Wish, show: "_Shown") -> bool:
    try:
        ended = await (
            opened.pull_until_empty(wish.limit, most=wish.most, pulled=show)
            if wish.interval is None
            else opened.follow_pulls(wish.limit, wish.interval, pulled=show)
        )
    except asyncio.CancelledError:
        repeat = opened.status.repeat
        out.say(f"{_total(repeat.messages, repeat.batches)} Stopped.")
        return True
    out.say(f"{_total(ended.messages, ended.batches)} {ended.sentence}")
    return ended.whole


@asynccontextmanager
async def _patience() -> AsyncIterator[None]:
    patience = asyncio.get_running_loop().call_later(_SILENCE, out.say, _STILL_WAITING)
    try:
        yield
    finally:
        patience.cancel()


class _Shown:
    """Shows each answer as it comes."""

    def __init__(self, reader: "Reader", *, as_json: bool) -> None:
        self._reader = reader
        self._as_json = as_json

    def __call__(self, report: "PullReport") -> None:
        if not report.error:
            stored = [found for one in report.message_ids if (found := self._reader.message(one))]
            if self._as_json:
                out.json_line(_envelope(self._reader, report, stored))
            elif stored:
                out.table(HEADERS, (cells(message) for message in stored))
        out.say(_summary(report))


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
    told = f"{_count(report.messages)} stored.{waiting}"
    if not report.complete:
        told = f"{told} {report.reckoning}"
    return " ".join(filter(None, (told, report.problem, report.competing)))


def _total(messages: int, batches: int) -> str:
    return f"{_count(messages)} in {batches} pull{'' if batches == 1 else 's'}."


def _count(messages: int) -> str:
    return f"{messages} message{'' if messages == 1 else 's'}"
