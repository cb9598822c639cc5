"""`ibconsole timeline` and `ibconsole setup compare`: the history of applications."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from ibconsole.cli import (
    GlobalOptions,
    account_options,
    account_without_secret,
    json_option,
    open_platform,
    out,
    run,
)
from ibconsole.cli.comparison import SIGNS
from ibconsole.cli.records import local_option, open_history
from ibconsole.cli.setup.planning import CHANGES
from ibconsole.cli.setup.setup_file import setup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ibconsole.services.comparison import RowComparison
    from ibconsole.services.setup.history import (
        ChangesSinceItWorked,
        HistorySource,
        HourCount,
        SetupState,
        Timeline,
        TimelineEvent,
    )

_DAY_MS = 86_400_000
_MOST_HOURS = 72  # of which each has a line; more are added up to days


@dataclass(frozen=True, slots=True)
class _Subject:
    """The application of a command: the connection's UUID, its code, its name."""

    connection: str
    code: str
    name: str


@click.command()
@click.argument("app", metavar="APP")
@click.option("--since", metavar="WHEN", default="", help="From 2026-11-01, or 7d (ago), on.")
@click.option("--until", metavar="WHEN", default="", help="Only before then.")
@click.option(
    "--since-it-worked",
    "worked",
    is_flag=True,
    help="Only what happened since the last message arrived.",
)
@local_option
@account_options
@json_option
@click.pass_obj
def timeline(
    options: GlobalOptions,
    app: str,
    since: str,
    until: str,
    worked: bool,
    local: bool,
    as_json: bool,
) -> None:
    """Show what happened to APP: setup changes, own calls, tests, messages, gaps.

    APP is a code, an ID or a name. Everything is read from the archive, or from that of the
    connection's team; the account is asked only if it does not know APP and an account is named.
    """
    from ibconsole.services.runtime import parse_time
    from ibconsole.services.setup.history import changes_since, timeline_of

    if worked and (since or until):
        raise click.UsageError("--since-it-worked finds its time itself: give no other one.")
    period = [parse_time(text) if text else None for text in (since, until)]
    connection = named_connection(options)
    with open_history(options, connection, local=local) as source:
        subject = find_subject(options, source, connection, app)
    with open_history(options, subject.connection, local=local) as source:
        if worked:
            _write_changes(subject, changes_since(source, subject.code), as_json=as_json)
            return
        found = timeline_of(source, subject.connection, subject.code, *period)
    if as_json:
        out.write_json(_timeline_json(subject, found))
        return
    _write_events(found.events)
    if found.left_out:
        out.write_notice(f"{found.left_out:,} older events were left out: choose a later --since.")
    if found.hours:
        out.write_line("")
        out.write_table(("MESSAGES", "PULLED", "FORWARDED"), _message_rows(found.hours))
    if found.counted_from:
        out.write_notice(f"Messages before {_time(found.counted_from)} were not counted.")
    if found.recorded_from is None:
        out.write_notice("The setup of this application was never recorded in the archive.")


@setup.command("compare")
@click.argument("app", metavar="APP")
@click.argument("other", metavar="[APP2]", default="")
@click.option("--at", "at", metavar="WHEN", default="", help="APP as it was then.")
@click.option("--to", "to", metavar="WHEN", default="", help="APP2, or APP, as it was then.")
@click.option(
    "--to-connection", metavar="NAME", default="", help="The connection of APP2, if it is another."
)
@account_options
@json_option
@click.pass_obj
def compare_setup(
    options: GlobalOptions,
    app: str,
    other: str,
    at: str,
    to: str,
    to_connection: str,
    as_json: bool,
) -> None:
    """Compare two applications, or one at two times: "!" differs, "-" left only, "+" right only.

    A side with a time is read from the archive. One without is read from its account if a
    connection is named, else from the archive as it was recorded last.
    Exit code: 0 no difference, 2 differences, 1 an error.
    """
    from ibconsole.services.setup.history import compare

    there = options
    if to_connection:
        there = replace(options, connection=to_connection, base_url="")
    if not (other or at or to or to_connection):
        raise click.UsageError("Name a second application, another time, or another connection.")
    left = _read_side(options, app, at)
    right = _read_side(there, other or app, to)
    is_same = left[0].code == right[0].code
    found = compare(left[1], right[1], same=is_same)
    if as_json:
        out.write_json(_comparison_json(found))
    else:
        _write_comparison(found)
    if found.differences:
        raise click.exceptions.Exit(CHANGES)


def named_connection(options: GlobalOptions) -> str:
    """Return the UUID of the named account, empty if none is named."""
    if not (options.connection or options.base_url):
        return ""
    return run(account_without_secret(options)).connection


def find_subject(
    options: GlobalOptions, source: "HistorySource", connection: str, app: str
) -> _Subject:
    """Find an application in the history, and only if it is not there, in the account."""
    from ibconsole.services.setup.history import NotInHistory, calls_of, find_recorded

    try:
        found = find_recorded(source, app)
    except NotInHistory:
        calls = calls_of(source, app) if source.exists else ()
        if calls and not connection:
            return _Subject(calls[-1].connection, app, "")
        if source.exists and (
            list(source.points_of(app)) or source.latest_arrival(app) is not None
        ):
            return _Subject(connection, app, "")
        if not connection:
            raise
    else:
        return _Subject(found.connection, found.application.code, found.application.name)
    return run(_ask_account(options, connection, app))


async def _ask_account(options: GlobalOptions, connection: str, app: str) -> _Subject:
    from ibconsole.services.diagnosis import find_application

    async with open_platform(options) as platform:
        listed = find_application(await platform.applications(), app)
    return _Subject(connection, listed.code, listed.name)


def _read_side(options: GlobalOptions, app: str, at: str) -> "tuple[_Subject, SetupState]":
    from ibconsole.services.runtime import parse_time
    from ibconsole.services.setup.history import DiskHistory, state_of

    if not at and (options.connection or options.base_url):
        return run(_read_account(options, app))
    connection, path = named_connection(options), _archive(options)
    subject = find_subject(options, DiskHistory(path, connection), connection, app)
    stored = DiskHistory(path, subject.connection)
    return subject, state_of(stored, subject.code, parse_time(at) if at else None)


async def _read_account(options: GlobalOptions, app: str) -> "tuple[_Subject, SetupState]":
    from ibconsole.services.diagnosis import find_application
    from ibconsole.services.setup import read_route
    from ibconsole.services.setup.history import SetupState

    async with open_platform(options) as platform:
        found = find_application(await platform.applications(), app)
        route = await read_route(platform, found.code)
    subject = _Subject("", found.code, found.name)
    return subject, SetupState(found.raw, route)


def _archive(options: GlobalOptions) -> "Path":
    from ibconsole.services.runtime import find_paths

    return find_paths(options.data_dir).archive


def _write_changes(subject: _Subject, found: "ChangesSinceItWorked", *, as_json: bool) -> None:
    if as_json:
        out.write_json(
            {
                **_subject_json(subject),
                "answer": found.answer,
                "worked_at": _time(found.worked_at),
                "broken_since": _time(found.broken_since),
                "events": [_event_json(one) for one in found.events],
            }
        )
        return
    out.write_line(found.answer)
    if found.worked_at is not None:
        out.write_line(f"It worked last: {_time(found.worked_at)}")
    if found.events:
        out.write_line("")
        _write_events(found.events)


def _write_events(events: "Sequence[TimelineEvent]") -> None:
    out.write_table(
        ("AFTER", "AT", "KIND", "BY", "EVENT"),
        (
            (_time(one.since) or "", _time(one.at) or "", one.kind.value, _by(one), one.title)
            for one in events
        ),
    )


def _by(event: "TimelineEvent") -> str:
    if event.kind.value == "setup change" and event.origin != "here":
        return "elsewhere" if event.origin == "elsewhere" else "not known"
    return dict(event.details).get("By", "")


def _message_rows(hours: "Sequence[HourCount]") -> "Iterator[tuple[str, str, str]]":
    """Yield a row for each hour with messages, or of many for each day."""
    by_day = len(hours) > _MOST_HOURS
    rows: dict[str, list[int]] = {}
    for one in hours:
        at = one.at // _DAY_MS * _DAY_MS if by_day else one.at
        row = rows.setdefault((_time(at) or "")[: 10 if by_day else 16], [0, 0])
        row[0] += one.pulled
        row[1] += one.forwarded
    for at_text, (pulled, forwarded) in rows.items():
        yield at_text, f"{pulled:,}", f"{forwarded:,}"


def _write_comparison(found: "RowComparison") -> None:
    out.write_table(
        ("", "OBJECT", "MEMBER", "LEFT", "RIGHT"),
        ((SIGNS[one.side], one.group, one.name, one.left, one.right) for one in found.rows),
    )


def _time(at: int | None) -> str | None:
    from ibconsole.services.messages import iso_time

    return None if at is None else iso_time(at)


def _subject_json(subject: _Subject) -> dict[str, Any]:
    from ibconsole.text import mask_code

    return {
        "application": mask_code(subject.code),
        "name": subject.name,
        "connection": subject.connection,
    }


def _timeline_json(subject: _Subject, found: "Timeline") -> dict[str, Any]:
    return {
        **_subject_json(subject),
        "since": _time(found.since),
        "until": _time(found.until),
        "recorded_from": _time(found.recorded_from),
        "counted_from": _time(found.counted_from),
        "left_out": found.left_out,
        "events": [_event_json(one) for one in found.events],
        "hours": [
            {"at": _time(one.at), "pulled": one.pulled, "forwarded": one.forwarded}
            for one in found.hours
        ],
    }


def _event_json(event: "TimelineEvent") -> dict[str, Any]:
    return {
        "kind": event.kind.value,
        "after": _time(event.since),
        "at": _time(event.at),
        "title": event.title,
        "origin": event.origin.value,
        "failed": event.failed,
        "act": event.act,
        "details": dict(event.details),
    }


def _comparison_json(found: "RowComparison") -> dict[str, Any]:
    return {
        "differences": found.differences,
        "rows": [
            {
                "object": one.group,
                "member": one.name,
                "left": one.left,
                "right": one.right,
                "side": one.side.value,
            }
            for one in found.rows
        ],
    }
