"""A shipment is stored whole, once, and no row of it holds up the others."""

from collections.abc import Iterator
from typing import Any

import pytest

from ibconsole.archive.outbox.records import (
    AnswerCopy,
    AuditCopy,
    ForwardTestCopy,
    LedgerEntryCopy,
    LedgerItemCopy,
    ListCopy,
    OutboxRow,
    PointCopy,
    Shipment,
    ShippedKind,
)
from ibconsole.team_archive.errors import TeamUnavailable
from ibconsole.team_archive.session import TeamSession, open_session
from ibconsole.team_archive.sources import register_source
from ibconsole.team_archive.writing.writer import CHANNEL, TeamWriter
from tests.postgres import TeamDatabase
from tests.unit.team_archive.shipments import AT, DAY, delivery, message, shipment


@pytest.fixture
def session(team: TeamDatabase) -> Iterator[TeamSession]:
    with open_session(team.address("collector"), None, "test") as session:
        yield session


@pytest.fixture
def writer(session: TeamSession) -> TeamWriter:
    return TeamWriter(session, register_source(session, "archive", "desk", is_collector=False))


def rows(team: TeamDatabase, query: str) -> list[tuple[Any, ...]]:
    return team.db().execute(query).fetchall()


def test_what_is_shipped_twice_is_stored_once(team: TeamDatabase, writer: TeamWriter) -> None:
    """Deliveries that are there already stay as they are, with their messages; new ones join."""
    first = [delivery(1), delivery(2, via="pull", raw=None, body=b"{}", body_start=None, epoch=7)]
    assert writer.write(shipment(first)) == []
    assert writer.write(shipment([*first, delivery(3)])) == []

    assert rows(
        team,
        "SELECT origin, delivery.via, epoch, label, raw IS NULL, content.body, message_id,"
        " searched, text"
        " FROM ibconsole.delivery JOIN ibconsole.message ON delivery.id = message.delivery"
        " JOIN ibconsole.content ON content.delivery = delivery.id"
        " JOIN ibconsole.source ON source.id = delivery.source ORDER BY origin",
    ) == [
        ("archive:1", "forward", None, "desk", False, None, *_texts(1)),
        ("archive:2", "pull", 7, "desk", True, b"{}", *_texts(2)),
        ("archive:3", "forward", None, "desk", False, None, *_texts(3)),
    ]


def _texts(key: int) -> tuple[str, str, str]:
    return f"{key}.0", f"strasse\x1f4917\x1fhello\x1f{key}.0", "Straße"


def test_listeners_learn_of_a_commit(team: TeamDatabase, writer: TeamWriter) -> None:
    """The channel carries the number of the account."""
    listener = team.db()
    listener.execute(f"LISTEN {CHANNEL}")
    writer.write(shipment([delivery(1)]))

    [notification] = listener.notifies(timeout=10, stop_after=1)
    assert notification.payload == "1"


def test_texts_that_postgresql_cannot_hold_are_shipped(
    team: TeamDatabase, writer: TeamWriter
) -> None:
    """NUL is shown as U+FFFD, and an identifier that fits into no index is cut; bytes are exact."""
    longest = "ä" * 5_000
    one = message(1, text="a\0b", message_id=longest, application_code=longest, body=b"\0{}")
    assert writer.write(shipment([delivery(1, problem="\0")], [one])) == []

    [(text, identifier, code, body)] = rows(
        team, "SELECT text, message_id, application_code, body FROM ibconsole.message"
    )
    assert (text, body) == ("a\ufffdb", b"\0{}")
    assert identifier == code == "ä" * 1_000 + "…"


def test_a_refused_row_holds_up_no_other(team: TeamDatabase, writer: TeamWriter) -> None:
    """What the database can never store is returned with the reason, and all others are stored."""
    wrong = {3: {"status": 1 << 40}, 5: {"at": 1 << 60}, 6: {"at": -AT}}
    batch = shipment([delivery(key, **wrong.get(key, {})) for key in range(1, 8)])
    refused = writer.write(batch)

    assert [(one.row.key, one.reason.split("(")[0][:35]) for one in refused] == [
        (5, "It arrived before 1970 or after 209"),
        (6, "It arrived before 1970 or after 209"),
        (3, "The team's archive refuses it: inte"),
    ]
    stored = rows(team, "SELECT origin FROM ibconsole.delivery ORDER BY origin")
    assert stored == [(f"archive:{key}",) for key in (1, 2, 4, 7)]
    [(messages,)] = rows(team, "SELECT count(*) FROM ibconsole.message")
    assert messages == 4


def test_a_row_that_takes_too_long_holds_up_no_other(
    team: TeamDatabase, writer: TeamWriter, session: TeamSession
) -> None:
    """A huge delivery is set aside if its time runs out; a slow database has nothing set aside."""
    large = "x" * (2 << 20)
    batch = shipment([delivery(1), delivery(2)], [message(1, text=large), message(2)])
    answers: list[int] = []
    patient = TeamWriter(session, 1, lambda: answers.append(1))
    writer.write(shipment([delivery(3)]))
    team.db().execute(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_catalog.pg_sleep(60); RETURN NEW; END';"
        "CREATE TRIGGER slow BEFORE INSERT ON ibconsole.message FOR EACH ROW"
        " WHEN (length(NEW.text) > 1000 OR NEW.message_id = 'slow') EXECUTE FUNCTION slow()"
    )
    session.db.execute("SET statement_timeout = 700")
    [refused] = patient.write(batch)

    assert (refused.row.key, len(answers)) == (1, 2)
    assert "takes too long to store it (canceling statement" in refused.reason
    assert rows(team, "SELECT origin FROM ibconsole.delivery ORDER BY origin") == [
        ("archive:2",),
        ("archive:3",),
    ]
    with pytest.raises(TeamUnavailable, match="canceling"):
        writer.write(shipment([delivery(4)], [message(4, message_id="slow")]))


def test_months_that_are_missing_are_created(team: TeamDatabase, writer: TeamWriter) -> None:
    """Old deliveries of a desktop that joins have their months, however far apart they are.

    So has what arrived while a clock was at its beginning, or at the end of what it can show.
    """
    times = [AT, AT - 400 * DAY, AT - 8_000 * DAY, 0, 4_102_444_799_999]
    batch = shipment([delivery(key, at=at) for key, at in enumerate(times)])

    assert writer.write(batch) == []
    assert rows(team, "SELECT count(*) FROM ibconsole.delivery") == [(5,)]


def test_a_large_pull_is_one_transaction(
    team: TeamDatabase, writer: TeamWriter, session: TeamSession
) -> None:
    """Its messages are inserted by several statements, each of which has its time."""
    answers: list[int] = []
    writer = TeamWriter(session, 1, lambda: answers.append(1))
    writer.write(shipment([delivery(1)], [message(1, position) for position in range(5_001)]))

    assert len(answers) == 1  # between the two

    assert rows(
        team, "SELECT count(*), count(DISTINCT xid), max(position) FROM ibconsole.message"
    ) == [(5_001, 1, 5_000)]


def test_everything_else_is_stored_and_kept_up_to_date(
    team: TeamDatabase, writer: TeamWriter
) -> None:
    """Rows that change take over what may change; the others stay as they were."""
    entry = LedgerEntryCopy(4, 1, AT, "attempt", "{}", "h")
    item = LedgerItemCopy(4, 1, "resend", "u", "m", "app", "sending", 1, AT, None, "h", [entry])
    before = Shipment(
        [OutboxRow(1, "c", ShippedKind.AUDIT, 1, AT)],
        deliveries=[delivery(1)],
        audit=[AuditCopy(1, None, AT, "app", "{}", "h"), AuditCopy(2, 1, AT, "app", "{}", "i")],
        points=[PointCopy(3, "app", "route", 1, None, 1, b"hash", b"content")],
        lists=[ListCopy(0, 5)],
        tests=[ForwardTestCopy(2, AT, "https://h/", None, b"p", b"", "{}")],
        items=[item],
    )
    after = Shipment(
        before.rows,
        answers=[AnswerCopy(1, "archive:1", AT, '{"sent":1}')],
        points=[PointCopy(3, "app", "route", 1, 9, 8, b"hash", b"content")],
        lists=[ListCopy(0, 9)],
        tests=[ForwardTestCopy(2, AT, "https://h/", 200, b"p", b"a", '{"x":1}')],
        items=[
            item._replace(
                state="acknowledged", entries=[entry, entry._replace(number=2, kind="answer")]
            )
        ],
    )
    for batch in (before, before, after):
        assert writer.write(batch) == []

    assert rows(team, "SELECT number, intent FROM ibconsole.audit ORDER BY 1") == [
        (1, None),
        (2, 1),
    ]
    assert rows(
        team,
        "SELECT number, seen_until, checked_at, content FROM ibconsole.setup_point"
        " JOIN ibconsole.setup_object ON hash = object",
    ) == [(3, 9, 8, b"content")]
    assert rows(team, "SELECT read_at FROM ibconsole.setup_list") == [(9,)]
    assert rows(team, "SELECT status, answer, facts FROM ibconsole.forward_test") == [
        (200, b"a", '{"x":1}')
    ]
    assert rows(team, "SELECT state FROM ibconsole.ledger_item") == [("acknowledged",)]
    assert rows(team, "SELECT number, kind FROM ibconsole.ledger_entry ORDER BY 1") == [
        (1, "attempt"),
        (2, "answer"),
    ]
    assert rows(team, "SELECT answer FROM ibconsole.delivery") == [('{"sent":1}',)]
    assert writer.write(Shipment()) == []


def test_a_lost_server_leaves_nothing_behind(
    team: TeamDatabase, session: TeamSession, writer: TeamWriter
) -> None:
    """A session that the server ends in the middle of its work has stored nothing of a batch."""
    lock = team.db()
    lock.execute("BEGIN; LOCK TABLE ibconsole.message IN ACCESS EXCLUSIVE MODE")
    session.db.execute("SET lock_timeout = 100")

    with pytest.raises(TeamUnavailable, match="cannot be used now"):
        writer.write(shipment([delivery(1)]))
    lock.execute("ROLLBACK")
    assert rows(team, "SELECT count(*) FROM ibconsole.delivery") == [(0,)]
    assert writer.write(shipment([delivery(1)])) == []
