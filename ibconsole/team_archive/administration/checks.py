"""The checks of a team's archive: the server, the tables, the rights, what ships to it.

All of them only read; what they find depends on the rights of the user.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from ibconsole.plural import counted
from ibconsole.team_archive import SearchSupport, TeamAddress, TeamConnection, TeamSource
from ibconsole.team_archive.administration.membership import list_members
from ibconsole.team_archive.administration.reports import TeamReport, read_report

_CLOCKS_APART = 60_000  # ms
_LAG = 15 * 60_000  # ms for which rows may wait at a source that is alive
_AWAY = 24 * 3_600_000  # ms of silence after which a source with waiting rows is a problem
_OLDEST_TRANSACTION = 1_000_000_000  # at 2,100,000,000 the server stops writing
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
# Without them, a crash of the server can lose what was already removed from an outbox.
_DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")
_SEARCH = {
    SearchSupport.TRIGRAMS: "Texts are found by an index.",
    SearchSupport.SCAN: (
        "The server has no pg_trgm: texts are found message by message, the newest first. Where it"
        " can be installed, ibconsole team migrate indexes them afterwards."
    ),
}


class TeamCheck(msgspec.Struct, frozen=True):
    """One check of a team's archive; the sentence says what to do about a problem."""

    name: str
    good: bool
    sentence: str


def check_archive(db: TeamConnection, address: TeamAddress) -> list[TeamCheck]:
    """Check an archive that has tables.

    Raises TeamNotPrepared, TeamTooNew, and psycopg.Error.
    """
    report = read_report(db, address)
    checks: dict[str, tuple[str, Callable[[], str]]] = {
        "Tables": (f"They have version {report.version}.", lambda: ""),
        "Server": (f"It is PostgreSQL {_setting(db, 'server_version')}.", lambda: _server(db)),
        "Encryption": ("The connection is encrypted or local.", lambda: _encryption(db)),
        "Durability": ("What the server accepts survives a crash.", lambda: _durability(db)),
        "Clock": ("The clocks of server and this computer agree.", lambda: _clock(db)),
        "Vacuum": ("The server cleans up by itself.", lambda: _vacuum(db)),
        "Row security": ("Users see their accounts alone.", lambda: _row_security(db)),
        "Restored rows": ("Every row is visible to feeds.", lambda: _restored(db)),
        "Months": (_kept(report), lambda: _months(report)),
        "Search": (_SEARCH[report.search_support], lambda: _search(db)),
        "Members": ("Every member is a user or a group.", lambda: _members(db)),
        "Accounts": (f"{counted(len(report.accounts), 'account')}.", lambda: _accounts(report)),
    }
    found = [(name, fact, find_problem()) for name, (fact, find_problem) in checks.items()]
    sources = [
        (f"Source {source.label}", _seen(source), _source(source))
        for account in report.accounts
        for source in account.overview.sources
    ]
    return [
        TeamCheck(name, not problem, problem or fact) for name, fact, problem in found + sources
    ]


def _server(db: TeamConnection) -> str:
    if not _value(db, "SELECT pg_is_in_recovery()"):
        return ""
    return (
        "It is a standby, which accepts nothing: name all servers in the address, with"
        " target_session_attrs=read-write."
    )


def _encryption(db: TeamConnection) -> str:
    host = db.info.host
    if db.pgconn.ssl_in_use or not host or host.startswith("/") or host in _LOOPBACK:
        return ""
    return "The connection is not encrypted: add sslmode=verify-full to the address."


def _durability(db: TeamConnection) -> str:
    off = " and ".join(name for name in _DURABILITY if _setting(db, name) == "off")
    return off and f"A crash of the server can lose what it has accepted: switch {off} on."


def _clock(db: TeamConnection) -> str:
    apart = abs(int(_value(db, "SELECT ibconsole.now_ms()")) - _now())
    if apart < _CLOCKS_APART:
        return ""
    return (
        f"The clocks of the server and of this computer are {apart // 1000:,} seconds apart:"
        " correct the wrong one."
    )


def _vacuum(db: TeamConnection) -> str:
    age = _value(db, "SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()")
    if _setting(db, "autovacuum") == "on" and age < _OLDEST_TRANSACTION:
        return ""
    return (
        "The server does not clean up: switch autovacuum on, and look for transactions that are"
        " open for days."
    )


def _row_security(db: TeamConnection) -> str:
    rows = db.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'ibconsole'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relispartition AND NOT relrowsecurity"
        " AND relname <> 'about' ORDER BY 1"
    ).fetchall()
    names = ", ".join(name for (name,) in rows)
    return names and (
        f"It was switched off for {names}, so that users see every account: switch it on with"
        " ALTER TABLE ... ENABLE ROW LEVEL SECURITY."
    )


def _restored(db: TeamConnection) -> str:
    later = _value(
        db,
        "SELECT EXISTS (SELECT FROM ibconsole.delivery"
        " WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()))",
    )
    return (
        "Rows of a restored dump are invisible to feeds: an owner runs ibconsole team migrate."
        if later
        else ""
    )


def _months(report: TeamReport) -> str:
    retention = report.retention
    today = datetime.now(UTC).date().replace(day=1)
    if today not in retention.months or retention.months[-1] <= today:
        return (
            "The tables of the coming month are missing: start a collector, or, as an owner, run"
            " ibconsole team migrate."
        )
    if retention.keep_months is not None and not retention.is_clock_trusted:
        return (
            "The server's clock has leapt, so that no month is dropped: check it, then, as an"
            " owner, run ibconsole team retention --trust-clock."
        )
    return ""


def _kept(report: TeamReport) -> str:
    months = report.retention.months
    kept = report.retention.keep_months
    until = f"They are ready until {months[-1]:%Y-%m}; " if months else ""
    return until + (
        "everything is kept." if kept is None else f"{counted(kept, 'month')} are kept."
    )


def _search(db: TeamConnection) -> str:
    ctype = _value(db, "SELECT datctype FROM pg_database WHERE datname = current_database()")
    if ctype in {"C", "POSIX"}:
        return (
            f"The database's LC_CTYPE is {ctype}: the index finds ASCII texts alone, and others are"
            " found slowly. A database with LC_CTYPE C.UTF-8 finds all."
        )
    return ""


def _members(db: TeamConnection) -> str:
    gone = ", ".join(sorted({one.role for one in list_members(db) if not one.exists}))
    return gone and (
        f"The server has no {gone} any more, but a new user of that name would have the rights:"
        " revoke them with ibconsole team revoke."
    )


def _accounts(report: TeamReport) -> str:
    return "" if report.accounts else "This user is a member of no account."


def _source(source: TeamSource) -> str:
    silence = _now() - source.last_seen_at
    oldest = source.oldest_waiting_at
    if not source.waiting or oldest is None:
        return ""
    if silence > _AWAY or source.last_seen_at - oldest > _LAG:
        return (
            f"{counted(source.waiting, 'row')} waited there when it was seen last, {_time(source)}:"
            " look at its own status."
        )
    return ""


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
