"""The lock in the bar, and what it does to a command that it holds back."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.secret import Secret
from ibconsole.services.connections.account import Account, Credential
from ibconsole.services.console import Console, RemoteProtection
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import Lock, LockCause, ProtectionStatus, Status
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.connections.connection_bar import ConnectionBar
from ibconsole.ui.connections.protection_presenter import (
    LockDisplay,
    ProtectionPresenter,
    describe_lock,
)
from ibconsole.ui.connections.unlock_dialog import ReasonDialog, UnlockDialog
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.connections.locked import LOCK, POLICY, PRODUCTION, TEST

T = TypeVar("T", bound=QWidget)


@pytest.fixture
async def console(
    tmp_path: Path, engine: Engine, running: RunningSimulator
) -> AsyncIterator[Console]:
    """A console on the engine, with a production account open."""
    console = Console(Paths(tmp_path))
    await engine.call(console.__aenter__)
    account = Account(
        "8d1b", "Acme", running.base_url, Credential(Secret(running.api_key)), "production",
        is_read_only=True,
    )  # fmt: skip
    await engine.call(console.connect, account)
    yield console
    await engine.call(console.__aexit__)


@pytest.fixture
def bar(theme: Theme, qtbot: QtBot) -> ConnectionBar:
    bar = ConnectionBar(theme)
    qtbot.addWidget(bar)
    bar.show()
    return bar


@pytest.fixture
def presenter(
    bar: ConnectionBar, engine: Engine, console: Console, tasks: UiTasks, theme: Theme
) -> ProtectionPresenter:
    presenter = ProtectionPresenter(bar, RemoteProtection(engine, console), tasks, theme)
    presenter.show_status(console.status)
    return presenter


def _dialog(qtbot: QtBot) -> UnlockDialog:
    return _open(UnlockDialog, qtbot)


def _open(kind: type[T], qtbot: QtBot) -> T:
    def find() -> Sequence[T]:
        widgets = QApplication.topLevelWidgets()
        return [one for one in widgets if isinstance(one, kind) and one.isVisible()]

    qtbot.waitUntil(lambda: bool(find()))
    [dialog] = find()
    return dialog


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (ProtectionStatus(LOCK, LOCK), ("lock", "Read-only")),
        (ProtectionStatus(POLICY, POLICY), ("lock", "Read-only, set by your administrator")),
        (ProtectionStatus(None, LOCK, changes_left=899_500), ("lock-open", "Changes 15:00")),
        (ProtectionStatus(None, None, 61_000, 60_100), ("lock-open", "Unlocked 1:01")),
        (ProtectionStatus(None, None, 61_000, 5_000), ("lock-open", "Changes 1:01 · Pulls 0:05")),
        (ProtectionStatus(None, POLICY), ("lock", "No pulls, set by your administrator")),
        (ProtectionStatus(), ("lock-open", "")),
    ],
)
def test_every_state_has_its_words(status: ProtectionStatus, shown: tuple[str, str]) -> None:
    display = describe_lock(PRODUCTION.connection, status)
    assert (display.icon, display.text) == shown
    assert display.tooltip


def test_a_sandbox_and_no_connection_have_no_lock() -> None:
    sandbox = replace(PRODUCTION.connection, environment="sandbox")
    assert describe_lock(sandbox, ProtectionStatus()) == LockDisplay()
    held = Lock(LockCause.OPTION, "The program was started with --read-only.")
    assert describe_lock(sandbox, ProtectionStatus(held, held)).text == "Read-only"
    assert describe_lock(Status().connection, ProtectionStatus()) == LockDisplay()


async def test_a_held_command_runs_after_the_user_has_unlocked_it(
    presenter: ProtectionPresenter, console: Console, tasks: UiTasks, qtbot: QtBot
) -> None:
    """What the user wanted runs by itself once it is unlocked, not before, and not after Cancel."""
    ran: list[str] = []
    presenter.permit_pull(lambda: ran.append("cancelled"))
    _dialog(qtbot).reject()
    presenter.permit_pull(lambda: ran.append("pull"))
    dialog = _dialog(qtbot)
    assert ran == []
    assert dialog.pulls.isChecked()
    assert not dialog.changes.isChecked()

    dialog.typed.setText("Acme")
    dialog.accept()
    await tasks.settled()

    assert ran == ["pull"]
    locks = console.status.protection
    assert (locks.pulls, locks.changes is not None) == (None, True)
    assert locks.pulls_left
    assert locks.pulls_left <= 15 * 60_000


async def test_an_open_production_account_is_explained_before_a_command_runs(
    presenter: ProtectionPresenter,
    console: Console,
    engine: Engine,
    running: RunningSimulator,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """The reason is asked for once, until the connection is locked."""
    account = Account(
        "8d1b", "Acme", running.base_url, Credential(Secret(running.api_key)), "production"
    )
    await engine.call(console.connect, account)
    presenter.show_status(console.status)
    ran: list[str] = []
    presenter.permit_change(lambda: ran.append("change"))
    dialog = _open(ReasonDialog, qtbot)
    dialog.reason.setText("ticket 7")
    assert ran == []

    dialog.accept()
    await tasks.settled()
    presenter.show_status(console.status)
    presenter.permit_pull(lambda: ran.append("pull"))

    assert ran == ["change", "pull"]
    assert console.protection.reason_of(account) == "ticket 7"


async def test_a_wrong_name_runs_nothing(
    presenter: ProtectionPresenter, console: Console, tasks: UiTasks, qtbot: QtBot
) -> None:
    """The engine compares the name as well: a dialog that lets another pass unlocks nothing."""
    ran: list[str] = []
    raised: list[tuple[Severity, str]] = []
    presenter.notice_raised.connect(lambda *notice: raised.append(notice))
    presenter.permit_change(lambda: ran.append("change"))
    dialog = _dialog(qtbot)
    dialog.typed.setText("Other")
    dialog.accept()
    await tasks.settled()

    assert ran == []
    assert console.status.protection.changes
    [(severity, sentence)] = raised
    assert (severity, "Other is not the name" in sentence) == (Severity.DANGER, True)


def test_what_a_policy_forbids_is_said_and_not_asked(
    presenter: ProtectionPresenter, bar: ConnectionBar
) -> None:
    ran: list[str] = []
    raised: list[tuple[Severity, str]] = []
    presenter.notice_raised.connect(lambda *notice: raised.append(notice))
    presenter.show_status(TEST)

    presenter.permit_pull(lambda: ran.append("pull"))

    assert ran == []
    assert raised == [(Severity.INFO, f"{POLICY.sentence} Nothing was sent.")]


async def test_the_lock_is_clicked_to_lock_again(
    presenter: ProtectionPresenter,
    bar: ConnectionBar,
    console: Console,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """A click unlocks what is locked, and locks what is not; both are commands as well."""
    bar.lock.click()
    _dialog(qtbot).reject()
    assert not presenter.lock.isEnabled()

    presenter.unlock.trigger()
    dialog = _dialog(qtbot)
    dialog.typed.setText("Acme")
    dialog.minutes.setValue(1)
    dialog.accept()
    await tasks.settled()
    presenter.show_status(console.status)
    assert bar.lock.text() == "Changes 1:00"
    assert presenter.unlock.isEnabled()  # for pulls

    bar.lock.click()
    await tasks.settled()
    assert console.status.protection.changes


def test_without_a_connection_nothing_is_offered(presenter: ProtectionPresenter) -> None:
    presenter.show_status(Status())
    assert not presenter.unlock.isEnabled()
    assert not presenter.lock.isEnabled()


def test_nothing_held_back_runs_at_once(presenter: ProtectionPresenter) -> None:
    ran: list[str] = []
    permits: tuple[Callable[[Callable[[], object]], None], ...] = (
        presenter.permit_change,
        presenter.permit_pull,
    )
    presenter.show_status(replace(PRODUCTION, protection=ProtectionStatus()))
    for permit in permits:
        permit(lambda: ran.append("ran"))
    assert ran == ["ran", "ran"]


def test_the_option_is_told(presenter: ProtectionPresenter, bar: ConnectionBar) -> None:
    option = Lock(LockCause.OPTION, "The program was started with --read-only.")
    presenter.show_status(replace(PRODUCTION, protection=ProtectionStatus(option, option)))
    assert (bar.lock.text(), "--read-only" in bar.lock.toolTip()) == ("Read-only", True)
    assert not presenter.unlock.isEnabled()
