"""Commands read the record of the connection's team, or with --local this disk."""

import io
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.clock import now_ms
from ibconsole.services.connections.settings import SettingsFile
from ibconsole.services.runtime.paths import find_paths
from ibconsole.simulator.running import RunningSimulator
from tests.keyrings import KeyringSession, needs_gnome_keyring
from tests.postgres import TeamDatabase
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.cli.conftest import Command
from tests.unit.team_archive.team_rows import AT, ShippedMessage, TeamRows

pytestmark = needs_gnome_keyring


@pytest.fixture
def on_team(
    ibconsole: Command,
    running: RunningSimulator,
    bus: KeyringSession,
    team: TeamDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> Command:
    """Run a command on a connection whose team has two messages, while this disk has one."""
    with Archive(find_paths(None).archive) as archive:
        archive.decode(archive.add_forwards([arrival(batch({"text": "on this disk"}))]))
    messages = (ShippedMessage(text="first"), ShippedMessage(text="second"))
    TeamRows(team.db()).ship(1, *messages)
    bus.unlock()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{running.api_key}\n"))
    address = team.address("reader")
    named = ("--team", address.database, "--team-account", address.account)
    added = ibconsole("connections", "add", "Acme", "--base-url", running.base_url, *named)
    assert added.code == 0, added.err
    return lambda *arguments: ibconsole(*arguments, "--connection", "Acme")


def test_the_record_of_the_team_is_listed(on_team: Command, tmp_path: Path) -> None:
    """With a connection that names a team, its record is listed, shown and exported."""
    listed = on_team("messages", "list").out.splitlines()
    number = listed[1].split()[0]

    assert [line.split()[-2:] for line in listed] == [
        ["RECEIVED", "BY"],
        ["first", "anna@desk"],
        ["second", "anna@desk"],
    ]
    assert on_team("messages", "list", "--text", "second").out.count("\n") == 2
    assert on_team("messages", "list", "--json").out.count("\n") == 2
    shown = on_team("messages", "show", number, "--json").json
    assert (shown["text"], shown["_ibconsole"]["receivedBy"]) == ("first", "anna@desk")
    assert on_team("messages", "export").out.count("\n") == 2
    target = tmp_path / "export.jsonl"
    assert on_team("messages", "export", "--output", str(target)).code == 0
    assert target.read_text().count("\n") == 2


def test_the_timeline_of_the_team(on_team: Command) -> None:
    """The timeline of an application has what all members received."""
    counted = on_team("timeline", "app", "--json").json["hours"]

    assert [(one["pulled"], one["forwarded"]) for one in counted] == [(0, 2)]
    assert on_team("timeline", "unknown", "--local").code == 1


def test_this_disk_is_read_on_request_alone(on_team: Command, team: TeamDatabase) -> None:
    """A team's archive that is away is an error that names the way to this disk's."""
    team.server.stop()
    failed = on_team("messages", "list")

    assert (failed.code, failed.out) == (1, "")
    assert failed.err.endswith("With --local, the archive on this disk is read.\n")
    assert "on this disk" in on_team("messages", "list", "--local").out


def test_what_others_receive_is_no_silence(on_team: Command, team: TeamDatabase) -> None:
    """The watch counts what a collector received, and judges no silence while that is unknown."""
    paths, now, minute = find_paths(None), now_ms(), 60_000
    [saved] = SettingsFile(paths.settings).load().settings.connections
    body = batch({"applicationCode": "code-0001"})
    old = [arrival(body, arrived_at=now - ago * minute) for ago in (50, 40)]
    with Archive(paths.archive) as archive:
        archive.decode(archive.add_forwards([replace(one, connection=saved.id) for one in old]))
    once = ("watch", "--once", "--no-probes", "--minutes", "30", "--kind", "silence")
    assert on_team(*once).code == 1
    team.server.stop()
    away = on_team(*once)
    team.server.start()
    collector = TeamRows(team.db(), label="collector")
    team.db().execute("SELECT ibconsole.create_partitions(%(now)s, %(now)s)", {"now": now})
    collector.ship(now - minute - AT, ShippedMessage(application_code="code-0001"))
    found = on_team(*once)

    assert (away.code, away.out) == (0, "")
    assert "no silence is judged" in away.err
    assert away.err.endswith("There is no trouble that is known on this computer.\n")
    assert (found.code, found.err) == (0, "There is no trouble.\n")
