import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from ibconsole.simulator.running import RunningSimulator
from tests.unit.cli.conftest import Command
from tests.unit.cli.server_processes import PROGRAM

FILE = """\
version: 1
listener: 127.0.0.1:0
connections:
  - name: Acme
    baseUrl: https://acme.api.infobip.com
    forwardPath: /in
"""


def test_a_configuration_is_checked_without_starting_anything(
    ibconsole: Command, tmp_path: Path
) -> None:
    """--check names what is received, what may be a mistake, and each problem with its place."""
    file = tmp_path / "c.yaml"
    file.write_text(FILE, encoding="utf-8")
    valid = ibconsole("collect", "--config", str(file), "--check")
    unstarted = ibconsole("collect", "--config", str(file))
    file.write_text(FILE + "    pull: true\n", encoding="utf-8")
    invalid = ibconsole("collect", "--config", str(file), "--check")

    assert (valid.code, valid.out) == (0, "Acme: forwards to /in, not shared\n")
    assert "is valid, with 1 connection." in valid.err
    assert "a path that can be guessed" in valid.err
    assert (unstarted.code, "no directory for what is received" in unstarted.err) == (1, True)
    assert invalid.code == 1
    assert invalid.err.startswith(f"{file}:4:5: connection 1 “Acme”: secret is missing")
    assert not (tmp_path / "data").exists()


PIPES: dict[str, Any] = {
    "stdout": subprocess.PIPE,
    "stderr": subprocess.PIPE,
    "text": True,
}
# The libraries that a server need not have.
SPY = """
import atexit, sys
unwanted = {"PySide6", "keyring", "psycopg", "qasync", "ibconsole.simulator", "ibconsole.ui"}
atexit.register(lambda: print(sorted(unwanted & set(sys.modules))))
from ibconsole.__main__ import main
sys.exit(main())
"""


def test_a_collector_runs_until_it_is_stopped(tmp_path: Path, running: RunningSimulator) -> None:
    """It pulls without desktop, keyring and database; SIGTERM ends it; its log is JSON."""
    (tmp_path / "key").write_text(running.api_key, encoding="utf-8")
    file = tmp_path / "c.json"
    connection = {
        "name": "Acme",
        "baseUrl": running.base_url,
        "secret": {"file": str(tmp_path / "key")},
        "forwardPath": "/in",
        "pull": {"interval": 1},
    }
    document = {"version": 1, "state": str(tmp_path / "state"), "connections": [connection]}
    ports = {"listener": "127.0.0.1:0", "health": "127.0.0.1:0"}
    file.write_text(json.dumps({**document, **ports}), encoding="utf-8")
    command = [sys.executable, "-c", SPY, "collect", "--config", str(file)]
    with subprocess.Popen(command, **PIPES) as process:
        assert process.stderr is not None
        lines: list[dict[str, Any]] = []
        while not lines or lines[-1].get("messages") != 7:
            lines.append(json.loads(process.stderr.readline()))
        process.send_signal(signal.SIGTERM)
        loaded, rest = process.communicate(timeout=20)

    lines += map(json.loads, rest.splitlines())
    assert (process.returncode, loaded) == (0, "[]\n")
    assert lines[-1]["message"] == "The collector has ended."
    assert all(line["level"] == "info" for line in lines)
    assert running.api_key not in json.dumps(lines)


def test_a_signal_while_it_starts_is_no_failure(tmp_path: Path) -> None:
    """SIGTERM at the first line of the log ends the start in order, with code 0."""
    file = tmp_path / "c.yaml"
    file.write_text(f"{FILE}state: {tmp_path}/state\nhealth: 127.0.0.1:0\n", encoding="utf-8")
    with subprocess.Popen([*PROGRAM, "collect", "--config", str(file)], **PIPES) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)

    assert process.returncode == 0
