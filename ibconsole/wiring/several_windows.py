"""Composes what a window has to do with the others: commands, saved connections, links, UTC."""

from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

import msgspec
from PySide6.QtGui import QKeySequence

from ibconsole.services.connections import Connection, Connections
from ibconsole.services.runtime import ConnectionStatus, ListenerState
from ibconsole.ui.connections import ConnectionsPresenter
from ibconsole.ui.links import LinkPresenter
from ibconsole.ui.shell import SavedLayout
from ibconsole.ui.toolkit import Command, Group, TimeDisplay
from ibconsole.ui.windows import OpenWindows
from ibconsole.wiring.shell import Shell


class WindowOpener(Protocol):
    """Opens another window on the saved connection of this name, and follows a link there."""

    def __call__(self, connection: str = "", link: str = "") -> None: ...


class FilledWindow(msgspec.Struct, frozen=True):
    """The content of a window, as the other windows and the process use it."""

    shell: Shell
    connections: ConnectionsPresenter | None
    links: LinkPresenter
    saved: Connections | None

    @property
    def connection(self) -> ConnectionStatus:
        """The open connection."""
        return self.shell.watch.status.connection

    @property
    def is_pulling(self) -> bool:
        """True while a pull is in progress."""
        return self.shell.presenter.pulling

    @property
    def listens_at(self) -> str:
        """The host and port at which this window listens; empty if it does not."""
        listener = self.shell.watch.status.listener
        is_listening = listener.state is ListenerState.LISTENING
        return urlsplit(listener.url).netloc if is_listening else ""

    def show_listener_elsewhere(self, address: str) -> None:
        """See `StatusWatch.show_listener_elsewhere`."""
        self.shell.watch.show_listener_elsewhere(address)

    @property
    def times(self) -> TimeDisplay:
        """The zone of the times that are shown."""
        return self.shell.window.time_display

    def show_failure(self, task: str, error: object) -> None:
        """See `ErrorReporter.show`."""
        self.shell.errors.show(task, error)

    def follow_link(self, link: str) -> None:
        """See `LinkPresenter.follow`."""
        self.links.follow(link)

    def reload_connections(self) -> None:
        """See `ConnectionsPresenter.follow_changes`."""
        if self.connections:
            self.connections.follow_changes()

    def save_layout(self) -> None:
        """Save sizes and choices, with which the next window opens."""
        for layout in self.shell.window.findChildren(SavedLayout):
            layout.save()


def offer_windows(
    shell: Shell,
    windows: OpenWindows,
    connections: ConnectionsPresenter | None,
    links: LinkPresenter,
    open_window: WindowOpener,
) -> None:
    """Offer another window; what is changed of the saved connections shows in all of them."""
    window = shell.window
    new = Command(
        "New window",
        Group.CONNECTION,
        open_window,
        shortcut="Ctrl+Shift+N",
        parent=window,
    )
    shell.commands.offer((new,))
    shell.watch.changed.connect(windows.share_listeners)

    def open_connection(connection: Connection, link: str = "") -> None:
        open_window(connection.name, link)

    links.window_requested.connect(open_connection)
    if connections:
        connections.offer_window(new)
        connections.window_requested.connect(open_connection)
        connections.settings_changed.connect(lambda: windows.reload_others(window))


def offer_end(shell: Shell, windows: OpenWindows) -> None:
    """Offer to close the window, and all windows, last in their menu."""
    window = shell.window

    def command(name: str, run: Callable[[], object], key: QKeySequence.StandardKey) -> Command:
        keys = QKeySequence(key)
        return Command(name, Group.CONNECTION, run, shortcut=keys, parent=window)

    key = QKeySequence.StandardKey
    shell.commands.offer(
        (
            command("Close the window", window.close, key.Close),
            command("Quit", windows.close_all, key.Quit),
        )
    )
