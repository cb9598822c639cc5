"""Sessions with a team's archive end when the server does not answer."""

import os
import signal
from pathlib import Path

import pytest

from ibconsole.archive import Archive
from ibconsole.services.connections import TeamAccess
from ibconsole.services.team.session_thread import SessionThread, team_opener
from ibconsole.team_archive import TeamSession, TeamUnavailable
from tests.postgres import TeamDatabase


def ask_pid(session: TeamSession, source: int) -> tuple[int, int]:
    [(pid,)] = session.db.execute("SELECT pg_backend_pid()").fetchall()
    return pid, source


async def test_a_silent_server(team: TeamDatabase, tmp_path: Path) -> None:
    """A call that the server does not answer is cut off, and the next one has a new session."""
    Archive(tmp_path / "archive").close()
    access = TeamAccess(team.address("collector"))
    thread = SessionThread(team_opener(access, tmp_path / "archive", "east", is_collector=True))
    try:
        pid, source = await thread.run(ask_pid)
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(TeamUnavailable, match="unharmed"):
                await thread.run(ask_pid, seconds=0.1)
        finally:
            os.kill(pid, signal.SIGCONT)

        other_pid, other_source = await thread.run(ask_pid)

        assert (other_pid != pid, other_source) == (True, source)
        rows = team.db().execute("SELECT label, is_collector FROM ibconsole.source").fetchall()
        assert rows == [("east", True)]
    finally:
        await thread.close()
