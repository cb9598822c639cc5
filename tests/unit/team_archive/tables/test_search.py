"""Texts are found with the owner's rights, in the accounts that the user may read."""

import psycopg
import pytest

from ibconsole.team_archive import searched_text
from tests.postgres import OUTSIDER, TeamDatabase
from tests.unit.team_archive.team_rows import AT, ShippedMessage, TeamRows

_PROPOSED = "SELECT count(*) FROM ibconsole.propose_messages(%s, %s, %s, %s, %s)"


def test_proposals(team: TeamDatabase) -> None:
    """All patterns match, in the period, up to the limit; another account is refused."""
    rows = TeamRows(team.db())
    rows.ship(0, ShippedMessage(text="One"), ShippedMessage(text="one"), ShippedMessage(text="two"))
    reader = team.db("reader")

    def count(patterns: list[str], *period: int, most: int = 9, account: int = 1) -> object:
        return reader.execute(_PROPOSED, [account, patterns, *period, most]).fetchone()

    assert count(["%one%"], AT, AT + 1) == (2,)
    assert count(["%one%", "%win%", "%3859%"], AT, AT + 1) == (2,)
    assert count(["%one%", "%two%"], AT, AT + 1) == (0,)
    assert count(["%one%"], AT + 1, AT + 2) == (0,)
    assert count(["%o%"], AT, AT + 1, most=1) == (1,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        count(["%one%"], AT, AT + 1, account=2)
    for role in (OUTSIDER, "collector"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            team.db(role).execute(_PROPOSED, [1, ["%one%"], AT, AT + 1, 9])


def test_texts_are_folded() -> None:
    """Case and spelling do not matter, and what PostgreSQL cannot store is replaced."""
    searched = searched_text("STRASSE\0", "A\u0308rger", "İ", "Id-1")

    assert searched == "strasse\ufffd\x1färger\x1fi\x1fid-1"
    assert len(searched_text("ß" * (1 << 20), "", "", "")) == (1 << 20) + 3  # its beginning


def test_texts_stay_apart() -> None:
    """No text is found across the end of one and the beginning of another."""
    assert "ab" not in searched_text("a", "b", "", "")
