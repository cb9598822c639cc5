"""The checks of a team's archive: the server, the tables, the rights, what ships to it.

All of them only read; what they find depends on the rights of the user.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec

from ibconsole.plural import counted
from ibconsole.team_archive import (
    ENCRYPTION_REMEDY,
    Capability,
    SearchSupport,
    TeamAddress,
    TeamConnection,
    TeamRefused,
    TeamSource,
    TeamUnavailable,
    encryption_of,
    translated,
)
from ibconsole.team_archive.administration.membership import list_members
from ibconsole.team_archive.administration.reports import AccountReport, TeamReport, read_report

_CLOCKS_APART = 60_000  # ms
_LAG = 15 * 60_000  # ms for which rows may wait at a source that is alive
_AWAY = 24 * 3_600_000  # ms of silence after which a source with waiting rows is a problem
_OLDEST_TRANSACTION = 1_000_000_000  # at 2,100,000,000 the server stops writing
# Without them, a crash of the server can lose what was already removed from an outbox.
_DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")
_SEARCH = {
    SearchSupport.TRIGRAMS: "Texts are found by an index.",
    SearchSupport.SCAN: (
        "The server has no pg_trgm: texts are found message by message, the newest first. Where it"
        " can be installed, ibconsole team migrate indexes them afterwards."
    ),
}
# What is wrong and what to do, two sentences; None if nothing is.
_Problem: TypeAlias = tuple[str, str] | None


class CheckState(StrEnum):
    """The outcome of a check."""

    OK = "ok"
    PROBLEM = "problem"
    UNKNOWN = "unknown"  # it could not be made


class TeamCheck(msgspec.Struct, frozen=True):
    """One check of a team's archive; of a problem, `remedy` is what to do, if that is known."""

    name: str
    state: CheckState
    sentence: str
    remedy: str = ""

    @property
    def good(self) -> bool:
        """True if there is no problem."""
        return self.state is CheckState.OK


def check_archive(db: TeamConnection, address: TeamAddress) -> Iterator[TeamCheck]:
    """Check an archive that has tables, and yield each check as soon as it is made.

    What this user may see of all accounts is checked; with an account in the address, the rights in
    it too. A check that the server does not permit or gives up is unknown.

    Raises TeamNotPrepared, TeamTooNew, and TeamUnavailable if the connection breaks.
    """
    with translated(address):
        report = read_report(db, address)
    encryption = encryption_of(db)
    checks: dict[str, tuple[str, Callable[[], _Problem]]] = {
        "Tables": (f"They have version {report.version}.", lambda: None),
        "Rights": (_rights(report, address), lambda: _no_rights(report, address)),
        "Accounts": (_names(report), lambda: _accounts(report)),
        "Server": (f"It is PostgreSQL {_version(db)}.", lambda: _server(db)),
        "Encryption": (
            encryption.sentence,
            lambda: None if encryption.is_safe else (encryption.sentence, ENCRYPTION_REMEDY),
        ),
        "Durability": ("What the server accepts survives a crash.", lambda: _durability(db)),
        "Clock": ("The clocks of server and this computer agree.", lambda: _clock(db)),
        "Vacuum": ("The server cleans up by itself.", lambda: _vacuum(db)),
        "Row security": ("Users see their accounts alone.", lambda: _row_security(db)),
        "Restored rows": ("Every row is visible to feeds.", lambda: _restored(db)),
        "Months": (_kept(report), lambda: _months(report)),
        "Search": (_SEARCH[report.search_support], lambda: _search(db)),
        "Members": ("Every member is a user or a group.", lambda: _members(db)),
    }
    if not address.account:
        del checks["Rights"]
    for name, (fact, find_problem) in checks.items():
        yield _check(db, address, name, fact, find_problem)
    for account in report.accounts:
        for source in account.overview.sources:
            problem = _source(source)
            yield _judged(f"Source {source.label}", _seen(source), problem)


def _check(
    db: TeamConnection,
    address: TeamAddress,
    name: str,
    fact: str,
    find_problem: Callable[[], _Problem],
) -> TeamCheck:
    """Make one check. Raises TeamUnavailable if the connection broke."""
    try:
        with translated(address):
            return _judged(name, fact, find_problem())
    except (TeamRefused, TeamUnavailable) as error:
        if db.broken:
            raise
        return TeamCheck(name, CheckState.UNKNOWN, str(error))


def _judged(name: str, fact: str, problem: _Problem) -> TeamCheck:
    if problem is None:
        return TeamCheck(name, CheckState.OK, fact)
    return TeamCheck(name, CheckState.PROBLEM, *problem)


def _account(report: TeamReport, address: TeamAddress) -> AccountReport | None:
    return next((one for one in report.accounts if one.name == address.account), None)


def _rights(report: TeamReport, address: TeamAddress) -> str:
    account = _account(report, address)
    if not account:
        return ""
    overview = account.overview
    names = ", ".join(sorted(overview.capabilities))
    kept = "" if overview.may_ship else " What is received here stays on this disk."
    unread = "" if overview.may_read else " The team's messages are not shown to this user."
    return f"{overview.user} is {names} of {address.account}.{kept}{unread}"


def _no_rights(report: TeamReport, address: TeamAddress) -> _Problem:
    account = _account(report, address)
    if account and account.overview.capabilities:
        return None
    return (
        f"This user has no rights in an account {address.account}.",
        f"Ask the owner for ibconsole team grant --as {Capability.OPERATOR}, or correct the"
        " account's name in the connection.",
    )


def _names(report: TeamReport) -> str:
    names = ", ".join(account.name for account in report.accounts)
    return f"This user sees {counted(len(report.accounts), 'account')}: {names}."


def _accounts(report: TeamReport) -> _Problem:
    if report.accounts:
        return None
    return (
        "This user is a member of no account.",
        "The owner adds accounts and users with ibconsole team grant.",
    )


def _version(db: TeamConnection) -> str:
    return str(db.info.parameter_status("server_version")).partition(" ")[0]


def _server(db: TeamConnection) -> _Problem:
    if not _value(db, "SELECT pg_is_in_recovery()"):
        return None
    return (
        "It is a standby, which accepts nothing.",
        "Name all servers in the address, with target_session_attrs=read-write.",
    )


def _durability(db: TeamConnection) -> _Problem:
    off = " and ".join(name for name in _DURABILITY if _setting(db, name) == "off")
    return (
        ("A crash of the server can lose what it has accepted.", f"Switch {off} on.")
        if off
        else None
    )


def _clock(db: TeamConnection) -> _Problem:
    apart = abs(int(_value(db, "SELECT ibconsole.now_ms()")) - _now())
    if apart < _CLOCKS_APART:
        return None
    return (
        f"The clocks of the server and of this computer are {apart // 1000:,} seconds apart.",
        "Correct the wrong one.",
    )


def _vacuum(db: TeamConnection) -> _Problem:
    age = _value(db, "SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()")
    if _setting(db, "autovacuum") == "on" and age < _OLDEST_TRANSACTION:
        return None
    return (
        "The server does not clean up.",
        "Switch autovacuum on, and look for transactions that are open for days.",
    )


def _row_security(db: TeamConnection) -> _Problem:
    rows = db.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'ibconsole'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition AND NOT relrowsecurity"
        " AND relname <> 'about' ORDER BY 1"
    ).fetchall()
    if not rows:
        return None
    names = ", ".join(name for (name,) in rows)
    return (
        f"It was switched off for {names}, so that users see every account.",
        "Switch it on with ALTER TABLE ... ENABLE ROW LEVEL SECURITY.",
    )


def _restored(db: TeamConnection) -> _Problem:
    later = _value(
        db,
        "SELECT EXISTS (SELECT FROM ibconsole.delivery"
        " WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()))",
    )
    if not later:
        return None
    return (
        "Rows of a restored dump are invisible to feeds.",
        "An owner runs ibconsole team migrate.",
    )


def _months(report: TeamReport) -> _Problem:
    retention = report.retention
    today = datetime.now(UTC).date().replace(day=1)
    if today not in retention.months or retention.months[-1] <= today:
        return (
            "The tables of the coming month are missing.",
            "Start a collector, or, as an owner, run ibconsole team migrate.",
        )
    if retention.keep_months is not None and not retention.is_clock_trusted:
        return (
            "The server's clock has leapt, so that no month is dropped.",
            "Check it, then, as an owner, run ibconsole team retention --trust-clock.",
        )
    return None


def _kept(report: TeamReport) -> str:
    months = report.retention.months
    kept = report.retention.keep_months
    until = f"They are ready until {months[-1]:%Y-%m}; " if months else ""
    return until + (
        "everything is kept." if kept is None else f"{counted(kept, 'month')} are kept."
    )


def _search(db: TeamConnection) -> _Problem:
    ctype = _value(db, "SELECT datctype FROM pg_database WHERE datname = current_database()")
    if ctype not in {"C", "POSIX"}:
        return None
    return (
        f"The database's LC_CTYPE is {ctype}: the index finds ASCII texts alone, and others are"
        " found slowly.",
        "A database with LC_CTYPE C.UTF-8 finds all.",
    )


def _members(db: TeamConnection) -> _Problem:
    gone = ", ".join(sorted({one.role for one in list_members(db) if not one.exists}))
    if not gone:
        return None
    return (
        f"The server has no {gone} any more, but a new user of that name would have the rights.",
        "Revoke them with ibconsole team revoke.",
    )


def _source(source: TeamSource) -> _Problem:
    silence = _now() - source.last_seen_at
    oldest = source.oldest_waiting_at
    if not source.waiting or oldest is None:
        return None
    if silence <= _AWAY and source.last_seen_at - oldest <= _LAG:
        return None
    waiting = f"{counted(source.waiting, 'row')} waited there when it was seen last"
    return f"{waiting}, {_time(source)}.", "Look at its own status."


def _seen(source: TeamSource) -> str:
    return f"Last seen {_time(source)}, {source.waiting:,} waiting."


def _time(source: TeamSource) -> str:
    return f"{datetime.fromtimestamp(source.last_seen_at / 1000).astimezone():%Y-%m-%d %H:%M}"


def _now() -> int:
    return time.time_ns() // 1_000_000


def _setting(db: TeamConnection, name: str) -> str:
    return str(_value(db, f"SHOW {name}"))


def _value(db: TeamConnection, query: str) -> Any:
    row = db.execute(query).fetchone()
    return row[0] if row else None
