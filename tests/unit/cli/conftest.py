import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ibconsole.cli.main import OpenWindow, main
from ibconsole.services.runtime.engine import Engine
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The exit code of a command and its output on stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., CommandResult]


@pytest.fixture
def running() -> Iterator[RunningSimulator]:
    """The simulated platform, on its own event loop, because a command runs its own, too."""
    engine, simulator = Engine(), simulate(SimulatorSettings(messages=7, rate_limited=False))
    engine.start()

    def run(work: Callable[[], Any]) -> Any:
        return asyncio.run(engine.call(work))

    yield run(simulator.__aenter__)
    run(lambda: simulator.__aexit__(None, None, None))
    engine.stop()


@pytest.fixture
def ibconsole(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Run a command line in this process, with a data directory of the test."""
    monkeypatch.setenv("IBCONSOLE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("IBCONSOLE_API_KEY", raising=False)

    def run(*arguments: str) -> CommandResult:
        capfd.readouterr()
        code = main(arguments)
        assert not isinstance(code, OpenWindow)
        output = capfd.readouterr()
        return CommandResult(code, output.out, output.err)

    return run


@pytest.fixture
def on_account(
    ibconsole: Command, running: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Run a command line with the simulated account."""
    monkeypatch.setenv("IBCONSOLE_API_KEY", running.api_key)
    return lambda *arguments: ibconsole(*arguments, "--base-url", running.base_url)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder as slow: each command runs in a process of its own."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.slow)
