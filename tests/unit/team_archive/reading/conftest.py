"""A team with two members, whose rows a reader reads."""

from collections.abc import Iterator

import pytest

from ibconsole.team_archive import TeamReader
from tests.postgres import TeamDatabase
from tests.unit.team_archive.team_rows import TeamRows


@pytest.fixture
def anna(team: TeamDatabase) -> TeamRows:
    """Write as a desktop of the team."""
    return TeamRows(team.db())


@pytest.fixture
def reader(team: TeamDatabase) -> Iterator[TeamReader]:
    """Read the account acme as a user with the capability to read."""
    with TeamReader(team.address("reader"), connection="uuid") as found:
        yield found
