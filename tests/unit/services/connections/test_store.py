"""Connections and their secrets: both are there, or neither."""

from dataclasses import replace
from pathlib import Path

import pytest

from ibconsole.errors import UserError
from ibconsole.secret import Secret
from ibconsole.services.connections.connection import (
    AuthorizationKind,
    BadConnection,
    Connection,
    Environment,
    new_id,
)
from ibconsole.services.connections.settings import SettingsFile
from ibconsole.services.connections.store import Connections, NoSecret, NoSuchConnection
from ibconsole.services.intake.forward_paths import ForwardPaths

KEY = Secret("0123456789abcdef-planted")
ACME = Connection(id=new_id(), name="Acme", base_url="acme.api.infobip.com")


class Keyring:
    """A keyring that can be told to refuse."""

    def __init__(self) -> None:
        self.kept: dict[str, Secret] = {}
        self.session: dict[str, Secret] = {}
        self.refuses = False

    async def read(self, connection: str) -> Secret | None:
        return self.session.get(connection) or self.kept.get(connection)

    async def write(self, connection: str, secret: Secret) -> None:
        if self.refuses:
            raise UserError("The keyring is locked.")
        self.kept[connection] = secret

    async def delete(self, connection: str) -> None:
        if self.refuses:
            raise UserError("The keyring is locked.")
        self.kept.pop(connection, None)
        self.session.pop(connection, None)

    def keep_for_session(self, connection: str, secret: Secret) -> None:
        self.session[connection] = secret


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
    return Connections(SettingsFile(path), keyring, ForwardPaths(path.with_name("listener.json")))


async def test_a_new_connection(connections: Connections, keyring: Keyring, path: Path) -> None:
    """It is tidied, gets a UUID of its own, and its secret goes to the keyring alone."""
    saved = await connections.add(ACME, KEY)
    account = await connections.account(saved.id)

    assert saved == replace(ACME, id=saved.id, base_url="https://acme.api.infobip.com")
    assert saved.id != ACME.id
    assert (await connections.load()).connections == (saved,)
    assert account.credential.secret == KEY
    assert KEY.reveal() not in text_of(path)


async def test_a_keyring_that_refuses(connections: Connections, keyring: Keyring) -> None:
    """No connection is saved without its secret."""
    keyring.refuses = True

    with pytest.raises(UserError, match="locked"):
        await connections.add(ACME, KEY)

    assert (await connections.load()).connections == ()


async def test_for_this_session_only(connections: Connections, keyring: Keyring) -> None:
    """Without a keyring one can work, and is asked again the next time."""
    keyring.refuses = True
    saved = await connections.add(ACME, KEY, for_session=True)
    assert (await connections.account(saved.id)).credential.secret == KEY

    keyring.session.clear()
    with pytest.raises(NoSecret, match="Enter it again"):
        await connections.account(saved.id)


async def test_settings_that_cannot_be_written(tmp_path: Path, keyring: Keyring) -> None:
    """No secret stays in the keyring without its connection."""
    (tmp_path / "file").touch()
    paths = ForwardPaths(tmp_path / "listener.json")
    connections = Connections(SettingsFile(tmp_path / "file" / "settings.json"), keyring, paths)

    with pytest.raises(UserError):
        await connections.add(ACME, KEY)

    assert keyring.kept == {}


async def test_names_are_taken_once(connections: Connections) -> None:
    """In any case, for they are typed in a terminal."""
    await connections.add(ACME, KEY)

    with pytest.raises(BadConnection, match="Acme already") as refused:
        await connections.add(replace(ACME, name="ACME"), KEY)
    assert refused.value.field == "name"


async def test_a_bad_secret_is_kept_nowhere(connections: Connections, keyring: Keyring) -> None:
    """What cannot be sent is refused before anything is written."""
    with pytest.raises(UserError):
        await connections.add(ACME, Secret("two\nlines"))

    assert keyring.kept == {}
    assert (await connections.load()).connections == ()


async def test_renaming_asks_for_no_secret(connections: Connections, keyring: Keyring) -> None:
    """The keyring is not needed for what it has nothing to do with."""
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
    """A slip in the base URL does not hand a customer's key to a stranger."""
    saved = await connections.add(ACME, KEY)

    with pytest.raises(BadConnection, match="not sent elsewhere") as refused:
        await connections.edit(replace(saved, **change), None)  # type: ignore[arg-type]  # a table

    assert refused.value.field == "secret"
    assert (await connections.load()).connections == (saved,)


async def test_a_new_secret(connections: Connections) -> None:
    """It takes the place of the old one."""
    saved = await connections.add(ACME, KEY)

    await connections.edit(saved, Secret("another-key-0123456789"))

    account = await connections.account(saved.id)
    assert account.credential.secret == Secret("another-key-0123456789")


async def test_a_duplicate(connections: Connections) -> None:
    """It works at once, under a name and a UUID of its own."""
    saved = await connections.add(ACME, KEY)
    first, second = await connections.duplicate(saved.id), await connections.duplicate(saved.id)

    assert [first.name, second.name] == ["Acme copy", "Acme copy 2"]
    assert len({saved.id, first.id, second.id}) == 3
    assert (await connections.account(second.id)).credential.secret == KEY


async def test_removing(connections: Connections, keyring: Keyring) -> None:
    """Nothing of it stays; a keyring that refuses leaves both, to try again."""
    saved = await connections.add(ACME, KEY)
    await connections.opened(saved.id)
    keyring.refuses = True
    with pytest.raises(UserError):
        await connections.remove(saved.id)
    assert (await connections.load()).connections == (saved,)

    keyring.refuses = False
    await connections.remove(saved.id)

    assert keyring.kept == {}
    assert (await connections.load()).connections == ()
    assert (await connections.load()).last == ""


async def test_finding(connections: Connections) -> None:
    """By name in any case, or by UUID; who mistypes is told what there is."""
    with pytest.raises(NoSuchConnection, match="None was added yet"):
        await connections.find("acme")
    saved = await connections.add(ACME, KEY)

    assert await connections.find("acme") == saved
    assert await connections.find(saved.id) == saved
    with pytest.raises(NoSuchConnection, match="There are: Acme"):
        await connections.find("beta")


async def test_what_was_removed_meanwhile(connections: Connections) -> None:
    """Another window may have been quicker; nothing comes back by it."""
    saved = await connections.add(ACME, KEY)
    await connections.remove(saved.id)

    for attempt in (
        lambda: connections.edit(saved, None),
        lambda: connections.duplicate(saved.id),
        lambda: connections.account(saved.id),
    ):
        with pytest.raises(NoSuchConnection):
            await attempt()
    assert (await connections.load()).connections == ()


async def test_a_broken_file_is_told(path: Path, connections: Connections) -> None:
    """The window shows the notice until it is closed."""
    write(path, "{")

    await connections.load()

    assert "could not be understood" in connections.notice
