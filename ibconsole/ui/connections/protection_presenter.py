"""The lock of the open connection: it is shown, unlocked for a while, and locked again."""

from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Protocol

import msgspec
from PySide6.QtCore import QObject, Signal

from ibconsole.errors import Severity, UserError
from ibconsole.services.connections import Environment
from ibconsole.services.protection import CallKind
from ibconsole.services.runtime import ConnectionStatus, Lock, LockCause, ProtectionStatus, Status
from ibconsole.ui.connections.connection_bar import ConnectionBar
from ibconsole.ui.connections.unlock_dialog import ReasonDialog, UnlockDialog, Unlocking
from ibconsole.ui.toolkit import BY_ADMINISTRATOR, Command, Group, Theme, UiTasks
from ibconsole.ui.widgets import open_dialog

_UNLOCK = "unlock connection"
_NO_CONNECTION = "No connection is open."

Then = Callable[[], object]


class ProtectionCommands(Protocol):
    """Unlocks and locks the open connection."""

    async def unlock(
        self,
        connection: str,
        kinds: Collection[CallKind],
        minutes: float,
        typed: str,
        reason: str,
        /,
    ) -> None: ...
    async def give_reason(self, connection: str, reason: str, /) -> None: ...
    async def lock(self) -> None: ...


class LockDisplay(msgspec.Struct, frozen=True):
    """The lock as the bar shows it; there is none to show if the icon is empty."""

    icon: str = ""
    text: str = ""
    tooltip: str = ""


class ProtectionPresenter(QObject):
    """Shows the lock, and lets the user unlock and explain what a command needs before it runs.

    `notice_raised` carries a severity and a sentence that belong to no pane.
    """

    notice_raised = Signal(Severity, str)

    def __init__(
        self, bar: ConnectionBar, remote: ProtectionCommands, tasks: UiTasks, theme: Theme
    ) -> None:
        super().__init__(bar)
        self._bar = bar
        self._remote = remote
        self._tasks = tasks
        self._theme = theme
        self._status = Status()
        group = Group.CONNECTION
        self.unlock = Command("Unlock this connection…", group, self._on_unlock, parent=self)
        self.lock = Command("Lock this connection", group, self._on_lock, parent=self)
        bar.lock_clicked.connect(self._on_lock_clicked)
        self._update_commands()

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands, in the order of the menu."""
        return (self.unlock, self.lock)

    def show_status(self, status: Status) -> None:
        """Show the lock of the open connection."""
        changed = (status.connection, status.protection) != (
            self._status.connection,
            self._status.protection,
        )
        self._status = status
        if changed:
            lock = describe_lock(status.connection, status.protection)
            self._bar.show_lock(lock.icon, lock.text, lock.tooltip)
            self._update_commands()

    def permit_change(self, then: Then) -> None:
        """Run a change of the setup, after the user has unlocked it if that is necessary."""
        self._permit(CallKind.CHANGE, self._status.protection.changes, then)

    def permit_pull(self, then: Then) -> None:
        """Run a pull, after the user has unlocked it if that is necessary."""
        self._permit(CallKind.PULL, self._status.protection.pulls, then)

    def _permit(self, kind: CallKind, lock: Lock | None, then: Then) -> None:
        if lock is None and self._status.protection.needs_reason:
            self._ask_reason(then)
        elif lock is None:
            then()
        elif lock.can_be_unlocked:
            self._ask((kind,), then)
        else:
            self.notice_raised.emit(Severity.INFO, f"{lock.sentence} Nothing was sent.")

    def _ask(self, wanted: Collection[CallKind], then: Then = lambda: None) -> None:
        connection = self._status.connection
        dialog = UnlockDialog(self._status, wanted, self._theme, self._bar.window())
        dialog.accepted.connect(
            lambda: self._tasks.start(
                _UNLOCK, self._run, partial(self._unlock, connection.id, dialog.choice), then
            )
        )
        open_dialog(dialog)

    async def _unlock(self, connection: str, choice: Unlocking) -> None:
        await self._remote.unlock(
            connection, choice.kinds, choice.minutes, choice.typed, choice.reason
        )

    def _ask_reason(self, then: Then) -> None:
        connection = self._status.connection.id
        dialog = ReasonDialog(self._status, self._theme, self._bar.window())

        dialog.accepted.connect(
            lambda: self._tasks.start(
                _UNLOCK,
                self._run,
                partial(self._remote.give_reason, connection, dialog.reason.text()),
                then,
            )
        )
        open_dialog(dialog)

    async def _run(self, permit: Callable[[], Awaitable[None]], then: Then) -> None:
        try:
            await permit()
        except UserError as error:
            self.notice_raised.emit(Severity.DANGER, str(error))
        else:
            then()

    def _on_unlock(self) -> None:
        locks = self._status.protection
        wanted = (CallKind.CHANGE,) if locks.changes or not locks.pulls else (CallKind.PULL,)
        self._ask(wanted)

    def _on_lock(self) -> None:
        self._tasks.start(_UNLOCK, self._remote.lock)

    def _on_lock_clicked(self) -> None:
        command = self.lock if self.lock.isEnabled() else self.unlock
        if command.isEnabled():
            command.trigger()
        else:
            self.notice_raised.emit(Severity.INFO, command.disabled_reason)

    def _update_commands(self) -> None:
        locks = [self._status.protection.changes, self._status.protection.pulls]
        held = [lock for lock in locks if lock]
        fixed = [lock for lock in held if not lock.can_be_unlocked]
        if not self._status.connection.id:
            self.unlock.set_disabled_reason(_NO_CONNECTION)
            self.lock.set_disabled_reason(_NO_CONNECTION)
            return
        self.lock.set_disabled_reason("It is locked." if len(held) == len(locks) else "")
        if len(fixed) == len(locks):
            self.unlock.set_disabled_reason(fixed[0].sentence)
        else:
            self.unlock.set_disabled_reason("" if held else "It is not locked.")


def describe_lock(connection: ConnectionStatus, status: ProtectionStatus) -> LockDisplay:
    """Return the lock to show: what is locked and by what, or how long it stays unlocked."""
    locks = {"Changes": status.changes, "Pulls": status.pulls}
    is_free = connection.environment == Environment.SANDBOX and not any(locks.values())
    if not connection.id or is_free:
        return LockDisplay()
    left = {"Changes": status.changes_left, "Pulls": status.pulls_left}
    if all(locks.values()):
        sentences = dict.fromkeys(lock.sentence for lock in locks.values() if lock)
        text = "Read-only"
        if any(lock and lock.cause is LockCause.POLICY for lock in locks.values()):
            text = f"Read-only, {BY_ADMINISTRATOR}"
        return LockDisplay("lock", text, "\n".join(sentences))
    unlocked = {name: time for name, time in left.items() if time is not None}
    if unlocked:
        times = " · ".join(f"{name} {_clock(time)}" for name, time in unlocked.items())
        if len(unlocked) == len(left) and len(set(map(_clock, unlocked.values()))) == 1:
            times = f"Unlocked {_clock(next(iter(unlocked.values())))}"
        return LockDisplay("lock-open", times, "Click to lock it again.")
    held = [name for name, lock in locks.items() if lock]
    if held:
        lock = next(filter(None, locks.values()))
        by = f", {BY_ADMINISTRATOR}" if lock.cause is LockCause.POLICY else ""
        return LockDisplay("lock", f"No {held[0].lower()}{by}", lock.sentence)
    return LockDisplay("lock-open", "", "Changes and pulls are permitted. Click to lock it.")


def _clock(milliseconds: int) -> str:
    minutes, seconds = divmod(-(-milliseconds // 1000), 60)
    return f"{minutes}:{seconds:02}"
