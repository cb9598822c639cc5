"""Marks of all sessions with a server can be compared, and are found again."""

from ibconsole.archive import Filter
from ibconsole.team_archive import TeamAddress, TeamReader
from ibconsole.team_archive.reading.marks import Marks
from tests.postgres import TeamDatabase
from tests.team_servers import Standby
from tests.unit.team_archive.team_rows import ShippedMessage, TeamRows


def test_marks_grow() -> None:
    """Each transaction that ends makes a higher mark, whatever its number."""
    snapshots = ["10:10:", "10:12:10", "11:13:11", "13:13:", "14:14:"]
    marks = [Marks().add(one) for one in snapshots]

    assert marks == sorted(set(marks))


def test_unknown_marks() -> None:
    """A mark whose snapshot is not known any more misses nothing."""
    known = Marks()
    for snapshot in ("100:100:", "100:105:100,102", "7:900:7"):
        mark = known.add(snapshot)
        oldest = int(snapshot.partition(":")[0])

        assert known.since(mark) == {"since": snapshot, "since_from": str(oldest)}
        assert int(Marks().since(mark)["since_from"]) <= oldest
    for number in range(1, 400):
        known.add(f"{number}:{number}:")
    assert known.snapshot(Marks().add("399:399:")) == "399:399:"


def test_a_standby(anna: TeamRows, team: TeamDatabase, standby: Standby) -> None:
    """Nothing is missed on a standby, and nothing is found twice there or after its promotion."""
    slow = TeamRows(team.db(), label="slow@desk")
    address = TeamAddress(standby.url("reader", team.name), "acme")
    with TeamReader(address) as reader:
        standby.catch_up(team.server)
        mark = reader.search(Filter()).newest
        found: list[int] = []
        with slow.db.transaction():
            hidden = slow.ship(1_000, ShippedMessage())
            seen = anna.ship(2_000, ShippedMessage())
            standby.catch_up(team.server)
            during = reader.search(Filter(), after=mark)
            found += during.ids
        standby.catch_up(team.server)
        after = reader.search(Filter(), after=during.newest)
        found += after.ids
        written = [*anna.messages_of(hidden), *anna.messages_of(seen)]
        team.server.crash()
        standby.promote()
        found += reader.search(Filter(), after=after.newest).ids

        assert sorted(found) == sorted(written)
