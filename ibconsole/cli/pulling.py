"""`ibconsole pull`: takes waiting messages from the platform."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import out
from ibconsole.cli.messages import HEADERS, to_row
from ibconsole.cli.options import (
    GlobalOptions,
    account_options,
    confirm,
    json_option,
    production_option,
    yes_option,
)
from ibconsole.cli.running import (
    ExitCode,
    explain_signals,
    open_console,
    require_account,
    require_permitted,
    run,
    saved_connections,
    unsaved_account,
)
from ibconsole.errors import UserError
from ibconsole.files import is_missing
from ibconsole.lazy import LazyModule
from ibconsole.plural import counted

if TYPE_CHECKING:
    import asyncio

    from ibconsole.services.console import Console
    from ibconsole.services.intake import PullReport
    from ibconsole.services.messages import Reader, StoredMessage
    from ibconsole.services.team import CollectorPull
else:
    asyncio = LazyModule("asyncio")

_NOTICE_AFTER = 5.0  # seconds without an answer
_FIRST_LIMIT = 10
_STILL_WAITING = (
    "Still waiting for the platform's answer, for ten minutes at most:"
    " giving up earlier could lose the messages in it."
)
_TEAM_WAITS = (
    "Still waiting for the team: for its archive, or for the collector that was asked to pull."
    " Ctrl+C withdraws a request that was not taken yet."
)
_PULL_RUNNING = (
    "The running pull is completed first, because the messages in its answer exist nowhere else."
    " No further pull is started."
)


@dataclass(frozen=True, slots=True)
class _PullPlan:
    """The requests that a pull makes; `interval` is None unless it repeats (--follow)."""

    limit: int | None
    until_empty: bool
    max_messages: int | None
    interval: float | None


@click.command()
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Take at most N messages per request; repeated pulls take up to 1000.",
)
@click.option(
    "--until-empty", is_flag=True, help="Repeat while the platform reports that more wait."
)
@click.option(
    "--most",
    "max_messages",
    type=click.IntRange(min=1),
    metavar="N",
    help="With --until-empty: take at most N messages in total.",
)
@click.option("--follow", is_flag=True, help="Repeat at intervals, until stopped.")
@click.option(
    "--interval",
    type=click.FloatRange(min=1),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="With --follow: the pause when no message waits.",
)
@account_options
@production_option
@json_option
@yes_option
@click.pass_obj
def pull(
    options: GlobalOptions,
    limit: int | None,
    until_empty: bool,
    max_messages: int | None,
    follow: bool,
    interval: float,
    as_json: bool,
    yes: bool,
) -> int | None:
    """Pull waiting messages, in exactly one request unless --until-empty or --follow is given.

    The platform hands out each message once: no other client of the account gets it then.
    Ctrl+C lets a running request end, and starts no other. Where a team shares the account and a
    collector pulls from it, a single pull is asked of that collector.
    """
    if until_empty and follow:
        raise click.UsageError("--until-empty and --follow exclude each other.")
    if max_messages and not until_empty:
        raise click.UsageError("--most needs --until-empty.")
    account = require_account(options)
    run(_require_permitted(options))
    # The question is asked outside of the event loop, in which Ctrl+C would not end it.
    first = not yes and run(_is_first(options))
    plan = _confirm_pull(
        _PullPlan(limit, until_empty, max_messages, interval if follow else None),
        account,
        first,
        yes,
    )
    complete = run(_pull(options, plan, as_json=as_json))
    return None if complete else ExitCode.FAILED


async def _require_permitted(options: GlobalOptions) -> None:
    from ibconsole.api import CallKind

    await require_permitted(options, CallKind.PULL)


def _confirm_pull(plan: _PullPlan, account: str, first: bool, yes: bool) -> _PullPlan:
    """Ask for consent; return the plan that the user agreed to."""
    once = not plan.until_empty and plan.interval is None
    small = first and once and plan.limit is None
    proposed = replace(plan, limit=_FIRST_LIMIT) if small else plan
    note = " (a small first pull: --limit takes more)" if proposed != plan else ""
    first_note = " It is the first pull on this connection from here." if first else ""
    confirm(
        f"Pull {_describe_amount(proposed)} waiting on {account}{note}, of every application that"
        " the key can access? They are handed out once, and this cannot be undone: everybody else"
        f" on this account loses them.{first_note}",
        yes=yes,
    )
    return proposed


def _describe_amount(plan: _PullPlan) -> str:
    if plan.interval is not None:
        return "all messages until this command is stopped, beginning with those"
    if plan.until_empty:
        return (
            f"{f'up to {plan.max_messages}' if plan.max_messages else 'all'} messages, in batches,"
        )
    return f"up to {plan.limit} messages" if plan.limit else "all that one request returns"


async def _is_first(options: GlobalOptions) -> bool:
    """Return whether nothing was pulled from here yet on the connection of the options."""
    from ibconsole.services.messages import Reader
    from ibconsole.services.runtime import find_paths

    archive = find_paths(options.data_dir).archive
    if options.base_url:
        connection = unsaved_account(options).connection
    else:
        connection = (await saved_connections(options).find(options.connection)).id
    if is_missing(archive):
        return True
    with Reader(archive) as reader:
        return not reader.has_pulled(connection)


async def _pull(options: GlobalOptions, plan: _PullPlan, *, as_json: bool) -> bool:
    """Pull and write the messages; return True if no message may be missing."""
    from ibconsole.services.messages import Reader
    from ibconsole.services.team import CollectorPull

    repeated = plan.until_empty or plan.interval is not None
    stopped = asyncio.Event()
    async with _open_console(options) as console:
        stop = console.stop_pulling if repeated else stopped.set
        with (
            Reader(console.paths.archive) as reader,
            explain_signals(lambda: _reason_to_wait(console), stop),
        ):
            writer = _ReportWriter(reader, as_json=as_json)
            if repeated:
                return await _pull_repeatedly(console, plan, writer)
            async with _waiting_notice(console):
                report = await console.pulls.pull_or_ask(plan.limit)
            if isinstance(report, CollectorPull):
                return _write_collector_pull(report, as_json=as_json)
            writer(report)
    if report.error:
        raise report.error
    if stopped.is_set():
        raise click.Abort
    return report.complete


@asynccontextmanager
async def _open_console(options: GlobalOptions) -> "AsyncIterator[Console]":
    """Open the console; if that fails, as with an archive that is locked, nothing was requested."""
    from ibconsole.archive import ArchiveError

    async with AsyncExitStack() as stack:
        try:
            console = await stack.enter_async_context(open_console(options))
        except ArchiveError as error:
            raise UserError(
                f"Nothing was requested, so nothing is lost. {error}", details=error.details
            ) from error
        yield console


def _reason_to_wait(console: "Console") -> str:
    return _PULL_RUNNING if console.status.pull.running else ""


async def _pull_repeatedly(console: "Console", plan: _PullPlan, writer: "_ReportWriter") -> bool:
    try:
        with _stopping_without_reader():
            result = await (
                console.pulls.pull_until_empty(
                    plan.limit, max_messages=plan.max_messages, on_report=writer
                )
                if plan.interval is None
                else console.pulls.pull_continuously(plan.limit, plan.interval, on_report=writer)
            )
    except asyncio.CancelledError:
        pull_loop = console.status.pull_loop
        out.write_notice(f"{_describe_total(pull_loop.messages, pull_loop.batches)} Stopped.")
        return True
    out.write_notice(f"{_describe_total(result.messages, result.batches)} {result.sentence}")
    return result.complete


@contextmanager
def _stopping_without_reader() -> Iterator[None]:
    """Start no further pull once the reader of stdout has ended, and raise the error of stdout."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None, "a coroutine runs in a task"  # noqa: S101
    failures: list[OSError] = []

    def stop(error: OSError) -> None:
        failures.append(error)
        loop.call_soon_threadsafe(task.cancel)

    with out.watch_reader(stop):
        try:
            yield
        finally:
            if failures:
                raise failures[0]


@asynccontextmanager
async def _waiting_notice(console: "Console") -> AsyncIterator[None]:
    def write() -> None:
        out.write_notice(_STILL_WAITING if console.status.pull.running else _TEAM_WAITS)

    timer = asyncio.get_running_loop().call_later(_NOTICE_AFTER, write)
    try:
        yield
    finally:
        timer.cancel()


class _ReportWriter:
    """Writes the report of each pull as soon as it is complete."""

    def __init__(self, reader: "Reader", *, as_json: bool) -> None:
        self._reader = reader
        self._as_json = as_json

    def __call__(self, report: "PullReport") -> None:
        if not report.error:
            stored = [found for one in report.message_ids if (found := self._reader.message(one))]
            if self._as_json:
                known = {one.application_code for one in stored}
                envelope = _envelope(self._reader, report, stored)
                out.write_json(out.shown_codes().value(envelope, *known))
            elif stored:
                out.write_table(HEADERS, (to_row(message) for message in stored))
        out.write_notice(_describe_report(report))


def _write_collector_pull(pulled: "CollectorPull", *, as_json: bool) -> bool:
    """Write what the collector of the team pulled for this request; its record has the messages."""
    from msgspec.structs import asdict

    if as_json:
        out.write_json({"_ibconsole": asdict(pulled)})
    out.write_notice(" ".join(filter(None, (pulled.sentence, pulled.problem))))
    return True


def _envelope(
    reader: "Reader", report: "PullReport", stored: "list[StoredMessage]"
) -> dict[str, Any]:
    """Return the envelope as received, or rebuilt from the messages if it was not as documented."""
    from ibconsole.model import Undecodable, parse

    try:
        body = parse(reader.delivery_body(report.delivery)) if report.complete else None
    except Undecodable:
        body = None
    results = [parse(message.body) for message in stored]
    envelope = body if isinstance(body, dict) and body.get("results") == results else None
    recovered = {
        "results": results,
        "messageCount": report.announced,
        "pendingMessageCount": report.pending,
    }
    extra = {
        "delivery": report.delivery,
        "messages": list(report.message_ids),
        "complete": report.complete,
        "problem": report.problem,
    }
    return {**(envelope or recovered), "_ibconsole": extra}


def _describe_report(report: "PullReport") -> str:
    waiting = "" if report.pending is None else f" {report.pending:,} still waiting."
    if report.error:
        return "The platform refused the pull; its answer is stored."
    stored = f"{counted(report.messages, 'message')} stored.{waiting}"
    if not report.complete:
        stored = f"{stored} {report.shortfall}"
    return " ".join(filter(None, (stored, report.problem, report.competing)))


def _describe_total(messages: int, batches: int) -> str:
    return f"{counted(messages, 'message')} in {counted(batches, 'pull')}."
