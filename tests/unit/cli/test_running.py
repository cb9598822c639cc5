import asyncio
import os
import signal

import pytest

from ibconsole.cli.running import run
from ibconsole.simulator.running import RunningSimulator
from tests.unit.cli.conftest import Command


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGQUIT]
)
def test_a_signal_lets_a_command_clean_up(number: signal.Signals) -> None:
    """Signals that end a process cancel the command instead of killing the process."""
    cleaned = []

    async def work() -> None:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), number)
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append(number)

    with pytest.raises(asyncio.CancelledError):
        run(work())

    assert cleaned == [number]


def test_a_refused_connection_is_one_sentence(
    ibconsole: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A closed port gives one sentence on stderr and exit code 1."""
    monkeypatch.setenv("IBCONSOLE_API_KEY", "k")

    result = ibconsole("apps", "list", "--base-url", "http://127.0.0.1:9")

    assert (result.code, result.out) == (1, "")
    assert result.err.count("\n") == 1
    assert "refused the connection" in result.err


def test_a_wrong_key_lists_the_causes(
    ibconsole: Command, running: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 401 has no reason, so every documented cause is listed; the key is not shown."""
    monkeypatch.setenv("IBCONSOLE_API_KEY", "planted-key")

    result = ibconsole("apps", "list", "--base-url", running.base_url)

    assert result.code == 1
    assert all(cause in result.err for cause in ("wrong", "expired", "disabled", "scope", "IP"))
    assert "planted-key" not in result.err
