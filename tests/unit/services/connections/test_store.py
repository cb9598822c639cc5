"""Connections and their secrets are saved and removed together."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.errors import UserError
from ibconsole.secret import Secret
from ibconsole.services.connections.account import TeamAccess
from ibconsole.services.connections.connection import (
    AuthorizationKind,
    Connection,
    Environment,
    InvalidConnection,
    new_id,
)
from ibconsole.services.connections.settings import SettingsFile
from ibconsole.services.connections.store import Connections, NoSecret, NoSuchConnection
from ibconsole.services.connections.vault import SecretPlace, Vault, VaultError
from ibconsole.services.intake.forward_paths import ForwardPaths
from ibconsole.team_archive import TeamAddress

KEY = Secret("0123456789abcdef-planted")
ACME = Connection(id=new_id(), name="Acme", base_url="acme.api.infobip.com")
TEAM = "postgresql://anna@team.example/inbound"
SHARED = replace(ACME, name="Shared", team=TEAM, team_account="acme")
PASSWORD = Secret("password-of-the-team")


class Keyring:
    """A keyring that refuses on demand."""

    def __init__(self) -> None:
        self.stored: dict[str, Secret] = {}
        self.session: dict[str, Secret] = {}
        self.refuses = False

    async def read(self, connection: str) -> Secret | None:
        if self.refuses:
            raise VaultError("The keyring is locked.")
        return self.session.get(connection) or self.stored.get(connection)

    async def write(self, connection: str, secret: Secret) -> None:
        if self.refuses:
            raise VaultError("The keyring is locked.")
        self.stored[connection] = secret

    async def delete(self, connection: str) -> None:
        if self.refuses:
            raise VaultError("The keyring is locked.")
        self.stored.pop(connection, None)
        self.session.pop(connection, None)

    def store_for_session(self, connection: str, secret: Secret) -> None:
        self.session[connection] = secret

    def session_secret(self, connection: str) -> Secret | None:
        return self.session.get(connection)

    def forget_session(self, connection: str) -> None:
        self.session.pop(connection, None)

    async def place(self, connection: str) -> SecretPlace:
        return SecretPlace.KEYRING if connection in self.stored else SecretPlace.NOWHERE


def text_of(path: Path) -> str:
    return path.read_text()


def write(path: Path, text: str) -> None:
    path.write_text(text)


@pytest.fixture
def keyring() -> Keyring:
    return Keyring()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


@pytest.fixture
def connections(path: Path, keyring: Keyring) -> Connections:
    return Connections(
        SettingsFile(path),
        keyring,
        ForwardPaths(path.with_name("listener.json")),
        forget=lambda uuid: path.with_name(f"{uuid}.kept").unlink(missing_ok=True),
    )


async def test_a_new_connection(connections: Connections, keyring: Keyring, path: Path) -> None:
    """It is normalized and gets a new UUID; its secret is in the keyring only."""
    saved = await connections.add(ACME, KEY)
    account = await connections.load_account(saved.id)

    assert saved == replace(ACME, id=saved.id, base_url="https://acme.api.infobip.com")
    assert saved.id != ACME.id
    assert (await connections.load()).connections == (saved,)
    assert account.credential.secret == KEY
    assert KEY.reveal() not in text_of(path)


async def test_a_refusing_keyring(connections: Connections, keyring: Keyring) -> None:
    """A connection is not saved if its secret cannot be stored."""
    keyring.refuses = True

    with pytest.raises(UserError, match="locked"):
        await connections.add(ACME, KEY)

    assert (await connections.load()).connections == ()


async def test_for_this_session_only(connections: Connections, keyring: Keyring) -> None:
    """Without a keyring, a secret can be used until the program ends."""
    keyring.refuses = True
    saved = await connections.add(ACME, KEY, for_session=True)
    assert (await connections.load_account(saved.id)).credential.secret == KEY

    keyring.session.clear()
    with pytest.raises(NoSecret, match="Enter it again"):
        await connections.load_account(saved.id)


async def test_without_a_keyring_after_a_restart(path: Path) -> None:
    """A session-only connection can be opened, edited, duplicated and removed at any start."""

    def restart() -> Connections:
        no_keyring = Vault(backends=(("nowhere", "Keyring", "Nowhere"),))
        return Connections(SettingsFile(path), no_keyring, ForwardPaths(path.with_name("l.json")))

    saved = await restart().add(ACME, KEY, for_session=True)
    assert saved.session_only
    connections = restart()
    assert await connections.secret_place(saved.id) is SecretPlace.NOWHERE
    with pytest.raises(NoSecret, match="one session only"):
        await connections.load_account(saved.id)

    await connections.enter_secret(saved.id, KEY, for_session=True)
    assert await connections.secret_place(saved.id) is SecretPlace.SESSION
    assert (await connections.load_account(saved.id)).credential.secret == KEY
    copy = await connections.duplicate(saved.id)
    moved = replace(saved, base_url="https://beta.api.infobip.com")
    await restart().edit(moved, KEY, for_session=True)
    connections = restart()
    for uuid in (saved.id, copy.id):
        await connections.remove(uuid)

    assert (await connections.load()).connections == ()


async def test_a_saved_secret_is_not_used_for_a_session_only_connection(
    connections: Connections, keyring: Keyring
) -> None:
    """A secret in a locked keyring stays there, and is never sent to the new address."""
    saved = await connections.add(ACME, KEY)
    keyring.refuses = True
    moved = replace(saved, base_url="https://beta.api.infobip.com")
    await connections.edit(moved, Secret("another-key-0123456789"), for_session=True)

    keyring.refuses = False
    keyring.session.clear()

    with pytest.raises(NoSecret):
        await connections.load_account(saved.id)
    await connections.edit(replace(moved, session_only=True), Secret("a-third-key-0123456789"))
    account = await connections.load_account(saved.id)
    assert account.credential.secret == Secret("a-third-key-0123456789")


async def test_a_locked_keyring_can_be_passed_by(
    connections: Connections, keyring: Keyring
) -> None:
    """A secret for one session leaves the saved connection and its saved secret as they are."""
    saved = await connections.add(ACME, KEY)
    keyring.refuses = True

    await connections.enter_secret(saved.id, Secret("another-key-0123456789"), for_session=True)

    assert keyring.session[saved.id] == Secret("another-key-0123456789")
    assert (await connections.load()).connections == (saved,)
    assert keyring.stored == {saved.id: KEY}
    with pytest.raises(VaultError):
        await connections.enter_secret(saved.id, KEY, for_session=False)
    assert keyring.session[saved.id] == Secret("another-key-0123456789")


async def test_removing_without_the_keyring(connections: Connections, keyring: Keyring) -> None:
    """A connection can be removed while the keyring refuses; its secret then stays there."""
    saved = await connections.add(ACME, KEY)
    keyring.refuses = True

    await connections.remove(saved.id, keep_secret=True)

    assert (await connections.load()).connections == ()
    assert keyring.stored == {saved.id: KEY}


async def test_settings_that_cannot_be_written(tmp_path: Path, keyring: Keyring) -> None:
    """A secret is deleted again if its connection cannot be saved."""
    (tmp_path / "file").touch()
    paths = ForwardPaths(tmp_path / "listener.json")
    connections = Connections(SettingsFile(tmp_path / "file" / "settings.json"), keyring, paths)

    with pytest.raises(UserError):
        await connections.add(ACME, KEY)

    assert keyring.stored == {}


async def test_names_are_unique(connections: Connections) -> None:
    """Names are unique regardless of case, because they are typed in a terminal."""
    await connections.add(ACME, KEY)

    with pytest.raises(InvalidConnection, match="Acme already") as caught:
        await connections.add(replace(ACME, name="ACME"), KEY)
    assert caught.value.field == "name"


async def test_an_invalid_secret_is_not_stored(connections: Connections, keyring: Keyring) -> None:
    """A secret that cannot be sent is refused before anything is written."""
    with pytest.raises(UserError):
        await connections.add(ACME, Secret("two\nlines"))

    assert keyring.stored == {}
    assert (await connections.load()).connections == ()


async def test_renaming_needs_no_secret(connections: Connections, keyring: Keyring) -> None:
    """Changing the name or the environment does not use the keyring."""
    saved = await connections.add(ACME, KEY)
    keyring.refuses = True
    renamed = replace(saved, name="Acme 2", environment=Environment.PRODUCTION)

    assert await connections.edit(renamed, None) == renamed
    assert (await connections.load()).connections == (renamed,)


@pytest.mark.parametrize(
    "change",
    [
        {"base_url": "https://evil.api.infobip.com"},
        {"kind": AuthorizationKind.BASIC, "identity": "anna"},
    ],
)
async def test_a_secret_is_not_sent_elsewhere(
    connections: Connections, change: dict[str, str]
) -> None:
    """A changed base URL or kind of authorization requires the secret again."""
    saved = await connections.add(ACME, KEY)

    with pytest.raises(InvalidConnection, match="not sent elsewhere") as caught:
        await connections.edit(replace(saved, **change), None)

    assert caught.value.field == "secret"
    assert (await connections.load()).connections == (saved,)


async def test_a_new_secret(connections: Connections) -> None:
    """A new secret replaces the stored one."""
    saved = await connections.add(ACME, KEY)

    await connections.edit(saved, Secret("another-key-0123456789"))

    account = await connections.load_account(saved.id)
    assert account.credential.secret == Secret("another-key-0123456789")


async def test_a_duplicate(connections: Connections) -> None:
    """A copy has the same secret, and a name and a UUID of its own."""
    saved = await connections.add(replace(ACME, read_only=True), KEY)
    first, second = await connections.duplicate(saved.id), await connections.duplicate(saved.id)

    assert [first.name, second.name] == ["Acme copy", "Acme copy 2"]
    assert first.read_only is True
    assert len({saved.id, first.id, second.id}) == 3
    assert (await connections.load_account(second.id)).credential.secret == KEY


def refuse(_: str) -> None:
    raise UserError("It is still needed.")


async def test_removing(connections: Connections, keyring: Keyring, path: Path) -> None:
    """Nothing of a removed connection stays; if the keyring refuses, all of it stays."""
    saved = await connections.add(ACME, KEY)
    await connections.record_opened(saved.id)
    kept = path.with_name(f"{saved.id}.kept")
    write(kept, "what else is kept of it")
    keyring.refuses = True
    with pytest.raises(UserError):
        await connections.remove(saved.id)
    assert (await connections.load()).connections == (saved,)
    assert text_of(kept)

    keyring.refuses = False
    needing = Connections(
        SettingsFile(path),
        keyring,
        ForwardPaths(path.parent / "listener.json"),
        require_unneeded=refuse,
    )
    with pytest.raises(UserError, match="still needed"):
        await needing.remove(saved.id)
    assert keyring.stored
    await connections.remove(saved.id)

    assert keyring.stored == {}
    assert kept not in list(path.parent.iterdir())
    assert (await connections.load()).connections == ()
    assert (await connections.load()).last_opened == ""


async def test_finding(connections: Connections) -> None:
    """A connection is found by name in any case or by UUID; an error lists the names."""
    with pytest.raises(NoSuchConnection, match="None was added yet"):
        await connections.find("acme")
    saved = await connections.add(ACME, KEY)

    assert await connections.find("acme") == saved
    assert await connections.find(saved.id) == saved
    with pytest.raises(NoSuchConnection, match="There are: Acme"):
        await connections.find("beta")


async def test_a_connection_removed_by_another_process(connections: Connections) -> None:
    """An operation on a removed connection fails and does not restore it."""
    saved = await connections.add(ACME, KEY)
    await connections.remove(saved.id)

    for attempt in (
        lambda: connections.edit(saved, None),
        lambda: connections.duplicate(saved.id),
        lambda: connections.load_account(saved.id),
    ):
        with pytest.raises(NoSuchConnection):
            await attempt()
    assert (await connections.load()).connections == ()


async def test_a_damaged_file_is_reported(path: Path, connections: Connections) -> None:
    """The notice about a damaged file stays until the program ends."""
    write(path, "{")

    await connections.load()

    assert "could not be understood" in connections.notice


async def test_the_password_of_a_team(
    connections: Connections, keyring: Keyring, path: Path
) -> None:
    """It is stored apart, goes with its connection, and a copy of that has no team."""
    await connections.add(ACME, KEY)
    saved = await connections.add(SHARED, KEY, team_password=PASSWORD)
    access = TeamAccess(TeamAddress(TEAM, "acme"), PASSWORD)

    assert (await connections.load_account(saved.id)).team == access
    assert await connections.team_accesses() == {saved.id: access}
    assert keyring.stored[f"{saved.id}:team"] == PASSWORD
    assert PASSWORD.reveal() not in text_of(path)
    assert (await connections.duplicate(saved.id)).team_address is None
    await connections.remove(saved.id)
    assert PASSWORD not in keyring.stored.values()


@pytest.mark.parametrize(
    ("change", "password", "expected"),
    [
        ({"name": "Renamed"}, None, PASSWORD),
        ({"team_account": "other"}, None, PASSWORD),
        ({"team": "postgresql://evil.example/inbound"}, None, None),
        ({"team": "postgresql://new.example/inbound"}, Secret("new"), Secret("new")),
        ({"team": ""}, None, None),
        ({}, Secret(""), None),
    ],
)
async def test_the_password_of_a_team_is_not_sent_elsewhere(
    connections: Connections,
    keyring: Keyring,
    change: dict[str, str],
    password: Secret | None,
    expected: Secret | None,
) -> None:
    """A changed database deletes the stored password, unless another is given."""
    saved = await connections.add(SHARED, KEY, team_password=PASSWORD)

    changed = await connections.edit(replace(saved, **change), None, team_password=password)

    assert keyring.stored.get(f"{saved.id}:team") == expected
    access = (await connections.team_accesses()).get(saved.id)
    assert (access.address if access else None) == changed.team_address


async def test_the_password_of_a_team_for_one_session(
    connections: Connections, keyring: Keyring
) -> None:
    """It stays in memory, a later start says that it is missing, and a stored key stores it."""
    saved = await connections.add(SHARED, KEY, for_session=True, team_password=PASSWORD)
    assert keyring.stored == {}
    assert (await connections.team_accesses())[saved.id].password == PASSWORD
    kept = await connections.edit(saved, KEY)
    assert keyring.stored == {saved.id: KEY, f"{saved.id}:team": PASSWORD}

    await connections.edit(kept, KEY, for_session=True)
    keyring.session.clear()
    access = (await connections.team_accesses())[saved.id]

    assert access.password is None
    assert "one session only" in access.problem


async def test_a_keyring_that_is_locked_leaves_teams_named(
    connections: Connections, keyring: Keyring
) -> None:
    """What is received is still recorded for the team; the keyring is asked once."""
    await connections.add(SHARED, KEY, team_password=PASSWORD)
    await connections.add(replace(SHARED, name="Other"), KEY, team_password=PASSWORD)
    keyring.refuses = True

    accesses = (await connections.team_accesses()).values()

    assert [one.problem for one in accesses] == ["The keyring is locked."] * 2
    assert {one.address for one in accesses} == {TeamAddress(TEAM, "acme")}


async def test_a_team_that_is_not_permitted(path: Path, keyring: Keyring) -> None:
    """It cannot be named, and one that was named before is not used."""
    objections: dict[str, str] = {}
    connections = Connections(
        SettingsFile(path),
        keyring,
        ForwardPaths(path.with_name("listener.json")),
        team_objection=lambda database: objections.get(database, ""),
    )
    saved = await connections.add(SHARED, KEY, team_password=PASSWORD)
    objections[TEAM] = "Not on this computer."

    assert await connections.team_accesses() == {}
    assert await connections.team_objections() == {saved.id: "Not on this computer."}
    assert (await connections.load_account(saved.id)).team is None
    await connections.edit(replace(saved, name="Renamed"), None)
    with pytest.raises(InvalidConnection, match="Not on this computer") as caught:
        await connections.add(replace(SHARED, name="Another"), KEY)
    assert caught.value.field == "team"


async def test_a_refused_password_of_a_team(tmp_path: Path, keyring: Keyring) -> None:
    """A connection that cannot be saved leaves neither of its secrets."""
    (tmp_path / "file").touch()
    paths = ForwardPaths(tmp_path / "listener.json")
    connections = Connections(SettingsFile(tmp_path / "file" / "settings.json"), keyring, paths)

    with pytest.raises(UserError):
        await connections.add(SHARED, KEY, team_password=PASSWORD)

    assert keyring.stored == {}
