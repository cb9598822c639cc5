"""The countdown of borrowed routes: in the status bar, on the window's frame, and at their end."""

from collections.abc import Container, Iterable
from datetime import tzinfo
from typing import Protocol

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QMenu, QWidget

from ibconsole.clock import now_ms
from ibconsole.errors import Severity, UserError
from ibconsole.plural import counted
from ibconsole.services.runtime import LeaseState, LeaseStatus, Status
from ibconsole.text import mask_code
from ibconsole.ui.toolkit import (
    Command,
    Group,
    Permit,
    Theme,
    TimeDisplay,
    UiTasks,
    one_line,
    plain_tooltip,
    run_at_once,
    times,
)
from ibconsole.ui.widgets import IconButton

_UPDATE_MS = 1000
_REPEATED = "It is tried again by itself."
_NONE = "No route is borrowed."


class LeaseEnder(Protocol):
    """Ends borrowed routes, and lends them for longer."""

    async def end(self, lease: str) -> None: ...
    async def extend(self, lease: str) -> None: ...


class LeaseCountdown(QObject):
    """Shows how long messages are still caught here, and offers to end or to extend that.

    `notice_raised` carries a severity and a sentence on a route that is not borrowed any more, or
    that could not be removed. `lent` are the ids of those that were borrowed in this window; any
    other was left by a process that ended, or is held by another. `ended` is emitted with each
    route that is removed, and `on_frame` with what the frame of the window is to show.
    """

    notice_raised = Signal(Severity, str)
    on_frame = Signal(str)
    ended = Signal(object)

    def __init__(
        self,
        window: QWidget,
        source: LeaseEnder,
        tasks: UiTasks,
        theme: Theme,
        time_display: TimeDisplay,
    ) -> None:
        super().__init__(window)
        self._source = source
        self._tasks = tasks
        self._time_display = time_display
        self._leases: dict[str, LeaseStatus] = {}
        self._explained: set[str] = set()  # those whose problem was said
        self.lent: Container[str] = frozenset()
        self.permit: Permit = run_at_once
        self.item = IconButton("clock", "Borrowed route", theme)
        self.menu = QMenu(self.item)
        self.end_now = Command("End the borrowed route now", Group.SETUP, self._on_end, parent=self)
        self.extend = Command(
            "Extend the borrowed route", Group.SETUP, self._on_extend, parent=self
        )
        self.menu.addActions([self.end_now, self.extend])
        self.item.clicked.connect(self._on_clicked)
        self._timer = QTimer(self, interval=_UPDATE_MS)
        self._timer.timeout.connect(self._show)
        time_display.changed.connect(self._show)
        self.item.hide()
        self._update_commands()

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands, in the order of the menu."""
        return (self.end_now, self.extend)

    @property
    def leases(self) -> tuple[LeaseStatus, ...]:
        """The borrowed routes that are not ended: those of this window, the first to end first."""
        return tuple(sorted(self._leases.values(), key=lambda one: (not one.is_own, one.ends_at)))

    def show_status(self, status: Status) -> None:
        """Show the borrowed routes, and report those that have ended."""
        before = self._leases
        self._leases = {one.id: one for one in status.leases}
        if before == self._leases:
            return
        self._report(before.values())
        running = any(one.state is LeaseState.ACTIVE for one in self._leases.values())
        if running != self._timer.isActive():
            (self._timer.start if running else self._timer.stop)()
        self._update_commands()
        self._show()

    async def end(self, lease: LeaseStatus) -> None:
        """Remove a borrowed route before its time."""
        self._explained.add(lease.id)  # by what follows
        try:
            await self._source.end(lease.id)
        except UserError as error:
            self.notice_raised.emit(Severity.DANGER, f"{name_of_lease(lease)}: {error}")

    async def lend_longer(self, lease: LeaseStatus) -> None:
        """Extend a borrowed route."""
        try:
            await self._source.extend(lease.id)
        except UserError as error:
            self.notice_raised.emit(Severity.DANGER, f"{name_of_lease(lease)}: {error}")

    def _report(self, before: Iterable[LeaseStatus]) -> None:
        for lease in before:
            now = self._leases.get(lease.id)
            if now is None:
                self._explained.discard(lease.id)
                was_left = lease.id not in self.lent and not lease.holder
                self.notice_raised.emit(Severity.OK, describe_end(lease, was_left=was_left))
                self.ended.emit(lease)
            elif now.problem and lease.id not in self._explained:
                self._explained.add(lease.id)
                sentence = f"{name_of_lease(now)}: {now.problem} {_REPEATED}"
                self.notice_raised.emit(Severity.WARNING, sentence)

    def _first(self) -> LeaseStatus | None:
        return next(iter(self.leases), None)

    def _show(self) -> None:
        lease, now = self._first(), now_ms()
        self.item.setVisible(lease is not None)
        if lease is None:
            self.on_frame.emit("")
            return
        others = f" +{len(self._leases) - 1:,}" if len(self._leases) > 1 else ""
        text = f"{describe_countdown(lease, now)}{others}"
        zone = self._time_display.zone
        details = "\n".join(describe_lease(one, now, zone) for one in self.leases)
        if text != self.item.text() or plain_tooltip(details) != self.item.toolTip():
            self.item.change_icon("triangle-alert" if lease.problem else "clock")
            self.item.rename(f"Borrowed route: {text}", text=text.replace("&", "&&"))
            self.item.setToolTip(plain_tooltip(details))
        is_active = lease.state is LeaseState.ACTIVE and lease.is_own
        self.on_frame.emit(f"BORROWED {clock_of(lease, now)}" if is_active else "")

    def _update_commands(self) -> None:
        lease = self._first()
        reason = "" if lease else _NONE
        self.end_now.set_disabled_reason(reason)
        is_active = lease is not None and lease.is_own and lease.state is LeaseState.ACTIVE
        self.extend.set_disabled_reason(reason or ("" if is_active else "It is not active here."))

    def _on_end(self) -> None:
        if lease := self._first():
            self._tasks.start("end borrowed route", self.end, lease)

    def _on_extend(self) -> None:
        if lease := self._first():
            self.permit(lambda: self._tasks.start("extend borrowed route", self.lend_longer, lease))

    def _on_clicked(self) -> None:
        size = self.menu.sizeHint()
        self.menu.popup(self.item.mapToGlobal(QPoint(0, -size.height())))
        self.menu.setActiveAction(self.end_now)


def name_of_lease(lease: LeaseStatus) -> str:
    """Return the application's name, or its masked code."""
    return one_line(lease.name).strip() or mask_code(lease.application)


def clock_of(lease: LeaseStatus, now: int) -> str:
    """Return the time that is left, as minutes and seconds: `14:32`."""
    seconds = max(0, -((now - lease.ends_at) // 1000))
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes}:{seconds:02}"


def describe_countdown(lease: LeaseStatus, now: int) -> str:
    """Return a borrowed route in a few words: its application, what is left, what has come."""
    name = name_of_lease(lease)
    if lease.state is LeaseState.ACTIVE:
        came = f" · {counted(lease.received, 'message')}" if lease.received else ""
        return f"{name} {clock_of(lease, now)}{came}"
    if lease.problem:
        return f"{name}: not removed yet"
    return f"{name}: being {'added' if lease.state is LeaseState.CREATING else 'removed'}"


def describe_lease(lease: LeaseStatus, now: int, zone: tzinfo | None) -> str:
    """Return a borrowed route in whole sentences, for the tooltip."""
    name = name_of_lease(lease)
    if lease.state is not LeaseState.ACTIVE:
        waits = "The platform has not answered yet."
        left = f"{lease.problem} {_REPEATED}" if lease.problem else waits
        return f"{describe_countdown(lease, now)}. {left}"
    until = times.second(lease.ends_at, zone)
    came = counted(lease.received, "message") if lease.received else "Nothing"
    have = "have" if lease.received > 1 else "has"
    sentence = (
        f"Messages of {name} are forwarded here until {until}, as well as to its other actions."
        f" {came} {have} come this way."
    )
    if lease.is_own:
        return sentence
    return f"{sentence} {_held_by(lease)}"


def describe_end(lease: LeaseStatus, *, was_left: bool = False) -> str:
    """Return what to say once a borrowed route is removed; `was_left` after a crash."""
    which = "that was left when ibconsole ended " if was_left else ""
    # Those of the last seconds, and late repetitions, are not counted.
    came = (
        f" At least {counted(lease.received, 'message')} came this way." if lease.received else ""
    )
    return (
        f"{name_of_lease(lease)}: the borrowed route {which}is removed, and the route is as it was."
        f"{came}"
    )


def _held_by(lease: LeaseStatus) -> str:
    if lease.holder:
        return f"It is removed by {lease.holder}."
    return "The process that borrowed it has ended, so it is removed now."
