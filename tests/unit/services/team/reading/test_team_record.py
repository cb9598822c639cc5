"""A team's record is read with ids of its own."""

from ibconsole.archive.records import Filter, Order
from ibconsole.services.messages import MessageReader
from ibconsole.services.team.reading.record_source import team_id
from ibconsole.services.team.reading.team_record import TeamRecord
from ibconsole.team_archive import TeamReader
from tests.postgres import TeamDatabase
from tests.unit.team_archive.team_rows import ShippedMessage, TeamRows


def test_every_id_is_one_of_the_team(team: TeamDatabase) -> None:
    """Whatever is read has ids of the team, and is found by them."""
    anna = TeamRows(team.db())
    first = anna.ship(1, ShippedMessage(message_id="m", text="one"))
    anna.ship(2, ShippedMessage(message_id="m", text="two"), ShippedMessage(text="three"))
    record: MessageReader = TeamRecord(TeamReader(team.address("reader"), connection="uuid"))

    listing = record.search(Filter(), limit=1)
    assert listing.rest is not None
    older = record.search_older(Filter(), listing.rest, order=Order.ARRIVAL, newest=listing.newest)
    ids = [*older.ids, *listing.ids]
    assert min(ids) > team_id(0)
    rows = record.rows(ids)
    assert [(row.id, row.text, row.source) for row in rows] == [
        (number, text, "anna@desk")
        for number, text in zip(ids, ("one", "two", "three"), strict=True)
    ]
    assert rows[0].delivery == team_id(first)
    again = record.message(ids[1])
    assert again is not None
    assert (again.duplicate_of, again.text) == (ids[0], "two")
    assert list(record.messages(Filter(ids=tuple(ids[1:])))) == [again, record.message(ids[2])]
    assert record.find_message("m", "app") == ids[0]
    assert record.find_message("unknown", "app") is None
    delivery = record.delivery(rows[0].delivery)
    assert delivery is not None
    assert (delivery.id, delivery.source) == (team_id(first), "anna@desk")
    assert record.slice(delivery.id, 0, 1).data == b"["
    assert record.trailing_bytes(delivery.id) == b""
    assert (record.message(team_id(999)), record.delivery(team_id(999))) == (None, None)
    record.close()
