"""The presenter of connections on a running simulator."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.services.console.console import Console
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.connections.harness import Harness


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine()
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
async def running(engine: Engine) -> AsyncIterator[RunningSimulator]:
    simulator = simulate(SimulatorSettings(messages=7, rate_limited=False))
    yield await engine.call(simulator.__aenter__)
    await engine.call(simulator.__aexit__, None, None, None)


@pytest.fixture
async def harness(
    tmp_path: Path, engine: Engine, theme: Theme, tasks: UiTasks, qtbot: QtBot
) -> AsyncIterator[Harness]:
    console = Console(Paths(tmp_path))
    await engine.call(console.__aenter__)
    harness = Harness(tmp_path, engine, console, theme, tasks)
    qtbot.addWidget(harness.bar)
    qtbot.addWidget(harness.page)
    harness.bar.show()
    yield harness
    await tasks.settled()
    await engine.call(console.__aexit__)
