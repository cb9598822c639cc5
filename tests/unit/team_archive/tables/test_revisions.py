"""The functions that correct what is stored do so for an account's own writers alone."""

import psycopg
import pytest

from tests.postgres import OUTSIDER, Connection, TeamDatabase
from tests.unit.team_archive.team_rows import AT, ShippedMessage, TeamRows

_EMPTY = ", ".join(["'{}'"] * 9)


def correct(db: Connection, account: int, source: int, delivery: int, at: int) -> None:
    """Replace the text of a delivery's first message, as a source that has a newer one."""
    place = f"ARRAY[{delivery}]::bigint[], ARRAY[{at}]::bigint[]"
    searched, *texts = ["ARRAY['forged']"] * 6
    db.execute(
        f"SELECT ibconsole.revise_messages({account}, {source}, {place}, '{{1}}', {place},"
        f" '{{forward}}', {searched}, '{{0}}', {', '.join(texts)},"
        " '{1}', '{0}', '{0}', '{2}', '{NULL}')"
    )


def texts(team: TeamDatabase) -> list[str]:
    found = team.db().execute("SELECT text FROM ibconsole.message ORDER BY text").fetchall()
    return [text for (text,) in found]


def test_only_writers_of_the_account_correct_it(team: TeamDatabase) -> None:
    """Neither a reader nor anybody of another account changes a row, by any combination."""
    own, other = TeamRows(team.db()), TeamRows(team.db(), account=2)
    mine, theirs = own.ship(0, ShippedMessage()), other.ship(0, ShippedMessage())
    refused = psycopg.errors.InsufficientPrivilege
    for role, account, source, delivery in (
        ("reader", 1, own.source, mine),
        (OUTSIDER, 1, own.source, mine),
        (OUTSIDER, 2, own.source, mine),
        ("collector", 1, other.source, theirs),
        ("collector", 2, other.source, theirs),
    ):
        with pytest.raises(refused):
            correct(team.db(role), account, source, delivery, AT)
    correct(team.db("collector"), 1, own.source, theirs, AT)
    assert texts(team) == ["text", "text"]

    correct(team.db("collector"), 1, own.source, mine, AT)
    assert texts(team) == ["forged", "text"]
    for role in ("collector", "operator", "reader"):
        with pytest.raises(refused):
            team.db(role).execute(f"SELECT ibconsole.lock_to_revise(1, 1, {_EMPTY[:10]})")
        with pytest.raises(refused):
            team.db(role).execute("UPDATE ibconsole.content SET body = ''")
