"""The presenter of the watch: follows the connection, asks what is watched, and notifies."""

from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ibconsole.lazy import LazyModule
from ibconsole.model import Application
from ibconsole.services.connections import Watch
from ibconsole.services.runtime import Alarm, ConnectionStatus, Status
from ibconsole.ui.toolkit import Command, Group, Theme, UiTasks
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.ui.watch import watch_dialog
else:  # imported when the dialog is opened first
    watch_dialog = LazyModule("ibconsole.ui.watch.watch_dialog")

_NO_CONNECTION = "No connection is open."
_NO_APPLICATION = "No application is selected."
_NO_ALARM = "There is no trouble."


class WatchSource(Protocol):
    """The watch of the current connection, and the choice of what is watched."""

    async def follow(self, connection: ConnectionStatus) -> None: ...
    async def load(self, application: str = "") -> Watch: ...
    async def save(self, chosen: Watch) -> None: ...


class Notifier(Protocol):
    """Notifications of the system; both say what stands in the way, or nothing."""

    async def find_problem(self) -> str: ...
    async def show(self, title: str, body: str) -> str: ...


class WatchPresenter(QObject):
    """Offers the commands of the watch; `remedy_requested` carries the alarm to be looked into."""

    remedy_requested = Signal(Alarm)

    def __init__(
        self,
        source: WatchSource,
        notifier: Notifier,
        tasks: UiTasks,
        theme: Theme,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._source = source
        self._notifier = notifier
        self._tasks = tasks
        self._theme = theme
        self._window = window
        self._connection = ConnectionStatus()
        self._application: Application | None = None
        self._alarms: tuple[Alarm, ...] = ()
        self.watch_connection = Command(
            "Watch the connection…", Group.CONNECTION, self._on_connection, parent=self
        )
        self.watch_application = Command(
            "Watch the application…", Group.SETUP, self._on_application, parent=self
        )
        self.show_alarm = Command(
            "Go to the trouble that the watch found",
            Group.VIEW,
            self.go_to_first,
            parent=self,
        )
        self._update_commands()

    @property
    def commands(self) -> tuple[Command, ...]:
        """All commands of the watch."""
        return (self.watch_connection, self.watch_application, self.show_alarm)

    def show_status(self, status: Status) -> None:
        """Follow the connection, and notify of new alarms where the user wants it."""
        if status.connection.id != self._connection.id:
            self._application = None
            self._tasks.start("watch", self._source.follow, status.connection)
        if status.connection != self._connection or status.alarms != self._alarms:
            known = {(one.key, one.since) for one in self._alarms}
            new = [one for one in status.alarms if (one.key, one.since) not in known]
            self._connection, self._alarms = status.connection, status.alarms
            self._update_commands()
            if wanted := [one for one in new if one.notify]:
                self._tasks.start("notification", self.notify, wanted)

    def select_application(self, application: object) -> None:
        """Follow the selection."""
        self._application = application if isinstance(application, Application) else None
        self._update_commands()

    def go_to_first(self) -> None:
        """Ask to look into the alarm that was raised first."""
        if self._alarms:
            self.remedy_requested.emit(self._alarms[0])

    async def notify(self, alarms: list[Alarm]) -> None:
        """Show a notification of each kind; one that cannot be shown is in the status bar anyway.

        It names the kind of trouble and the connection, and nothing of any message.
        """
        for kind in dict.fromkeys(one.kind for one in alarms):
            await self._notifier.show(kind.headline, self._connection.name)

    async def ask(self, application: str, name: str) -> None:
        """Ask what is to be watched, and save the answer."""
        chosen = replace(await self._source.load(application), name=name if application else "")
        problem = await self._notifier.find_problem()
        dialog = watch_dialog.WatchDialog(chosen, name, problem, self._theme, self._window)
        dialog.saved.connect(
            lambda answer: self._tasks.start("save watch", self._source.save, answer)
        )
        open_dialog(dialog)

    def _on_connection(self) -> None:
        self._tasks.start("watch dialog", self.ask, "", self._connection.name)

    def _on_application(self) -> None:
        if one := self._application:
            self._tasks.start("watch dialog", self.ask, one.code, one.name or "without a name")

    def _update_commands(self) -> None:
        no_connection = "" if self._connection.id else _NO_CONNECTION
        self.watch_connection.set_disabled_reason(no_connection)
        no_application = "" if self._application else _NO_APPLICATION
        self.watch_application.set_disabled_reason(no_connection or no_application)
        self.show_alarm.set_disabled_reason("" if self._alarms else _NO_ALARM)
