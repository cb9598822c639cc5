"""Commands for saved connections, with a real keyring and the simulated platform."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ibconsole.services.protection import policy_source
from ibconsole.simulator.running import RunningSimulator
from tests.keyrings import KeyringSession, needs_gnome_keyring
from tests.postgres import TeamDatabase
from tests.unit.cli.conftest import Command, CommandResult

pytestmark = [
    needs_gnome_keyring,
    # keyring leaves its connection to the bus open when it raises an exception.
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]

WithSecret = Callable[..., CommandResult]


@pytest.fixture
def with_secret(
    ibconsole: Command, bus: KeyringSession, monkeypatch: pytest.MonkeyPatch
) -> WithSecret:
    """Run a command line that reads a secret from stdin, with an unlocked keyring."""
    bus.unlock()

    def run(secret: str, *arguments: str) -> CommandResult:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{secret}\n"))
        return ibconsole(*arguments)

    return run


@pytest.fixture
def acme(with_secret: WithSecret, running: RunningSimulator) -> WithSecret:
    """Run the same, with a saved connection called Acme."""
    added = with_secret(
        running.api_key, "connections", "add", "Acme", "--base-url", running.base_url
    )
    assert added.code == 0, added.err
    return with_secret


def test_production_is_locked_for_a_terminal(
    with_secret: WithSecret, running: RunningSimulator
) -> None:
    """On production nothing is changed or pulled, unless its name is typed again."""
    with_secret(
        running.api_key, "connections", "add", "Acme", "--base-url", running.base_url,
        "--environment", "production",
    )  # fmt: skip
    acme = ("--connection", "acme")
    apps = with_secret("", "apps", "list", *acme, "--json").json
    code = next(
        one["applicationCode"]
        for one in apps
        if not with_secret("", "configs", "list", one["applicationCode"], *acme).out
    )

    for arguments in (("configs", "create", code), ("pull", "--yes", "--limit", "1")):
        refused = with_secret("", *arguments, *acme)
        assert (refused.code, refused.out) == (1, "")
        assert '--production-ok "Acme"' in refused.err
    wrong = with_secret("", "configs", "create", code, *acme, "--production-ok", "Acme 2")
    assert (wrong.code, "not the name of the connection" in wrong.err) == (1, True)
    assert running.simulator.counters["pulls"] == 0
    assert with_secret("", "configs", "list", code, *acme).out == ""

    unlocked = (*acme, "--production-ok", "Acme")
    create, pull = ("configs", "create", code), ("pull", "--yes", "--limit", "1")
    for arguments in (create, pull):
        for reason in ((), ("--reason", "  "), ("--reason", "x" * 501)):
            refused = with_secret("", *arguments, *unlocked, *reason)
            assert (refused.code, refused.out) == (1, "")
            assert "reason" in refused.err
            assert "Nothing was sent" in refused.err
    assert running.simulator.counters["pulls"] == 0

    created = with_secret("", *create, *unlocked, "--reason", "ticket 7")
    assert created.code == 0
    pulled = with_secret("", *pull, *unlocked, "--reason", "ticket 8")
    assert (pulled.code, running.simulator.counters["pulls"]) == (0, 1)

    assert with_secret("", "connections", "edit", "Acme", "--no-read-only").code == 0
    assert "--reason TEXT" in with_secret("", *pull, *acme).err
    assert with_secret("", *pull, *acme, "--reason", "ticket 9").code == 0
    recorded = with_secret("", "audit", "list", "--json").out.splitlines()
    assert [json.loads(line)["reason"] for line in recorded] == ["ticket 7", "ticket 8", "ticket 9"]


def test_the_life_cycle_of_a_connection(
    with_secret: WithSecret, running: RunningSimulator, tmp_path: Path, bus: KeyringSession
) -> None:
    """A connection is added, listed, tested, used by its name in any case, edited and removed."""
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

    missing = with_secret("", "apps", "list", "--connection", "Acme Ltd")
    assert (missing.code, missing.out) == (1, "")
    assert "no connection called Acme Ltd" in missing.err
    assert running.simulator.state.counters["pulls"] == 0


def test_the_secret_is_never_written(
    acme: WithSecret, running: RunningSimulator, tmp_path: Path
) -> None:
    """A secret is not printed and is in no file, not even in the keyring's own in plain text."""
    results = [
        acme("", "connections", "list"),
        acme("", "connections", "list", "--json"),
        acme("", "connections", "test", "Acme", "--json"),
        acme("", "pull", "--limit", "2", "--yes", "--connection", "Acme"),
    ]

    assert all(one.code == 0 for one in results)
    assert not [one for one in results if running.api_key in one.out + one.err]
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 3
    assert not [path for path in written if running.api_key.encode() in path.read_bytes()]


@pytest.mark.parametrize("kind", ["basic", "ibsso", "oauth2"])
def test_every_kind_of_credential_works(
    with_secret: WithSecret, running: RunningSimulator, kind: str
) -> None:
    """A connection of each kind of credential can be saved and used."""
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


def test_a_wrong_secret_fails_with_causes(acme: WithSecret, running: RunningSimulator) -> None:
    """A refused connection test exits with 1 and lists possible causes."""
    edited = acme(
        "0123456789abcdef0123456789abcdef-00000000", "connections", "edit", "Acme", "--secret"
    )
    assert edited.code == 0

    tested = acme("", "connections", "test", "Acme")

    assert tested.code == 1
    assert len(tested.out.splitlines()) > 2


def test_a_secret_is_never_sent_to_another_address(
    acme: WithSecret, running: RunningSimulator
) -> None:
    """A new address needs the secret to be entered again."""
    refused = acme("", "connections", "edit", "Acme", "--base-url", "https://other.api.infobip.com")

    assert refused.code == 2
    assert "nothing was entered" in refused.err
    assert acme("", "connections", "list", "--json").json[0]["baseUrl"] == running.base_url


def test_a_team_is_named_for_a_connection(
    with_secret: WithSecret, running: RunningSimulator, bus: KeyringSession
) -> None:
    """Its password is the second line of stdin, optional, and never part of the address."""
    team = ("--team", "postgres://anna@team.example/inbound", "--team-account", "acme")
    add = ("connections", "add", "Acme", "--base-url", running.base_url)
    edit = ("connections", "edit", "Acme")
    refused = with_secret(running.api_key, *add, "--team", "postgresql://anna:x@team.example/x")
    assert (refused.code, "Leave the password out" in refused.err) == (1, True)

    added = with_secret(f"{running.api_key}\n\nplanted-password", *add, *team, "--json")
    stored = with_secret("", "connections", "list").out
    renamed = with_secret("", *edit, "--team-account", "acme-eu", "--json").json
    moved = with_secret("", *edit, "--team", "service=team", "--json")
    ended = with_secret("", *edit, "--team", "", "--json").json

    assert (added.code, added.json["team"]) == (0, "postgresql://anna@team.example/inbound")
    assert "acme in team.example/inbound" in stored
    assert "planted" not in added.out + added.err + stored
    assert renamed["teamAccount"] == "acme-eu"
    assert (moved.code, moved.json["team"]) == (0, "service=team")
    assert (ended["team"], ended["teamAccount"]) == ("", "")


def test_the_team_of_a_connection_is_tested_too(
    with_secret: WithSecret, running: RunningSimulator, team: TeamDatabase
) -> None:
    """Its result is a line of its own after that of the credential, and can be left out."""
    address = team.address("reader")
    named = ("--team", address.database, "--team-account", address.account)
    add = ("connections", "add", "Acme", "--base-url", running.base_url, *named)
    assert with_secret(running.api_key, *add).code == 0
    test = ("connections", "test", "Acme")
    applications = "It works: the account has 6 applications."

    works = with_secret("", *test)
    team.server.stop()
    away = with_secret("", *test, "--json")
    alone = with_secret("", *test, "--no-team")

    lines = works.out.splitlines()
    assert (works.code, lines[0]) == (0, applications)
    assert lines[1].startswith("Team: reader is reader of acme in ")
    assert any("tables of version" in line for line in lines[2:])
    assert (away.code, away.json["sentence"]) == (1, applications)
    assert (away.json["kind"], away.json["team"]["kind"]) == ("ok", "danger")
    assert (alone.code, alone.out) == (0, f"{applications}\n")


def test_a_team_that_is_not_permitted_is_said(
    with_secret: WithSecret,
    running: RunningSimulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An administrator's policy keeps the team's archive from being asked; that is no success."""
    named = ("--team", "postgresql://anna@team.example/inbound", "--team-account", "acme")
    add = ("connections", "add", "Acme", "--base-url", running.base_url, *named)
    assert with_secret(running.api_key, *add).code == 0
    policy = tmp_path / "policy.toml"
    policy.write_text('team_database = ["postgresql://other.example/inbound"]')
    monkeypatch.setattr(policy_source, "POLICY_FILE", policy)

    tested = with_secret("", "connections", "test", "Acme")

    assert (tested.code, tested.out.splitlines()[1][:6]) == (1, "Team: ")
    assert "Your administrator permits" in tested.out


def test_messages_are_removed_on_request(acme: WithSecret, running: RunningSimulator) -> None:
    """Messages are deleted with their connection only with --messages."""
    assert acme("", "pull", "--limit", "3", "--yes", "--connection", "Acme").code == 0

    removed = acme("", "connections", "remove", "Acme", "--messages", "--yes")

    assert removed.err == "Acme is removed; 3 messages deleted.\n"
    assert acme("", "messages", "list", "--json").out == ""


def test_the_secret_may_stay_in_the_keyring(acme: WithSecret, bus: KeyringSession) -> None:
    """With --keep-secret a connection is removed without asking the keyring, locked or not."""
    bus.start_locked()
    refused = acme("", "connections", "remove", "Acme", "--yes")
    assert refused.code == 1
    assert len(acme("", "connections", "list", "--json").json) == 1

    removed = acme("", "connections", "remove", "Acme", "--keep-secret", "--yes")

    assert removed.code == 0
    assert acme("", "connections", "list", "--json").json == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("connections", "add", "Acme"), "--base-url"),
        (("connections", "add", "Acme", "--base-url", "http://x.api.infobip.com"), "Plain http"),
        (
            ("apps", "list", "--connection", "a", "--base-url", "https://x.io"),
            "Name the account once",
        ),
        (("connections", "remove", "Unknown", "--yes"), "no connection called Unknown"),
    ],
)
def test_invalid_arguments_are_refused(
    with_secret: WithSecret, arguments: tuple[str, ...], expected: str
) -> None:
    """Invalid arguments are refused with a sentence, before a secret is read."""
    result = with_secret("", *arguments)

    assert result.code in {1, 2}
    assert expected in result.err
    assert "Traceback" not in result.err


def test_nothing_is_saved_without_a_keyring(
    ibconsole: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, running: RunningSimulator
) -> None:
    """A connection is not saved if its secret cannot be stored."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nothing'}")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{running.api_key}\n"))

    added = ibconsole("connections", "add", "Acme", "--base-url", running.base_url)

    assert added.code == 1
    assert "No secure keyring is available, so the key was not saved." in added.err
    assert ibconsole("connections", "list", "--json").json == []


def test_all_connections_are_diagnosed_in_one_table(
    acme: WithSecret, running: RunningSimulator
) -> None:
    """A nightly run reads all keys of the keyring; an account that fails stops no other."""
    for name, key, url in (
        ("Expired", "no-such-key", running.base_url),
        ("Gone", running.api_key, "http://127.0.0.1:9"),
    ):
        added = acme(key, "connections", "add", name, "--base-url", url)
        assert added.code == 0, added.err
    found = acme("", "diagnose", "--all-connections", "--json")
    table = acme("", "diagnose", "--all-connections")

    accounts = {one["name"]: one for one in found.json["accounts"]}
    assert {name: one["applications"] for name, one in accounts.items()} == {
        "Acme": 6, "Expired": None, "Gone": None,
    }  # fmt: skip
    assert found.code == table.code == 1
    assert {one["number"] for one in accounts["Expired"]["findings"]}
    assert {one["number"] for one in accounts["Gone"]["findings"]}
    assert all(name in table.out for name in accounts)
