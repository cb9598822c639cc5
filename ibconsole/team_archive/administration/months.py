"""The months of the tables: created ahead, and dropped when the owner does not keep them longer.

A month is a partition of each table with deliveries. Nothing is dropped unless the owner has set a
number of months, and nothing on the word of a clock that leapt.
"""

import time
from datetime import date
from typing import Any

import msgspec

from ibconsole.team_archive import TeamConnection

_MONTH_MS = 31 * 86_400_000
MONTHS_AHEAD = 3


class ExpiredMonth(msgspec.Struct, frozen=True):
    """A month that is older than those to keep.

    It stays while it has deliveries that were shipped `later`, in the months to keep.
    """

    month: date
    deliveries: int
    later: int


class TeamRetention(msgspec.Struct, frozen=True):
    """The months that a team keeps: `keep_months` before the current one; None keeps all.

    `clock_noted_at` is the last time at which the server's clock was in line, in milliseconds;
    `is_clock_trusted` is false if it leapt since then, so that nothing is dropped.
    """

    keep_months: int | None
    clock_noted_at: int
    is_clock_trusted: bool
    months: tuple[date, ...]
    expired: tuple[ExpiredMonth, ...]


class MonthsChanged(msgspec.Struct, frozen=True):
    """The outcome of a maintenance: the number of new months, and the months dropped."""

    created: int
    dropped: tuple[date, ...]


def maintain(db: TeamConnection) -> MonthsChanged:
    """Create the months ahead, and drop those that have expired; to be repeated every day.

    Needs the capability of a collector or an operator in any account. A month that is in use for
    more than two seconds is left for the next time, with psycopg.errors.LockNotAvailable.
    """
    return MonthsChanged(create_months(db), drop_expired(db))


def create_months(db: TeamConnection, ahead: int = MONTHS_AHEAD) -> int:
    """Create the months from the one before this until some months ahead; return how many."""
    now = time.time_ns() // 1_000_000
    row = db.execute(
        "SELECT ibconsole.create_partitions(%s, %s)",
        (now - _MONTH_MS, now + ahead * _MONTH_MS),
    ).fetchone()
    return int(row[0]) if row else 0


def drop_expired(db: TeamConnection) -> tuple[date, ...]:
    """Drop the months that have expired, each in a transaction; return them."""
    dropped: list[date] = []
    while month := _value(db, "SELECT ibconsole.drop_expired_month()::date"):
        dropped.append(month)
    return tuple(dropped)


def read_retention(db: TeamConnection) -> TeamRetention:
    """Return what is kept, and, for an owner, what would be dropped now."""
    facts: dict[str, int] = dict(
        db.execute(
            "SELECT name, value::bigint FROM ibconsole.about WHERE name IN ('keep_months', 'clock')"
        ).fetchall()
    )
    noted = facts.get("clock", 0)
    now = _value(db, "SELECT ibconsole.now_ms()")
    months = db.execute("SELECT one::date FROM ibconsole.months() AS one").fetchall()
    expired: list[tuple[Any, ...]] = []
    if _value(db, "SELECT ibconsole.is_owner()"):
        expired = db.execute(
            "SELECT month::date, deliveries, later FROM ibconsole.expired_months()"
        ).fetchall()
    return TeamRetention(
        facts.get("keep_months"),
        noted,
        noted - 3_600_000 <= now <= noted + 40 * 86_400_000,
        tuple(month for (month,) in months),
        tuple(ExpiredMonth(*row) for row in expired),
    )


def set_retention(db: TeamConnection, keep_months: int | None) -> None:
    """Keep this number of months before the current one, or everything. For an owner."""
    with db.transaction():
        db.execute("DELETE FROM ibconsole.about WHERE name = 'keep_months'")
        if keep_months is not None:
            db.execute(
                "INSERT INTO ibconsole.about VALUES ('keep_months', %s)", (str(keep_months),)
            )


def trust_clock(db: TeamConnection) -> None:
    """Note that the server's clock is right now. For an owner."""
    db.execute(
        "INSERT INTO ibconsole.about VALUES ('clock', ibconsole.now_ms()::text)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )


def _value(db: TeamConnection, query: str) -> Any:
    row = db.execute(query).fetchone()
    return row[0] if row else None
