"""The database of a command is named once, without a password."""

from pathlib import Path

from msgspec.structs import replace

from ibconsole.archive.outbox import Outbox
from ibconsole.services.connections import Connection, SettingsFile, new_id
from ibconsole.services.runtime import find_paths
from tests.postgres import TeamDatabase
from tests.unit.cli.conftest import Command


def test_a_password_is_never_an_argument(ibconsole: Command) -> None:
    """A URL with a password is refused, because the list of processes shows arguments."""
    result = ibconsole("team", "status", "--database", "postgresql://anna:secret@db/team")

    assert result.code == 1
    assert "Leave the password out" in result.err
    assert "secret" not in result.err


def test_a_missing_database(ibconsole: Command, team: TeamDatabase) -> None:
    """A database that does not exist is to be created, not waited for."""
    result = ibconsole("team", "status", "--database", team.server.url("owner", "missing"))

    assert result.code == 1
    assert "Create it first" in result.err


def test_a_saved_connection(ibconsole: Command, team: TeamDatabase, tmp_path: Path) -> None:
    """A connection that shares names the database, and what waits here is known without it."""
    paths = find_paths(tmp_path / "data")
    shared = Connection(
        id=new_id(),
        name="Shared",
        base_url="https://a.api.infobip.com",
        team=team.address("reader").database,
        team_account="acme",
    )
    alone = Connection(id=new_id(), name="Alone", base_url="https://b.api.infobip.com")
    SettingsFile(paths.settings).change(lambda old: replace(old, connections=(shared, alone)))
    with Outbox(paths.archive) as outbox:
        outbox.set_targets({shared.id: "target"})

    state = ibconsole("team", "status", "--connection", "Shared")
    local = ibconsole("team", "status", "--connection", "Shared", "--json").json["local"]
    none = ibconsole("team", "status", "--connection", "Alone")

    assert state.out.startswith("This computer: at least 0 waiting.\nthis computer/team_")
    assert "acme: this user is reader" in state.out
    assert local["waiting"] == 0
    assert (none.code, none.err) == (1, "The connection Alone names no team's archive.\n")
