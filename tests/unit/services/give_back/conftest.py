"""Two computers of a team."""

from pathlib import Path

import pytest

from tests.postgres import TeamDatabase
from tests.unit.services.give_back.computers import Computer


@pytest.fixture
def anna(tmp_path: Path, team: TeamDatabase) -> Computer:
    return Computer(tmp_path / "anna.sqlite3", team, 1, 2, 3)


@pytest.fixture
def ben(tmp_path: Path, team: TeamDatabase) -> Computer:
    return Computer(tmp_path / "ben.sqlite3", team, 2, 3, 4)
