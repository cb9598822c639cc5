"""What a process left of a borrowed route is removed by the next that may."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ibconsole.simulator.running import RunningSimulator
from tests.unit.cli.conftest import Command
from tests.unit.cli.server_processes import start, stop


def actions(running: RunningSimulator) -> list[str]:
    applications = running.simulator.state.account.applications
    urls = [action.get("forwardUrl", "") for one in applications for action in one.actions]
    return [url for url in urls if "/inbound/lease-" in url]


def test_an_unsaved_account_is_settled_with_its_key(
    ibconsole: Command,
    running: RunningSimulator,
    left_behind: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The address is stored; the key in the environment is sent there only if it is the same."""
    lease = left_behind()
    refused = ibconsole("leases")
    assert (refused.code, lease in refused.out) == (1, True)
    assert "IBCONSOLE_API_KEY" in refused.err
    monkeypatch.setenv("IBCONSOLE_API_KEY", f"other{running.api_key}")
    calls = dict(running.simulator.state.calls)
    assert ibconsole("leases").code == 1
    assert dict(running.simulator.state.calls) == calls

    monkeypatch.setenv("IBCONSOLE_API_KEY", running.api_key)
    settled = ibconsole("leases", "--json")
    assert (settled.code, settled.json) == (0, [])
    assert actions(running) == []


def test_read_only_leaves_it_and_says_so(
    on_account: Command, running: RunningSimulator, left_behind: Callable[[], str]
) -> None:
    left_behind()
    refused = on_account("leases", "--read-only")

    assert refused.code == 1
    assert "started with --read-only" in refused.err
    assert actions(running)


def test_listening_on_an_account_settles_it(
    tmp_path: Path,
    running: RunningSimulator,
    left_behind: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While requests are received already."""
    left_behind()
    monkeypatch.setenv("IBCONSOLE_API_KEY", running.api_key)
    command = ("--base-url", running.base_url, "listen", "--port", "0", "--json")
    with start(*command, data=tmp_path / "data") as (process, _):
        deadline = time.monotonic() + 10
        while actions(running) and time.monotonic() < deadline:
            time.sleep(0.02)
        code, _, _ = stop(process, signal.SIGTERM)

    assert (code, actions(running)) == (0, [])
