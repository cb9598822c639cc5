"""The team of a give-back is that of the connections by which its messages came."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.services.connections.account import TeamAccess
from ibconsole.services.connections.connection import Connection
from ibconsole.services.connections.settings import SettingsFile
from ibconsole.services.connections.store import Connections
from ibconsole.services.connections.vault import Vault
from ibconsole.services.give_back.planning import create_give_back
from ibconsole.services.give_back.teams import GiveBackTeams, SeveralTeams
from ibconsole.services.intake.forward_paths import ForwardPaths
from ibconsole.team_archive.address import TeamAddress
from tests.unit.archive.deliveries import batch
from tests.unit.services.custody.samples import CONNECTION, message, pulled_archive
from tests.unit.services.give_back.computers import REQUEST

THIRD = "9a1b3c0e-5a53-4f2e-9a53-0a3c0a4c6a11"
OTHER = "8d1b3c0e-5a53-4f2e-9a53-0a3c0a4c6a11"
Teams = Callable[..., GiveBackTeams]


def saved(uuid: str, database: str) -> Connection:
    return Connection(
        id=uuid,
        name=f"{uuid[:2]} {database}",
        base_url="https://a.api.infobip.com",
        session_only=True,
        team=f"postgresql://{database}/team" if database else "",
        team_account="acme" if database else "",
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Messages of the application came by two connections."""
    path = tmp_path / "archive.sqlite3"
    pulled_archive(path, message(1))
    with Archive(path) as archive:
        delivery = archive.begin_pull(connection=OTHER, base_url="https://x.example", limit=50)
        archive.append_answer(delivery, batch(message(2)))
        archive.finish_pull(delivery, status=200, headers=(), complete=True, problem="")
    return path


@pytest.fixture
def teams(tmp_path: Path, path: Path) -> Teams:
    """Save connections, and return what finds their teams."""

    def make(*connections: Connection) -> GiveBackTeams:
        file = SettingsFile(tmp_path / "settings.json")
        file.change(lambda old: replace(old, connections=connections))
        paths = ForwardPaths(tmp_path / "listener.json")
        return GiveBackTeams(Connections(file, Vault(backends=[]), paths), path)

    return make


def host_of(access: TeamAccess | None) -> str:
    return access.address.database.split("/")[2] if access else ""


async def test_the_connection_of_the_messages_counts(teams: Teams) -> None:
    """Also if another one is open, which has no team; none counts that has no message of them."""
    found = teams(saved(CONNECTION, "one"), saved(OTHER, ""), saved(THIRD, "three"))
    nothing = replace(REQUEST, application="x")

    assert host_of(await found.of_messages(REQUEST)) == "one"
    assert host_of(await found.of_messages(REQUEST, OTHER)) == "one"
    assert host_of(await found.of_messages(nothing)) == ""
    assert host_of(await found.of_messages(nothing, THIRD)) == "three"


async def test_two_teams_cannot_be_asked_at_once(teams: Teams, path: Path) -> None:
    """Unless none is asked; the team of a job is that of its connection."""
    found = teams(saved(CONNECTION, "one"), saved(OTHER, "two"))
    without = replace(REQUEST, with_team=False)
    job = create_give_back(path, REQUEST)

    with pytest.raises(SeveralTeams, match="different teams"):
        await found.of_messages(REQUEST)
    assert host_of(await found.of_messages(without)) == "one"
    assert host_of(await found.of_job(job)) == "one"


async def test_one_team_of_two_connections_is_one(teams: Teams) -> None:
    """They name the same account of the same database."""
    found = teams(saved(CONNECTION, "one"), saved(OTHER, "one"))

    assert host_of(await found.of_messages(REQUEST)) == "one"


async def test_the_open_connection_may_not_be_saved(path: Path) -> None:
    """Its team counts, and none without one."""
    access = TeamAccess(TeamAddress("postgresql://open/team", "acme"))
    found = GiveBackTeams(None, path)
    job = create_give_back(path, REQUEST)

    assert await found.of_messages(REQUEST, CONNECTION, access) is access
    assert await found.of_job(job, CONNECTION, access) is access
    assert await found.of_messages(REQUEST) is None
    assert await found.of_job(job, "other", access) is None
