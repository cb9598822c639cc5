"""The state of a team's archive in sentences, and as objects for JSON."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ibconsole.plural import counted

if TYPE_CHECKING:
    from ibconsole.archive.outbox import Backlog
    from ibconsole.services.team import TeamExamination
    from ibconsole.team_archive import TeamAddress
    from ibconsole.team_archive.administration import (
        AccountReport,
        Preparation,
        TeamReport,
        TeamRetention,
    )

_SEARCH = {
    "trigrams": "Texts are found by an index.",
    "scan": "The server has no pg_trgm: texts are found message by message, the newest first.",
}


def describe_preparation(address: "TeamAddress", done: "Preparation") -> Iterator[str]:
    """Yield sentences about a preparation."""
    if not done.before:
        yield f"{address.label} is a team's archive now, with tables of version {done.version}."
    elif done.before < done.version:
        yield f"The tables are migrated from version {done.before} to {done.version}."
    else:
        yield f"The tables are up to date, with version {done.version}."
    if done.months:
        yield f"{counted(done.months, 'month')} prepared."
    if done.reset:
        yield f"{counted(done.reset, 'restored row')} made visible to feeds."
    yield _SEARCH[done.search_support]


def report_lines(address: "TeamAddress", report: "TeamReport") -> Iterator[str]:
    """Yield the lines of `team status`."""
    yield f"{address.label}: tables of version {report.version}. {_SEARCH[report.search_support]}"
    yield from describe_retention(report.retention)
    for account in report.accounts:
        yield ""
        yield f"{account.name}: {_rights(account)}"
        yield f"  Pulls: {_holder(account)}"
        if not account.overview.sources:
            yield "  Nothing was shipped to it yet."
        for source in account.overview.sources:
            kind = "collector" if source.is_collector else "desktop"
            waiting = f"{source.waiting:,} waiting"
            if source.waiting and source.oldest_waiting_at is not None:
                waiting += f" (oldest {_time(source.oldest_waiting_at)})"
            yield f"  {source.label} ({kind}): last seen {_time(source.last_seen_at)}, {waiting}"
    if not report.accounts:
        yield "There is no account that this user may use."


def describe_retention(state: "TeamRetention") -> Iterator[str]:
    """Yield sentences about what is kept."""
    months = state.months
    if months:
        yield f"Months {months[0]:%Y-%m} to {months[-1]:%Y-%m}."
    if state.keep_months is None:
        yield "Everything is kept."
        return
    yield f"{counted(state.keep_months, 'month')} before the current one are kept."
    gone = [one for one in state.expired if not one.later]
    if gone:
        total = sum(one.deliveries for one in gone)
        yield (
            f"Expired: {', '.join(f'{one.month:%Y-%m}' for one in gone)}, with"
            f" {counted(total, 'delivery', 'deliveries')}; the next maintenance drops them."
        )
    if later := [one for one in state.expired if one.later]:
        names = ", ".join(f"{one.month:%Y-%m}" for one in later)
        yield f"Older, but with deliveries that were shipped later: {names}. They stay for now."
    if not state.is_clock_trusted:
        yield (
            "The server's clock has leapt: nothing is dropped until an owner has checked it, and"
            " run this with --trust-clock."
        )


def describe_backlog(backlog: "Backlog") -> str:
    """Return what waits on this computer: `3 waiting (oldest 2026-11-30 10:14)`."""
    waiting = f"{backlog.rows:,} waiting"
    if backlog.is_counting:
        waiting = f"at least {waiting}"
    if backlog.rows and backlog.oldest_at is not None:
        waiting += f" (oldest {_time(backlog.oldest_at)})"
    if backlog.set_aside:
        waiting += f", {counted(backlog.set_aside, 'row')} set aside"
    return waiting


def backlog_object(backlog: "Backlog") -> dict[str, Any]:
    """Return what waits on this computer, for JSON."""
    return {
        "waiting": backlog.rows,
        "deliveries": backlog.deliveries,
        "oldestWaitingAt": backlog.oldest_at,
        "setAside": backlog.set_aside,
        "counting": backlog.is_counting,
    }


def examination_object(examination: "TeamExamination") -> dict[str, Any]:
    """Return the answer of `team doctor` for JSON."""
    return {
        "healthy": examination.healthy,
        "checks": [
            {
                "name": check.name,
                "good": check.good,
                "state": check.state.value,
                "sentence": check.sentence,
                "remedy": check.remedy,
            }
            for check in examination.checks
        ],
    }


def report_object(report: "TeamReport") -> dict[str, Any]:
    """Return the answer of `team status` for JSON."""
    return {
        "team": report.team,
        "version": report.version,
        "search": report.search_support.value,
        "retention": retention_object(report.retention),
        "accounts": [_account_object(account) for account in report.accounts],
    }


def retention_object(state: "TeamRetention") -> dict[str, Any]:
    """Return what is kept, for JSON."""
    return {
        "keepMonths": state.keep_months,
        "clockTrusted": state.is_clock_trusted,
        "months": [f"{month:%Y-%m}" for month in state.months],
        "expired": [
            {"month": f"{one.month:%Y-%m}", "deliveries": one.deliveries, "later": one.later}
            for one in state.expired
        ],
    }


def _account_object(account: "AccountReport") -> dict[str, Any]:
    holder = account.holder
    return {
        "name": account.name,
        "baseUrl": account.base_url,
        "capabilities": sorted(account.overview.capabilities),
        "puller": holder
        and {
            "name": holder.name,
            "process": holder.process,
            "collector": holder.is_collector,
            "epoch": holder.epoch,
            "since": holder.since,
            "pullingSince": holder.pulling_since,
        },
        "sources": [
            {
                "label": source.label,
                "program": source.program,
                "collector": source.is_collector,
                "lastSeenAt": source.last_seen_at,
                "waiting": source.waiting,
                "oldestWaitingAt": source.oldest_waiting_at,
            }
            for source in account.overview.sources
        ],
    }


def _rights(account: "AccountReport") -> str:
    rights = ", ".join(sorted(account.overview.capabilities)) or "none"
    url = f" at {account.base_url}" if account.base_url else ""
    return f"this user is {rights}{url}"


def _holder(account: "AccountReport") -> str:
    if account.holder is None:
        return "none now"
    return f"{account.holder.name}, since {_time(account.holder.since)}"


def _time(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000).astimezone():%Y-%m-%d %H:%M}"
