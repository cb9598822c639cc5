"""A search lists messages in order, a part at a time, and what is new by marks."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from ibconsole.archive import Filter, JobCancelled, Order
from ibconsole.team_archive import TeamReader
from ibconsole.team_archive.reading.searching import Search
from tests.postgres import TeamDatabase
from tests.unit.team_archive.team_rows import AT, ShippedMessage, TeamRows


def test_orders(anna: TeamRows, reader: TeamReader) -> None:
    """Messages are in the order of their arrival or receipt, not in that of their ids."""
    late = anna.messages_of(anna.ship(3_000, ShippedMessage(received_at=1)))
    early = anna.messages_of(anna.ship(1_000, ShippedMessage(received_at=2)))
    unknown = anna.messages_of(anna.ship(2_000, ShippedMessage(received_at=None)))

    arrived = reader.search(Filter())
    received = reader.search(Filter(), order=Order.RECEIVED)

    assert (list(arrived.ids), list(arrived.keys)) == (
        [*early, *unknown, *late],
        [AT + 1_000, AT + 2_000, AT + 3_000],
    )
    assert (list(received.ids), list(received.keys)) == (
        [*unknown, *late, *early],
        [-(1 << 63), 1, 2],
    )


@pytest.mark.parametrize("order", Order)
def test_parts(anna: TeamRows, reader: TeamReader, order: Order) -> None:
    """The parts of a search have each match once, in order, up to the mark of the first."""
    messages = [ShippedMessage(text=f"{'even' if one % 2 else 'odd'} {one}") for one in range(30)]
    anna.ship(1_000, *messages[:20])
    anna.ship(2_000, *messages[20:])
    whole = reader.search(Filter(text="EVEN"), order=order)
    first = reader.search(Filter(text="EVEN"), order=order, limit=4)
    anna.ship(1_500, ShippedMessage(text="even, but new"))

    found, place = list(first.ids), first.rest
    search = Search(reader._queries, Filter(text="EVEN"), order, lambda: False)
    while place:
        part = search.older(place, first.newest, size=3)
        found, place = [*part.ids, *found], part.rest

    assert found == list(whole.ids)
    assert len(first.ids) == 4
    assert whole.rest is None


def test_what_is_new(anna: TeamRows, reader: TeamReader, team: TeamDatabase) -> None:
    """A message that is committed late is not missed, and keeps no other one from being seen."""
    slow = TeamRows(team.db(), label="slow@desk")
    mark = reader.search(Filter()).newest
    with slow.db.transaction():
        hidden = slow.ship(1_000, ShippedMessage())
        seen = anna.ship(2_000, ShippedMessage())
        before = reader.search(Filter(), after=mark)
        first = reader.search(Filter(), limit=1)
    after = reader.search(Filter(), after=before.newest)

    assert list(before.ids) == list(first.ids) == anna.messages_of(seen)
    assert list(after.ids) == anna.messages_of(hidden)
    assert after.newest > before.newest > mark
    assert list(reader.search(Filter(), after=after.newest).ids) == []
    older = reader.search_older(Filter(), first.place, newest=first.newest)
    assert list(older.ids) == []


def test_a_mark_of_another_reader(anna: TeamRows, reader: TeamReader, team: TeamDatabase) -> None:
    """Nothing is missed since a mark of another reader, even if some is found again."""
    db = team.db()
    with TeamReader(team.address("reader")) as other, db.transaction():
        db.execute("SELECT pg_current_xact_id()")
        anna.ship(1_000, ShippedMessage())
        mark = other.mark()
        new = anna.messages_of(anna.ship(2_000, ShippedMessage()))

        assert list(other.search(Filter(), after=mark).ids) == new
        assert set(new) <= set(reader.search(Filter(), after=mark).ids)


class HighestId:
    """A reader that goes on after the highest id it saw, which writers can wait for."""

    def __init__(self, team: TeamDatabase) -> None:
        self._db = team.db("reader")
        self._changed = threading.Condition()
        self.ids = [0]

    def read(self) -> None:
        """Read what has a higher id."""
        query = "SELECT id FROM ibconsole.message WHERE id > %s ORDER BY id"
        found = [one for (one,) in self._db.execute(query, [self.ids[-1]])]
        with self._changed:
            self.ids += found
            self._changed.notify_all()

    def pass_by(self, number: int) -> None:
        """Wait until a higher id was read."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.ids[-1] > number, timeout=60)


def write(member: TeamRows, naive: HighestId, began: threading.Event, *, is_slow: bool) -> None:
    """Write ten messages; a slow member begins first, and ends after later ones were read."""
    if not is_slow:
        assert began.wait(timeout=60)
    for number in range(10):
        with member.db.transaction():
            [message] = member.messages_of(member.ship(number, ShippedMessage()))
            if is_slow and not number:
                began.set()
                naive.pass_by(message)


def test_six_writers(team: TeamDatabase, reader: TeamReader) -> None:
    """No message of six members is missed or found twice, as it is by the highest id."""
    naive = HighestId(team)
    members = [TeamRows(team.db(), label=f"{number}@desk") for number in range(6)]
    began, mark = threading.Event(), reader.mark()

    def follow() -> Iterator[int]:
        nonlocal mark
        found = reader.search(Filter(), after=mark)
        mark = found.newest
        yield from found.ids

    with ThreadPoolExecutor(6) as pool:
        writing = {
            pool.submit(write, member, naive, began, is_slow=member is members[0])
            for member in members
        }
        ours: list[int] = []
        while writing:
            ours += follow()
            naive.read()
            writing = wait(writing, timeout=0).not_done
    ours += follow()
    naive.read()

    written = sorted(reader.find(Filter()))
    assert len(written) == 60
    assert sorted(ours) == written
    assert set(written) - set(naive.ids)


def test_cancelling(anna: TeamRows, reader: TeamReader) -> None:
    """A search that is given up ends, and the next one works."""
    anna.ship(1_000, ShippedMessage())

    with pytest.raises(JobCancelled):
        reader.search(Filter(), cancelled=lambda: True)
    assert len(reader.search(Filter()).ids) == 1
