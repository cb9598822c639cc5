"""Totals are counted once, and then by what is new."""

from ibconsole.team_archive import TeamReader
from tests.unit.team_archive.team_rows import AT, ShippedMessage, TeamRows


def test_totals(anna: TeamRows, reader: TeamReader) -> None:
    """They are those of the account, and follow what arrives and what retention removes."""
    assert reader.counts().messages == 0
    pull = anna.ship(1_000, ShippedMessage(), ShippedMessage(), via="pull")
    anna.ship(2_000, ShippedMessage())
    TeamRows(anna.db, account=2).ship(3_000, ShippedMessage())
    counts = reader.counts()

    assert (counts.messages, counts.pulls, counts.forwards) == (3, 1, 1)
    assert counts.last_pull_at == AT + 1_000
    assert counts.newest_message >= reader.mark()
    anna.db.execute("DELETE FROM ibconsole.message WHERE delivery = %s", [pull])
    anna.db.execute("DELETE FROM ibconsole.delivery WHERE id = %s", [pull])
    assert reader.counts().messages == 1


def test_rows_that_are_corrected(anna: TeamRows, reader: TeamReader) -> None:
    """A delivery that is written again, with more messages, counts once as before."""
    first = anna.ship(1_000, ShippedMessage())
    assert reader.counts().messages == 1
    anna.revise(first, ShippedMessage(), ShippedMessage())

    counts = reader.counts()
    assert (counts.messages, counts.forwards) == (3, 1)
    assert reader.counts().messages == 3
