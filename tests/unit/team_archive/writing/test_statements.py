"""Statements name the columns that they are given; identifiers fit into the indexes."""

import pytest

from ibconsole.archive.outbox import AuditCopy
from ibconsole.team_archive.writing.arrays import Integers, Texts
from ibconsole.team_archive.writing.statements import Insertion, indexed


def test_columns_are_named_in_their_order() -> None:
    """What all rows share comes first, then what is no field of a row, and then the fields."""
    insertion = Insertion[AuditCopy](
        "audit", (Integers, "number=key at"), (Texts, "hash"), first="place", ending="RETURNING 1"
    )
    rows = [AuditCopy(7, None, 1, "", "", "f"), AuditCopy(8, 7, 2, "", "", "e")]

    assert insertion.sql == (
        "INSERT INTO ibconsole.audit (source, account, place, number, at, hash)"
        " SELECT %s, %s, * FROM unnest(%s, %s, %s, %s) RETURNING 1"
    )
    assert [one.data for one in insertion.columns(rows, Texts(["a", "b"]))] == [
        Texts(["a", "b"]).data,
        Integers([7, 8]).data,
        Integers([1, 2]).data,
        Texts(["f", "e"]).data,
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("m-1", "m-1"),
        ("a" * 2_000, "a" * 2_000),
        ("a" * 2_001, "a" * 2_000 + "…"),
        ("\u20ac" * 2_000, "\u20ac" * 666 + "…"),
    ],
)
def test_only_absurd_identifiers_are_cut(text: str, shown: str) -> None:
    """An index of the team's archive takes what any platform sends, whole."""
    assert indexed(text) == shown
