"""A simulated account behind the window's plans, and a second hand that changes its setup."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import stamina
from PySide6.QtWidgets import QDialog, QMainWindow

from ibconsole.api.budget import Budget
from ibconsole.api.client import ApiClient
from ibconsole.secret import Secret
from ibconsole.services.audit.recording import Audit
from ibconsole.services.connections.account import Account, Credential, account_of, authorization_of
from ibconsole.services.console.console import Console
from ibconsole.services.protection.protection import Protection
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import ConnectionStatus
from ibconsole.services.setup.history.recorded_setup import RecordedSetup
from ibconsole.services.setup.history.recorder import SetupRecorder
from ibconsole.services.setup.plans.runner import PlanRunner
from ibconsole.services.setup.plans.undo import Undo
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.plans.plan_dialog import PlanDialog, PlanStage
from ibconsole.ui.plans.plan_presenter import PlanPresenter
from ibconsole.ui.plans.undo_presenter import UndoPresenter
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.unit.services.setup.plans.accounts import Hand


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "data")


@pytest.fixture
def account(running: RunningSimulator) -> Account:
    return account_of(running.base_url, Secret(running.api_key), name="Test", environment="test")


@pytest.fixture
async def platform(account: Account, paths: Paths) -> AsyncIterator[RecordedSetup]:
    """The platform with its audit and its history, without waits."""
    gate = Protection().gate_of(account, Audit(paths.archive))
    authorization = authorization_of(account.base_url, account.credential)
    async with ApiClient(
        account.base_url, authorization, gate=gate, budget=Budget(10_000)
    ) as client:
        with stamina.set_testing(testing=True, attempts=3):
            recorder = SetupRecorder(paths.archive, account.connection, records_reads=False)
            yield RecordedSetup(client, recorder)


@pytest.fixture
def hand(running: RunningSimulator, account: Account) -> Hand:
    """The hand of another user, on an application without a configuration."""
    return Hand(running.simulator, account)


@pytest.fixture
def plans(
    plain_window: QMainWindow,
    account: Account,
    platform: RecordedSetup,
    paths: Paths,
    tasks: UiTasks,
    theme: Theme,
) -> Iterator[PlanPresenter]:
    """The presenter of plans on that account."""
    selection = SetupSelection(plain_window)
    selection.connection = ConnectionStatus(
        account.name, account.base_url, environment="test", id=account.connection
    )
    runner = PlanRunner(account, platform, paths, pauses=(0.0,))
    yield PlanPresenter(plain_window, selection, runner, tasks, theme)
    for dialog in plain_window.findChildren(QDialog):
        if isinstance(dialog, PlanDialog):
            dialog.stage = PlanStage.ENDED
        dialog.done(0)


@pytest.fixture
def undo(
    plans: PlanPresenter,
    account: Account,
    platform: RecordedSetup,
    paths: Paths,
    tasks: UiTasks,
    theme: Theme,
) -> UndoPresenter:
    """The presenter of undo on that account, its commands in the window."""
    service = Undo(account, platform, paths)
    connection = plans.selection.connection
    presenter = UndoPresenter(plans, service, tasks, theme, TimeDisplay(plans))
    presenter.show_connection(connection)
    for command in presenter.commands:
        command.add_to(plans.window)
    return presenter


@pytest.fixture
async def production(
    running: RunningSimulator, paths: Paths
) -> AsyncIterator[tuple[Engine, Console]]:
    """A console on an engine, connected to a production account that is locked."""
    engine, console = Engine(), Console(paths)
    engine.start()
    await engine.call(console.__aenter__)
    credential = Credential(Secret(running.api_key))
    account = Account("8d1b", "Acme", running.base_url, credential, "production", is_read_only=True)
    await engine.call(console.connect, account)
    yield engine, console
    await engine.call(console.__aexit__)
    await asyncio.to_thread(engine.stop)
