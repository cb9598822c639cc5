"""Months are created ahead, and dropped only when the owner wants it and the clock is right."""

from datetime import UTC, date, datetime

import psycopg
import pytest

from ibconsole.team_archive.administration import (
    MonthsChanged,
    create_months,
    drop_expired,
    maintain,
    read_retention,
    set_retention,
    trust_clock,
)
from tests.postgres import TeamDatabase


def ms(year: int, month: int) -> int:
    """Return a time in a month."""
    return int(datetime(year, month, 3, tzinfo=UTC).timestamp() * 1000)


def test_only_old_months_are_dropped(team: TeamDatabase) -> None:
    """Retention drops whole months, but none that got deliveries in the months to keep."""
    db = team.db()
    now = datetime.now(UTC)
    db.execute("SELECT ibconsole.create_partitions(%s, %s)", [ms(2020, 11), ms(2021, 1)])
    for month, shipped_at in ((11, ms(2020, 12)), (12, ms(now.year, now.month) - 86_400_000)):
        db.execute(
            "INSERT INTO ibconsole.delivery"
            " (arrived_at, account, source, origin, via, state, began_at, shipped_at)"
            " VALUES (%s, 1, 1, '', 'pull', 'decoded', 0, %s)",
            [ms(2020, month), shipped_at],
        )
    collector = team.db("collector")
    assert drop_expired(collector) == ()

    set_retention(db, 12)

    expired = read_retention(db).expired
    assert [(one.month.month, one.deliveries, one.later) for one in expired] == [
        (11, 1, 0),
        (12, 1, 1),
        (1, 0, 0),
    ]
    assert maintain(collector).dropped == (date(2020, 11, 1), date(2021, 1, 1))
    assert read_retention(db).months[0] == date(2020, 12, 1)
    assert read_retention(team.db("reader")).expired == ()


@pytest.mark.parametrize("leap", [-41 * 86_400_000, 2 * 3_600_000])
def test_nothing_is_dropped_by_a_clock_that_leapt(team: TeamDatabase, leap: int) -> None:
    """After a leap of the server's clock, an owner has to trust it first."""
    db = team.db()
    db.execute("SELECT ibconsole.create_partitions(%s, %s)", [ms(2020, 11), ms(2020, 11)])
    set_retention(db, 1)
    db.execute("UPDATE ibconsole.about SET value = value::bigint + %s WHERE name = 'clock'", [leap])

    assert maintain(db).dropped == ()
    assert not read_retention(db).is_clock_trusted
    trust_clock(db)
    assert maintain(db).dropped == (date(2020, 11, 1),)
    assert maintain(db) == MonthsChanged(0, ())
    set_retention(db, None)
    assert read_retention(db).keep_months is None


def test_months_are_created_while_others_read_and_write(team: TeamDatabase) -> None:
    """A new month waits for no transaction that is open, and lets none wait."""
    reader, writer, collector = map(team.db, ("reader", "operator", "collector"))
    columns = "(arrived_at, account, source, origin, via, state, began_at)"
    with reader.transaction(), writer.transaction():
        reader.execute("SELECT id FROM ibconsole.message")
        writer.execute(
            f"INSERT INTO ibconsole.delivery {columns}"  # noqa: S608 names
            " VALUES (ibconsole.now_ms(), 1, 1, '', 'pull', 'decoded', 0)"
        )
        collector.execute("SET lock_timeout = '1s'")

        assert create_months(collector, 14) > 10


def test_months_are_bounded(team: TeamDatabase) -> None:
    """A user who may insert cannot fill the server with months, and a reader adds none."""
    query = "SELECT ibconsole.create_partitions(%s, %s)"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        team.db("reader").execute(query, [ms(2026, 1), ms(2026, 1)])
    wrong = ((-1, -1), (ms(2100, 1), ms(2100, 1)), (ms(2026, 2), ms(2026, 1)))
    for begin, end in ((ms(2026, 1), ms(2036, 1)), *wrong):
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            team.db("operator").execute(query, [begin, end])
