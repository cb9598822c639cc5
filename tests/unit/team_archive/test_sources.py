"""The archives of an account register once, and say that they are alive."""

from ibconsole.team_archive import open_session
from ibconsole.team_archive.sources import find_source, register_source, report_backlog
from tests.postgres import TeamDatabase


def test_a_source_is_registered_once(team: TeamDatabase) -> None:
    """An archive keeps its id whenever it registers again; its label may change."""
    with open_session(team.address("collector"), None, "test") as session:
        unknown = find_source(session, "archive-1")
        first = register_source(session, "archive-1", "east", is_collector=False)
        again = register_source(session, "archive-1", "west", is_collector=True)
        found = find_source(session, "archive-1")
        report_backlog(session, again, 7, 1_000)
    rows = team.db().execute(
        "SELECT label, is_collector, waiting, oldest_waiting_at FROM ibconsole.source"
    )

    assert (unknown, first, found) == (None, again, again)
    assert rows.fetchall() == [("west", True, 7, 1_000)]
