"""Queries of a team's archive are repeated on a new session, and can be given up."""

import pytest

from ibconsole.archive import JobCancelled
from ibconsole.team_archive import TeamAddress, TeamArchiveError, TeamUnavailable
from ibconsole.team_archive.reading.queries import TeamQueries
from tests.postgres import TeamDatabase


def test_broken_sessions(team: TeamDatabase) -> None:
    """A session that broke while it was idle is opened again, unless its owner is to know."""
    queries = TeamQueries(team.address("reader"), None, "test")
    listening = TeamQueries(team.address("reader"), None, "test", reopens=False)
    for one in (queries, listening):
        assert one.fetch("SELECT %(account)s::integer") == [(1,)]
    team.server.restart()

    assert queries.fetch("SELECT 1") == [(1,)]
    with pytest.raises(TeamUnavailable):
        listening.fetch("SELECT 1")
    assert listening.fetch("SELECT 1") == [(1,)]
    queries.close()
    listening.close()


def test_cancelling(team: TeamDatabase) -> None:
    """A query that takes long ends soon after it is given up."""
    queries = TeamQueries(team.address("reader"), None, "test")
    answers = iter([False, False])

    with pytest.raises(JobCancelled):
        queries.fetch("SELECT pg_sleep(60)", cancelled=lambda: next(answers, True))
    assert queries.fetch("SELECT 1") == [(1,)]
    queries.close()


def test_unknown_account(team: TeamDatabase) -> None:
    """An account that is not there is an error with the name of the database."""
    address = TeamAddress(team.address("reader").database, "nowhere")

    with pytest.raises(TeamArchiveError, match="nowhere"):
        TeamQueries(address, None, "test").fetch("SELECT 1")
