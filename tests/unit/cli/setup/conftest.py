"""Accounts and files for the commands that apply a setup."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ibconsole.services.runtime.engine import Engine
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings
from tests.unit.cli.conftest import Command

Setup = Callable[[str], str]


def strip(running: RunningSimulator) -> None:
    """Leave the account its applications alone."""
    account = running.simulator.state.account
    for application in account.applications:
        if application.configuration:
            account.delete_configuration(application, keep_actions=False)


@pytest.fixture
def fresh(running: RunningSimulator) -> Iterator[RunningSimulator]:
    """A second account with the same applications, without configurations."""
    engine = Engine()
    engine.start()
    simulator = simulate(SimulatorSettings(rate_limited=False, api_key="fresh-api-key-0123456789"))
    second = asyncio.run(engine.call(simulator.__aenter__))
    strip(second)
    yield second
    asyncio.run(engine.call(lambda: simulator.__aexit__(None, None, None)))
    engine.stop()


@pytest.fixture
def on_fresh(
    ibconsole: Command, fresh: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Run a command line with the second account."""

    def run(*arguments: str) -> object:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("IBCONSOLE_API_KEY", fresh.api_key)
            return ibconsole(*arguments, "--base-url", fresh.base_url)

    return run  # type: ignore[return-value]


@pytest.fixture
def setup_file(tmp_path: Path) -> Callable[..., str]:
    """Write a setup file with one application that wants these actions; return its path."""

    def write(name: str, *actions: str) -> str:
        lines = "\n".join(f"      - {action}" for action in actions)
        file = tmp_path / "setup.yaml"
        file.write_text(
            f"version: 1\napplications:\n- name: {name}\n  configuration:\n"
            f"    actions:{(lines and chr(10) + lines) or ' []'}\n",
            encoding="utf-8",
        )
        return str(file)

    return write
