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
class Ended:
    """How a command ended, and what it wrote where."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Ended]


@pytest.fixture
def running() -> Iterator[RunningSimulator]:
    """The simulated platform, on a loop of its own: a command runs its own, too."""
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
    """Runs a command line in this process, on a data directory of its own."""
    monkeypatch.setenv("IBCONSOLE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("IBCONSOLE_API_KEY", raising=False)

    def run(*arguments: str) -> Ended:
        capfd.readouterr()
        code = main(arguments)
        assert not isinstance(code, OpenWindow)
        written = capfd.readouterr()
        return Ended(code, written.out, written.err)

    return run


@pytest.fixture
def on_account(
    ibconsole: Command, running: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Runs a command line with the simulated account."""
    monkeypatch.setenv("IBCONSOLE_API_KEY", running.api_key)
    return lambda *arguments: ibconsole(*arguments, "--base-url", running.base_url)
