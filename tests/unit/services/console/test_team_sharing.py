"""What a console shares with teams, and what it imports for that."""

import subprocess
import sys
from pathlib import Path

import pytest

from ibconsole.archive.outbox import Outbox
from ibconsole.services.connections.account import Account, TeamAccess
from ibconsole.services.console.console import Console
from ibconsole.services.console.team_sharing import shipped_among
from ibconsole.services.runtime.paths import Paths
from tests.postgres import TeamDatabase

# A console that shares what the saved connections name, and what it has imported then.
_SHARING = """
import asyncio
import sys
from pathlib import Path

from ibconsole.services.connections import Connection, Connections, SettingsFile, Vault, new_id
from ibconsole.services.connections.settings import with_connection
from ibconsole.services.console import Console
from ibconsole.services.runtime import Paths


async def main() -> None:
    paths = Paths(Path(sys.argv[1]))
    connection = Connection(
        new_id(), "Acme", "https://acme.api.infobip.com", team=sys.argv[2], team_account="acme"
    )
    file = SettingsFile(paths.settings)
    file.change(lambda settings: with_connection(settings, connection))
    async with Console(paths) as console:
        await console.sharing.share_saved(Connections(file, Vault(), console.forward_paths))
        names = ("psycopg", "ibconsole.services.team.shipping")
        print(*[name for name in names if name in sys.modules])


asyncio.run(main())
"""


async def test_what_is_pulled_is_shared_with_a_team(
    console: Console, account: Account, team: TeamDatabase
) -> None:
    """The status has the way to the team, and the end waits for what can be shipped."""
    await console.connect(account)
    await console.sharing.share({})
    assert not console.status.team.links
    await console.sharing.share({account.connection: TeamAccess(team.address("collector"))})
    await console.pulls.pull(None)
    shipper = console.sharing.shipper
    assert shipper
    assert await shipper.drain(30) == 0

    link = console.status.team.link_of(account.connection)
    assert link is not None
    found = team.db().execute("SELECT count(*) FROM ibconsole.delivery WHERE via = 'pull'")
    assert found.fetchall() == [(1,)]


@pytest.mark.parametrize(("team", "loads"), [("", False), ("postgresql://127.0.0.1:9/none", True)])
def test_only_a_team_costs_its_libraries(tmp_path: Path, team: str, *, loads: bool) -> None:
    """A start whose connections name no team loads neither PostgreSQL nor the shipping."""
    done = subprocess.run(
        [sys.executable, "-c", _SHARING, tmp_path / "data", team],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert bool(done.stdout.split()) == loads


def test_what_is_shipped_is_known_without_a_team(paths: Paths) -> None:
    """Of many connections those are known that an earlier start has shipped."""
    with Outbox(paths.archive) as outbox:
        outbox.set_targets({"c": "a team", "d": "a team"})

    assert shipped_among(paths.archive, ["b", "c", "e"]) == ["c"]
    assert shipped_among(paths.archive.parent / "none", []) == ()
