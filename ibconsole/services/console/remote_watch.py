"""The watch of the current connection for the window, on the engine's loop.

Its alarms are part of the console's status.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ibconsole.lazy import LazyModule
from ibconsole.services.connections import Settings, SettingsFile, Watch, with_watch
from ibconsole.services.console.console import Console
from ibconsole.services.runtime import AlarmKind, ConnectionStatus, Engine
from ibconsole.tasks import Tasks

if TYPE_CHECKING:
    from ibconsole.services import watch
    from ibconsole.services.diagnosis import Facts
else:  # loaded when it begins, after the window is usable
    watch = LazyModule("ibconsole.services.watch")

log = logging.getLogger(__name__)

_TASK = "watch"


class RemoteWatch:
    """Watches the current connection, as the settings say.

    Every command runs on the engine's loop. `delay` is the number of seconds until the first look,
    `interval` that between two.
    """

    def __init__(
        self, engine: Engine, console: Console, *, delay: float = 10.0, interval: float = 30.0
    ) -> None:
        self._engine = engine
        self._console = console
        self._delay = delay
        self._interval = interval
        self._file = SettingsFile(console.paths.settings)
        self._tasks = Tasks(_report)
        self._connection = ConnectionStatus()

    async def follow(self, connection: ConnectionStatus) -> None:
        """Watch this connection, and no other one; none if it is empty. Raises SettingsError."""
        await self._engine.call(self._follow, connection)

    async def load(self, application: str = "") -> Watch:
        """Return the choice for the connection, or for an application by its code.

        An application that was not chosen is watched as part of the connection alone, which has no
        choice of its own: its `kinds` are empty. Raises SettingsError.
        """
        return await self._engine.call(self._load, application)

    async def save(self, chosen: Watch) -> None:
        """Save a choice, and watch by it from now on. Raises SettingsError."""
        await self._engine.call(self._save, chosen)

    async def close(self) -> None:
        """End the watch."""
        await self._engine.call(self._tasks.close)

    async def _load(self, application: str) -> Watch:
        connection = self._connection.id
        loaded = await asyncio.to_thread(self._file.load)
        own = (one for one in loaded.settings.watches if one.connection == connection)
        found = next((one for one in own if one.application == application), None)
        return found or Watch(connection, application, kinds=() if application else None)

    async def _save(self, chosen: Watch) -> None:
        await asyncio.to_thread(self._file.change, lambda settings: with_watch(settings, chosen))
        await self._follow(self._connection)

    async def _follow(self, connection: ConnectionStatus) -> None:
        self._connection = connection
        self._tasks.cancel(_TASK)
        self._console.show_alarms(())
        # What a case has arrived when it was recorded: silence since then says nothing.
        if not connection.id or connection.case:
            return
        loaded = await asyncio.to_thread(self._file.load)
        plans = list(_plans(loaded.settings, connection))
        if plans and self._connection is connection:  # else another one was opened meanwhile
            self._tasks.start(_TASK, self._watch, plans)

    async def _watch(self, plans: "Sequence[watch.WatchPlan]") -> None:
        await asyncio.sleep(self._delay)

        def show(_: object) -> None:
            self._console.show_alarms(watcher.alarms)

        async def look() -> "Facts | None":
            diagnostics = await self._console.diagnostics()
            return await diagnostics.look_at_endpoints(codes)

        wanted = {one.application for one in plans if AlarmKind.CERTIFICATE in one.kinds}
        codes = None if "" in wanted else wanted
        watcher = watch.Watcher(
            self._console.paths.archive,
            plans,
            watch.WatchInputs(
                self._sources, watch.CertificateCheck(look), team=lambda: self._console.team
            ),
            watch.WatchOutputs(show),
            interval=self._interval,
        )
        await watcher.run()

    def _sources(self) -> "watch.SourceFacts":
        status = self._console.status
        return watch.SourceFacts(status.listener, status.pull_loop)


class DesktopNotifications:
    """Notifications of a Linux desktop, sent on the engine's loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def find_problem(self) -> str:
        """Return why this desktop shows no notifications, empty if it shows some."""

        async def find() -> str:
            return await watch.find_notification_problem()

        return await self._engine.call(find)

    async def show(self, title: str, body: str) -> str:
        """Show a notification; return why it was not shown, empty if it was."""

        async def show() -> str:
            return await watch.show_notification(title, body)

        return await self._engine.call(show)


def _plans(settings: Settings, connection: ConnectionStatus) -> "Iterator[watch.WatchPlan]":
    """Yield what the settings say about a connection; a connection is watched by default."""
    chosen = [one for one in settings.watches if one.connection == connection.id]
    if all(one.application for one in chosen):
        chosen.append(Watch(connection.id))
    known = {str(kind): kind for kind in AlarmKind}
    for one in chosen:
        kinds = frozenset(known[name] for name in one.kinds or () if name in known)
        if one.kinds is None:
            kinds = watch.DEFAULT_KINDS
        if kinds:
            name = one.name if one.application else connection.name
            yield watch.WatchPlan(
                one.connection, one.application, name, kinds, one.minutes, one.notify
            )


def _report(name: str, error: BaseException) -> None:
    log.error("The task %r failed.", name, exc_info=error)
