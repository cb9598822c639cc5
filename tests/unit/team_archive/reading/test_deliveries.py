"""Deliveries and tests of all members of a team are found."""

from ibconsole.archive import Via
from ibconsole.team_archive import TeamReader
from tests.unit.team_archive.team_rows import AT, TeamRows


def test_ids(anna: TeamRows, reader: TeamReader) -> None:
    """They are in the order of arrival, and new ones are found by the mark."""
    late, early = anna.ship(2_000, via="pull"), anna.ship(1_000, via="pull")
    mark = reader.mark()
    new = anna.ship(500)

    assert list(reader.find_deliveries(Via.PULL)) == [early, late]
    assert list(reader.find_deliveries(Via.FORWARD, after=mark)) == [new]
    assert list(reader.find_deliveries(Via.PULL, after=mark)) == []


def test_activity(anna: TeamRows, reader: TeamReader) -> None:
    """The last pull is that of any member, and requests count that were refused since a forward."""
    assert not reader.has_pulled()
    anna.ship(1_000, via="pull")
    for status, at in ((413, 1_000), (200, 2_000), (404, 3_000), (413, 4_000)):
        anna.ship(at, status=status)

    found = reader.source_activity()

    assert found.pull
    assert (found.pull.source, found.forwarded_at) == ("anna@desk", AT + 2_000)
    assert (found.refused, found.refused_at, found.refused_status) == (2, AT + 4_000, 413)
    assert reader.has_pulled()


def test_forward_tests(anna: TeamRows, reader: TeamReader) -> None:
    """The latest ones are read, and of a URL the latest one and the latest ladder."""
    for number, facts in enumerate(('{"ladder":{}}', "{}", "{}")):
        anna.db.execute(
            "INSERT INTO ibconsole.forward_test"
            " (source, number, account, at, url, status, payload, answer, facts)"
            " VALUES (%s, %s, 1, %s, 'https://one', 200, 'p', 'a', %s)",
            [anna.source, number, number, facts],
        )

    assert [one.at for one in reader.forward_tests(2)] == [2, 1]
    assert sorted(one.at for one in reader.latest_forward_tests(["https://one", "x"])) == [0, 2]
