"""Connections to PostgreSQL fail with sentences."""

import pytest

from ibconsole.team_archive import TeamAddress, TeamUnavailable
from ibconsole.team_archive.connection import connect


def test_no_server() -> None:
    """A database that does not answer may be back later, and nothing on this disk is harmed."""
    address = TeamAddress("postgresql://127.0.0.1:1/team", "acme")

    with pytest.raises(TeamUnavailable, match="What is on this disk is unharmed") as away:
        connect(address, None, "test")
    assert 'now (connection to server at "127.0.0.1", port 1 failed: ' in str(away.value)
    assert "?" not in str(away.value)
