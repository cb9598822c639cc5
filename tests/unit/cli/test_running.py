import asyncio
import contextlib
import os
import signal
from pathlib import Path

import click
import pytest

from ibconsole.archive.history import points_of
from ibconsole.cli.running import explain_signals, run
from ibconsole.secret import Secret
from ibconsole.services.connections.account import account_of
from ibconsole.services.runtime.process_end import stop_signals
from ibconsole.simulator.running import RunningSimulator
from tests.unit.cli.conftest import Command


@pytest.mark.usefixtures("default_signals")
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

    with pytest.raises(click.Abort):
        run(work())

    assert cleaned == [number]


@pytest.mark.usefixtures("default_signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_the_end_of_a_command_is_not_lost(number: signal.Signals) -> None:
    """One that the loop does not see any more takes effect after it, before the next step."""
    arrived: list[int] = []
    before = signal.signal(number, lambda received, _: arrived.append(received))

    async def work() -> str:
        os.kill(os.getpid(), number)
        return "read"

    try:
        assert run(work()) == "read"
    finally:
        signal.signal(number, before)
    assert arrived == [number]


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


def test_handlers_are_restored_after_a_command() -> None:
    """After a command every signal is handled as before it."""
    before = {number: signal.getsignal(number) for number in stop_signals()}

    run(asyncio.sleep(0))

    assert {number: signal.getsignal(number) for number in stop_signals()} == before


def test_a_reason_to_wait_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    """A signal that does not end the command at once says why, while that is so."""

    async def work() -> None:
        with explain_signals(lambda: "The pull runs."):
            os.kill(os.getpid(), signal.SIGTERM)
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    with pytest.raises(click.Abort):
        run(work())

    assert capsys.readouterr().err == "The pull runs.\n"


def test_a_change_is_in_the_history_and_a_read_opens_no_archive(
    on_account: Command, running: RunningSimulator, tmp_path: Path
) -> None:
    """Only a command that changes something stores the states around it."""
    path = tmp_path / "data" / "archive.sqlite3"
    apps = on_account("apps", "list", "--json").json
    code = next(
        one["applicationCode"]
        for one in apps
        if not on_account("configs", "list", one["applicationCode"], "--json").json
    )
    assert not path.exists()

    assert on_account("configs", "create", code).code == 0

    connection = account_of(running.base_url, Secret("")).connection
    sizes = [len(one.content or b"") for one in points_of(path, connection, code)]
    assert (len(sizes), sizes[0]) == (2, len("[]"))
