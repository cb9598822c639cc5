"""`ibconsole watch`."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive import Archive
from ibconsole.clock import now_ms
from ibconsole.secret import Secret
from ibconsole.services.connections.account import account_of
from ibconsole.simulator.running import RunningSimulator
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.cli.conftest import Command

URL = "http://127.0.0.1:9"
MINUTE = 60_000
ONCE = ("watch", "--base-url", URL, "--once", "--no-probes")


def store(data: Path, *minutes_ago: int, base_url: str = URL, code: str = "code-0001") -> None:
    """Store forwards with a message each, that arrived so long ago."""
    connection = account_of(base_url, Secret("x")).connection
    body, now = batch({"applicationCode": code}), now_ms()
    found = [arrival(body, arrived_at=now - ago * MINUTE) for ago in sorted(minutes_ago)[::-1]]
    with Archive(data / "archive.sqlite3") as archive:
        archive.decode(archive.add_forwards([replace(one, connection=connection) for one in found]))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_nothing_was_received(
    ibconsole: Command, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty computer has no trouble; nothing is created."""
    monkeypatch.setenv("IBCONSOLE_API_KEY", "key")
    found = ibconsole(*ONCE)

    assert (found.code, found.out) == (0, "")
    assert "no archive yet" in found.err
    assert not data.exists()


@pytest.mark.parametrize(
    ("arguments", "ago", "code"),
    [
        (("--minutes", "30"), (40, 50), 1),
        (("--minutes", "60"), (40, 50), 0),
        (("--minutes", "30", "--kind", "pending"), (40, 50), 0),
        (("code-0001", "--minutes", "30"), (40, 50), 1),
        (("code-0002", "--minutes", "30"), (40, 50), 0),
        ((), (40, 50), 0),
        (("--all",), tuple(range(40, 140, 5)), 1),
    ],
)
def test_once(
    ibconsole: Command,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: Sequence[str],
    ago: Sequence[int],
    code: int,
) -> None:
    """One look says by its exit code whether there is trouble."""
    monkeypatch.setenv("IBCONSOLE_API_KEY", "key")
    store(data, *ago)
    found = ibconsole(*ONCE, *arguments)

    assert found.code == code
    assert ("IBC-1601" in found.out) is bool(code)


def test_json_and_a_command(
    ibconsole: Command, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stdout has JSON alone; the command gets the same alarm, and what it writes is no answer."""
    monkeypatch.setenv("IBCONSOLE_API_KEY", "key")
    store(data, 40, 50)
    command = f"/bin/sh -c 'cat > {tmp_path}/alarm; echo noise'"
    found = ibconsole(*ONCE, "--minutes", "30", "--json", "--exec", command)

    assert found.json["kind"] == "silence"
    assert json.loads((tmp_path / "alarm").read_bytes()) == found.json
    assert "noise" in found.err
    failing = ibconsole(*ONCE, "--minutes", "30", "--exec", "/bin/false")
    assert failing.code == 1
    assert "exit code 1" in failing.err


def test_the_setup_is_read(on_account: Command, running: RunningSimulator, data: Path) -> None:
    """An application is found by its name, and certificates are looked at without a pull."""
    store(data, 40, 50, base_url=running.base_url)
    found = on_account("watch", "lumen mobile", "--once", "--minutes", "30")

    assert (found.code, found.out) == (0, "")  # the messages are another application's
    assert on_account("watch", "nothing of that name", "--once").code == 1
    assert on_account("pull", "--yes", "--json").code == 0
    assert "waiting" not in found.err


@pytest.mark.parametrize(
    "arguments",
    [("--minutes", "0"), ("--exec", "'"), ("app", "--all"), ("--kind", "else"), ("--all",)],
)
def test_wrong_usage(ibconsole: Command, arguments: Sequence[str]) -> None:
    """Wrong usage is one sentence, and nothing is watched."""
    account = () if arguments == ("--all",) else ("--base-url", URL)

    assert ibconsole("watch", "--once", "--no-probes", *account, *arguments).code in {1, 2}


@pytest.mark.usefixtures("default_signals")
def test_a_process(data: Path) -> None:
    """It tells the beginning and the end of a silence while others store, and ends as asked."""
    store(data, 40, 50)
    arguments = ("watch", "--base-url", URL, "--no-probes", "--minutes", "30", "--interval", "0.1")
    with subprocess.Popen(
        [sys.executable, "-m", "ibconsole", "--data-dir", str(data), *arguments, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "IBCONSOLE_API_KEY": "key"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["state"] == "raised"
        store(data, 0)
        assert json.loads(process.stdout.readline())["state"] == "cleared"
        process.send_signal(signal.SIGHUP)
        rest, errors = process.communicate(timeout=20)

    assert (process.returncode, rest) == (0, b"")
    assert errors.decode().splitlines() == ["Watching. Press Ctrl+C to stop.", "Stopped."]
