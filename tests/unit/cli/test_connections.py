"""Saved connections in the terminal, with a real keyring and the simulated platform."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from ibconsole.simulator.running import RunningSimulator
from tests.keyrings import Session, needs_gnome_keyring
from tests.unit.cli.conftest import Command, Ended

pytestmark = [
    needs_gnome_keyring,
    # keyring leaves its connection to the bus open where it raises.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

WithSecret = Callable[..., Ended]


@pytest.fixture
def with_secret(ibconsole: Command, bus: Session, monkeypatch: pytest.MonkeyPatch) -> WithSecret:
    """Runs a command line that reads a secret from stdin, beside an unlocked keyring."""
    bus.unlock()

    def run(secret: str, *arguments: str) -> Ended:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{secret}\n"))
        return ibconsole(*arguments)

    return run


@pytest.fixture
def acme(with_secret: WithSecret, running: RunningSimulator) -> WithSecret:
    """The same, with a connection called Acme."""
    added = with_secret(
        running.api_key, "connections", "add", "Acme", "--base-url", running.base_url
    )
    assert added.code == 0, added.err
    return with_secret


def test_from_adding_to_removing(
    with_secret: WithSecret, running: RunningSimulator, tmp_path: Path, bus: Session
) -> None:
    """Added, listed, tested, used by its name in any case, edited, removed."""
    key = running.api_key
    added = with_secret(
        key, "connections", "add", "Acme", "--base-url", running.base_url, "--environment",
        "production", "--colour", "red", "--json",
    )  # fmt: skip
    assert (added.code, added.json["name"], added.json["kind"]) == (0, "Acme", "api-key")
    listed = with_secret("", "connections", "list", "--json").json
    assert [(one["name"], one["environment"], one["colour"]) for one in listed] == [
        ("Acme", "production", "red")
    ]
    tested = with_secret("", "connections", "test", "acme")
    assert (tested.code, tested.out) == (0, "It works: the account has 6 applications.\n")
    apps = with_secret("", "apps", "list", "--connection", "ACME", "--json")
    assert (apps.code, len(apps.json)) == (0, 6)

    edited = with_secret("", "connections", "edit", "Acme", "--name", "Acme Ltd")
    assert edited.code == 0
    assert with_secret("", "apps", "list", "--connection", "Acme Ltd").code == 0
    removed = with_secret("", "connections", "remove", "Acme Ltd", "--yes")
    assert (removed.code, removed.err) == (0, "Acme Ltd is removed; its messages are kept.\n")

    gone = with_secret("", "apps", "list", "--connection", "Acme Ltd")
    assert (gone.code, gone.out) == (1, "")
    assert "no connection called Acme Ltd" in gone.err
    assert running.simulator.state.counters["pulls"] == 0


def test_the_secret_is_nowhere(acme: WithSecret, running: RunningSimulator, tmp_path: Path) -> None:
    """Neither printed nor in any file, the keyring's own included."""
    said = [
        acme("", "connections", "list"),
        acme("", "connections", "list", "--json"),
        acme("", "connections", "test", "Acme", "--json"),
        acme("", "pull", "--limit", "2", "--yes", "--connection", "Acme"),
    ]

    assert all(one.code == 0 for one in said)
    assert not [one for one in said if running.api_key in one.out + one.err]
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 3
    assert not [path for path in written if running.api_key.encode() in path.read_bytes()]


@pytest.mark.parametrize("kind", ["basic", "ibsso", "oauth2"])
def test_other_kinds(with_secret: WithSecret, running: RunningSimulator, kind: str) -> None:
    """Whatever an account shows who it is with, it can be saved and used."""
    identity, secret = {
        "basic": running.basic,
        "ibsso": ("", running.session_token),
        "oauth2": (running.client_id, running.client_secret),
    }[kind]
    named = ("--identity", identity) if identity else ()

    added = with_secret(
        secret, "connections", "add", "Acme", "--base-url", running.base_url, "--kind", kind, *named
    )

    assert added.code == 0, added.err
    tested = with_secret("", "connections", "test", "Acme")
    assert (tested.code, tested.out) == (0, "It works: the account has 6 applications.\n")


def test_a_wrong_secret_is_told(acme: WithSecret, running: RunningSimulator) -> None:
    """A refusal exits with 1 and names what it may come from."""
    edited = acme(
        "0123456789abcdef0123456789abcdef-00000000", "connections", "edit", "Acme", "--secret"
    )
    assert edited.code == 0

    tested = acme("", "connections", "test", "Acme")

    assert tested.code == 1
    assert len(tested.out.splitlines()) > 2


def test_a_secret_is_never_sent_elsewhere(acme: WithSecret, running: RunningSimulator) -> None:
    """With another address the secret is asked for anew."""
    refused = acme("", "connections", "edit", "Acme", "--base-url", "https://other.api.infobip.com")

    assert refused.code == 2
    assert "nothing was entered" in refused.err
    assert acme("", "connections", "list", "--json").json[0]["baseUrl"] == running.base_url


def test_removing_messages(acme: WithSecret, running: RunningSimulator) -> None:
    """The messages go only if that is asked for."""
    assert acme("", "pull", "--limit", "3", "--yes", "--connection", "Acme").code == 0

    removed = acme("", "connections", "remove", "Acme", "--messages", "--yes")

    assert removed.err == "Acme is removed; 3 messages are deleted.\n"
    assert acme("", "messages", "list", "--json").out == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("connections", "add", "Acme"), "--base-url"),
        (("connections", "add", "Acme", "--base-url", "http://x.api.infobip.com"), "Plain http"),
        (
            ("apps", "list", "--connection", "a", "--base-url", "https://x.io"),
            "Name the account once",
        ),
        (("connections", "remove", "Nobody", "--yes"), "no connection called Nobody"),
    ],
)
def test_wrong_usage(with_secret: WithSecret, arguments: tuple[str, ...], said: str) -> None:
    """What cannot be meant is refused in a sentence, before any secret is asked for."""
    ended = with_secret("", *arguments)

    assert ended.code in {1, 2}
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_without_a_keyring(
    ibconsole: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, running: RunningSimulator
) -> None:
    """Nothing is saved that would have no secret."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nothing'}")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{running.api_key}\n"))

    added = ibconsole("connections", "add", "Acme", "--base-url", running.base_url)

    assert added.code == 1
    assert "no keyring that could be trusted" in added.err
    assert ibconsole("connections", "list", "--json").json == []
