"""Columns arrive as they are."""

from ibconsole.team_archive.writing.arrays import (
    Booleans,
    Bytes,
    Integers,
    Texts,
    register_columns,
)
from tests.postgres import TeamDatabase


def test_columns_arrive_as_they_are(team: TeamDatabase) -> None:
    """Each type, with NULL, and without any value."""
    db = team.db()
    register_columns(db)
    columns = (
        Booleans([True, False, None]),
        Integers([1, -(1 << 63), None]),
        Bytes([b"\0\xff", b"", None]),
        Texts(["a\0b", "\u20ac\ud800", None]),
    )
    query = "SELECT %s, %s, %s, %s"

    assert db.execute(query, columns).fetchone() == (
        [True, False, None],
        [1, -(1 << 63), None],
        [b"\0\xff", b"", None],
        ["a\ufffdb", "\u20ac?", None],
    )
    empty = (Booleans([]), Integers([]), Bytes([]), Texts([]))
    assert db.execute(query, empty).fetchone() == ([], [], [], [])
