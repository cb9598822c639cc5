"""News of a team arrive at once, once, and also after the database was away."""

import queue
from collections.abc import Iterator

import pytest

from ibconsole.team_archive import TeamChanges, TeamNews
from tests.postgres import TeamDatabase
from tests.unit.team_archive.team_rows import ShippedMessage, TeamRows

_PATIENCE = 30


@pytest.fixture
def news(team: TeamDatabase) -> Iterator["queue.Queue[TeamNews]"]:
    """Follow the account acme, without polling."""
    found: queue.Queue[TeamNews] = queue.Queue()
    with TeamChanges(team.address("reader"), None, found.put, poll=600):
        assert found.get(timeout=_PATIENCE).has_new
        yield found


def test_notifications(anna: TeamRows, news: "queue.Queue[TeamNews]") -> None:
    """What is shipped is news at once; what is shipped to another account is not."""
    other = TeamRows(anna.db, account=2)
    other.ship(1_000, ShippedMessage())
    anna.db.execute("SELECT pg_notify('ibconsole', 'pull 2'), pg_notify('ibconsole', 'pull 1')")
    asked = news.get(timeout=_PATIENCE)
    anna.ship(1_000, ShippedMessage())
    found = news.get(timeout=_PATIENCE)

    assert (asked.pull_requested, asked.has_new) == (True, False)
    assert (found.pull_requested, found.has_new, found.problem) == (False, True, None)
    assert news.empty()


def test_corrections(anna: TeamRows, news: "queue.Queue[TeamNews]") -> None:
    """Readers learn that what they have may have changed, and of new rows that nothing has."""
    delivery = anna.ship(1_000, ShippedMessage())
    assert not news.get(timeout=_PATIENCE).has_revised
    anna.revise(delivery, ShippedMessage())
    assert news.get(timeout=_PATIENCE).has_revised
    anna.ship(2_000, ShippedMessage())
    assert not news.get(timeout=_PATIENCE).has_revised


def test_an_open_transaction(
    anna: TeamRows, news: "queue.Queue[TeamNews]", team: TeamDatabase
) -> None:
    """What another program leaves open in the server delays no news."""
    db = team.db()
    with db.transaction():
        db.execute("SELECT pg_current_xact_id()")
        anna.ship(1_000, ShippedMessage())
        assert news.get(timeout=_PATIENCE).has_new


def test_a_database_that_is_away(news: "queue.Queue[TeamNews]", team: TeamDatabase) -> None:
    """The end of the connection is reported, and so is its return."""
    team.server.stop()
    assert news.get(timeout=_PATIENCE).problem
    team.server.start()

    found = news.get(timeout=_PATIENCE)
    while found.problem:
        found = news.get(timeout=_PATIENCE)
    assert found.has_new
