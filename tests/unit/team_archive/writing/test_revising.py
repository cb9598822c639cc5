"""What changes of a delivery that was shipped, or joins it, is in the team's archive once."""

from collections.abc import Iterator
from typing import Any

import pytest

from ibconsole.team_archive.session import TeamSession, open_session
from ibconsole.team_archive.sources import register_source
from ibconsole.team_archive.writing.writer import TeamWriter
from tests.postgres import TeamDatabase
from tests.unit.team_archive.shipments import AT, delivery, message, shipment

_STATE = (
    "SELECT origin, source, message_count, salvaged, decoding_problem, sha256, body_size,"
    " revision, revised FROM ibconsole.delivery ORDER BY id"
)
_TEXTS = "SELECT position, source, text, message_id FROM ibconsole.message ORDER BY position"
_WRITTEN = (
    "SELECT xid::text FROM ibconsole.delivery UNION ALL SELECT xid::text FROM ibconsole.message"
    " ORDER BY 1"
)


@pytest.fixture
def session(team: TeamDatabase) -> Iterator[TeamSession]:
    with open_session(team.address("collector"), None, "test") as session:
        yield session


def writer(session: TeamSession, archive: str) -> TeamWriter:
    source = register_source(session, archive, archive, is_collector=False)
    return TeamWriter(session, source)


def rows(team: TeamDatabase, query: str) -> list[tuple[Any, ...]]:
    return team.db().execute(query).fetchall()


def test_a_new_decoding_replaces_the_one_before(team: TeamDatabase, session: TeamSession) -> None:
    """Messages are corrected and added in place; what is older or the same does nothing."""
    desk = writer(session, "desk")
    first = shipment([delivery(1), delivery(2)], [message(1), message(2)])
    later = shipment(
        [delivery(1, message_count=2, salvaged=True, decoding_problem="Cut.", revision=3)],
        [message(1, text="corrected", flags=4), message(1, 1, body=b"{}")],
    )
    assert desk.write(first) == []
    [before, *_] = rows(team, "SELECT id FROM ibconsole.message ORDER BY id")
    assert desk.write(later) == []
    written = rows(team, _WRITTEN)

    assert rows(team, _STATE) == [
        ("archive:1", 1, 2, True, "Cut.", "", 2, 3, True),
        ("archive:2", 1, 1, False, "", "", 2, 0, False),
    ]
    assert rows(team, f"{_TEXTS}, message.id")[:1] == [(0, 1, "corrected", "1.0")]
    assert rows(team, "SELECT id, flags FROM ibconsole.message WHERE text = 'corrected'") == [
        (*before, 4)
    ]
    older = shipment([delivery(1, revision=2)], [message(1, text="older")])
    for again in (first, later, older):
        assert desk.write(again) == []
    assert rows(team, _WRITTEN) == written
    assert rows(team, "SELECT count(*) FROM ibconsole.content") == [(2,)]


def test_what_others_have_of_a_delivery_adds_up(team: TeamDatabase, session: TeamSession) -> None:
    """Who imported a part may ship before the receiver: afterwards all of it is there, once."""
    importer, receiver = writer(session, "importer"), writer(session, "receiver")
    part = delivery(1, raw=None, body=None, body_start=None, body_size=0, sha256="exported")
    whole = delivery(1, message_count=3, sha256="received")
    positions = [message(1, position, text=f"{position}") for position in range(3)]
    assert importer.write(shipment([part], [message(1, 1, text="imported", body=b"{}")])) == []
    assert receiver.write(shipment([whole], positions)) == []
    expected = [(0, 2, "0", "1.0"), (1, 1, "imported", "1.1"), (2, 2, "2", "1.2")]

    assert rows(team, _TEXTS) == expected
    assert rows(team, _STATE) == [("archive:1", 1, 3, False, "", "received", 2, 0, True)]
    assert rows(team, "SELECT count(*), count(raw) FROM ibconsole.content") == [(1, 1)]
    written = rows(team, _WRITTEN)
    assert receiver.write(shipment([whole._replace(revision=9, salvaged=True)], positions)) == []
    assert rows(team, _WRITTEN) == written

    more = part._replace(revision=1, message_count=2)
    texts = [message(1, 1, text="imported", body=b"{}"), message(1, 3, text="3", body=b"{}")]
    assert importer.write(shipment([more], texts)) == []
    assert rows(team, _TEXTS) == [*expected, (3, 1, "3", "1.3")]
    assert rows(team, "SELECT message_count, sha256, revision FROM ibconsole.delivery") == [
        (4, "received", 1)
    ]


def test_many_messages_are_added_in_parts(team: TeamDatabase, session: TeamSession) -> None:
    """A large pull that is decoded again is one transaction of several statements."""
    desk = writer(session, "desk")
    desk.write(shipment([delivery(1, at=AT)], [message(1)]))
    many = [message(1, position) for position in range(5_001)]
    assert desk.write(shipment([delivery(1, revision=1)], many)) == []

    assert rows(team, "SELECT count(*), count(DISTINCT position) FROM ibconsole.message") == [
        (5_001, 5_001)
    ]
    assert rows(team, "SELECT message_count FROM ibconsole.delivery") == [(5_001,)]
