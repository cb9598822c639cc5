"""Everything secret that the console knows is known to the scan, or named as unknown."""

from pathlib import Path

import pytest

from ibconsole.secret import Secret
from ibconsole.services.connections.connection import AuthorizationKind, Connection, new_id
from ibconsole.services.connections.settings import SettingsFile
from ibconsole.services.connections.store import Connections
from ibconsole.services.connections.vault import SecretPlace, VaultError
from ibconsole.services.evidence.redaction.gathering import gather_secrets
from ibconsole.services.intake.forward_paths import ForwardPaths

KEY = Secret("0123456789abcdef-planted")
BASIC = Secret("password-of-anna")
TEAM = Secret("password-of-the-team")
TEAM_URL = "postgresql://anna@team.example/inbound"


class Keyring:
    """A keyring that counts what it is asked for, and refuses names with an end."""

    def __init__(self) -> None:
        self.stored: dict[str, Secret] = {}
        self.session: dict[str, Secret] = {}
        self.refuses: str | None = None
        self.reads = 0

    async def read(self, name: str) -> Secret | None:
        self.reads += 1
        if self.refuses is not None and name.endswith(self.refuses):
            raise VaultError("The keyring is locked.")
        return self.stored.get(name)

    async def write(self, name: str, secret: Secret) -> None:
        self.stored[name] = secret

    async def delete(self, name: str) -> None:
        self.stored.pop(name, None)

    def store_for_session(self, name: str, secret: Secret) -> None:
        self.session[name] = secret

    def session_secret(self, name: str) -> Secret | None:
        return self.session.get(name)

    def forget_session(self, name: str) -> None:
        self.session.pop(name, None)

    async def place(self, name: str) -> SecretPlace:
        return SecretPlace.KEYRING if name in self.stored else SecretPlace.NOWHERE


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def keyring() -> Keyring:
    return Keyring()


@pytest.fixture
def paths(tmp_path: Path) -> ForwardPaths:
    return ForwardPaths(tmp_path / "listener.json")


@pytest.fixture
async def connections(tmp_path: Path, keyring: Keyring, paths: ForwardPaths) -> Connections:
    connections = Connections(SettingsFile(tmp_path / "settings.json"), keyring, paths)
    url = "https://acme.api.infobip.com"
    acme = Connection(id=new_id(), name="Acme", base_url=url, team=TEAM_URL, team_account="acme")
    await connections.add(acme, KEY, team_password=TEAM)
    globex = Connection(
        id=new_id(), name="Globex", base_url=url, kind=AuthorizationKind.BASIC, identity="anna"
    )
    await connections.add(globex, BASIC)
    return connections


async def test_secrets_of_connections_and_teams(connections: Connections) -> None:
    """Each is named after its connection, and kept masked."""
    known = await gather_secrets(connections)

    assert {(one.label, one.secret) for one in known.secrets} == {
        ("API key of Acme", KEY),
        ("password of Globex", BASIC),
        ("password of the team's archive of Acme", TEAM),
    }
    assert known.problems == ()
    assert KEY.reveal() not in repr(known)


async def test_a_keyring_that_gives_nothing(connections: Connections, keyring: Keyring) -> None:
    """It is asked once, and what is unknown is named: the export must not go on silently."""
    held = Connection(id=new_id(), name="Held", base_url="https://held.api.infobip.com")
    await connections.add(held, Secret("held-for-this-session"), for_session=True)
    keyring.refuses, keyring.reads = "", 0

    known = await gather_secrets(connections)

    assert [one.label for one in known.secrets] == ["API key of Held"]
    assert known.problems == (
        "The API key of Acme is not searched for, because the keyring did not give it."
        " The keyring is locked.",
        "The password of Globex is not searched for, because the keyring did not give it.",
    )
    assert keyring.reads == 1


async def test_a_password_of_a_team_that_is_not_given(
    connections: Connections, keyring: Keyring
) -> None:
    """The reason is passed on."""
    keyring.refuses = ":team"

    known = await gather_secrets(connections)

    assert known.problems == (
        "The password of the team's archive of Acme is not known: The keyring is locked.",
    )


async def test_a_connection_without_a_secret(connections: Connections, keyring: Keyring) -> None:
    """What does not exist cannot leave."""
    keyring.stored.clear()

    known = await gather_secrets(connections)

    assert (known.secrets, known.problems) == ((), ())


async def test_paths_urls_and_proxies(
    connections: Connections,
    keyring: Keyring,
    paths: ForwardPaths,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The listener's paths, what keeps others out of forward URLs, and proxy passwords count."""
    keyring.stored.clear()
    monkeypatch.setenv("https_proxy", "http://me:geheim%21@proxy.example:3128")
    own = paths.path_of("a")
    paths.lease_path("/inbound/leased-path-1234", "a")

    known = await gather_secrets(
        connections,
        paths=paths.all_paths(),
        urls=["https://acme.example/hook?token=a%2Fbcdef", "https://acme.example/"],
    )

    found = {one.secret.reveal(): one.label for one in known.secrets}
    assert found.pop("Basic bWU6Z2VoZWltIQ==") == "password of the proxy in https_proxy"
    assert found == {
        "geheim%21": "password of the proxy in https_proxy",
        "geheim!": "password of the proxy in https_proxy",
        own.rpartition("/")[2]: "path of the listener",
        "leased-path-1234": "path of the listener",
        "a%2Fbcdef": "secret in a URL",
        "a/bcdef": "secret in a URL",
    }
