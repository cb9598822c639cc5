"""Two computers of the account acme."""

from collections.abc import Iterator

import pytest

from tests.postgres import TeamDatabase
from tests.unit.team_archive.redelivery.computers import Computer


@pytest.fixture
def anna(team: TeamDatabase) -> Iterator[Computer]:
    computer = Computer(team, "anna@pc-3")
    yield computer
    computer.session.close()


@pytest.fixture
def ben(team: TeamDatabase) -> Iterator[Computer]:
    computer = Computer(team, "ben@pc-4", "collector")
    yield computer
    computer.session.close()
