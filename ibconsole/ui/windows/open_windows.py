"""The open windows of a process, and what concerns all of them: the end, failures, links, UTC.

Each window has a connection of its own. What belongs to none of them, such as an error in a slot,
is shown in the one that the user looks at.
"""

import logging
from collections.abc import Iterable
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

from ibconsole.errors import UserError
from ibconsole.services.links import ApplicationLink, ConnectionLink, FindingLink, parse_link
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.ui.toolkit import TimeDisplay

log = logging.getLogger(__name__)


class WindowContent(Protocol):
    """The content of a window, once it is there."""

    @property
    def connection(self) -> ConnectionStatus: ...
    @property
    def is_pulling(self) -> bool: ...
    @property
    def listens_at(self) -> str: ...
    @property
    def times(self) -> TimeDisplay: ...
    def show_listener_elsewhere(self, address: str, /) -> None: ...
    def show_failure(self, task: str, error: object, /) -> None: ...
    def follow_link(self, link: str, /) -> None: ...
    def reload_connections(self) -> None: ...
    def save_layout(self) -> None: ...


class OpenWindows(QObject):
    """The open windows of a process; each is added when it is shown, and filled later.

    `filled` is emitted when a window has its content.
    """

    filled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._windows: list[QWidget] = []
        self._contents: dict[QWidget, WindowContent] = {}
        self._front: QWidget | None = None
        self._last = ConnectionStatus()
        self._is_quitting = False
        self.opened = 0

    @property
    def all(self) -> tuple[QWidget, ...]:
        """The open windows in the order of their opening, those without content included."""
        return tuple(self._windows)

    @property
    def front(self) -> QWidget | None:
        """The window that was active last; None if none is open."""
        return self._front

    @property
    def last_connection(self) -> ConnectionStatus:
        """The connection of the window in front; once all are closed, of the one used last."""
        content = self._contents.get(self._front) if self._front else None
        return content.connection if content else self._last

    @property
    def is_pulling(self) -> bool:
        """True while a pull is in progress in any of the windows."""
        return any(one.is_pulling for one in self._contents.values())

    @property
    def is_quitting(self) -> bool:
        """True once all windows are to be closed, until one is opened."""
        return self._is_quitting

    def add(self, window: QWidget) -> None:
        """Add a window that opens; it is in front until another one is activated."""
        self._windows.append(window)
        self._front = window
        self._is_quitting = False
        self.opened += 1
        window.installEventFilter(self)

    def fill(self, window: QWidget, content: WindowContent) -> None:
        """Add the content of a window, which shows times as the others do."""
        if window not in self._windows:  # closed meanwhile
            return
        others = [*self._contents.values()]
        self._contents[window] = content
        for one in others[:1]:
            content.times.show_utc(on=one.times.utc)
        content.times.changed.connect(self._on_times_changed)
        self.share_listeners()
        self.filled.emit()

    def remove(self, window: QWidget) -> None:
        """Forget a window that is closed; the one that was opened last is in front then."""
        if window not in self._windows:
            return
        content = self._contents.pop(window, None)
        if content and not self._is_quitting:
            self._last = content.connection
        window.removeEventFilter(self)
        self._windows.remove(window)
        if self._front is window:
            self._front = self._windows[-1] if self._windows else None
        self.share_listeners()

    def close_all(self) -> None:
        """Close all windows, as a user would: where a pull is in progress, after that."""
        self._last, self._is_quitting = self.last_connection, True
        for window in self.all:
            window.close()

    def show_failure(self, task: str, error: object) -> None:
        """Show a failure that belongs to no window in the front one, else in another."""
        if content := self._front_content():
            content.show_failure(task, error)
        elif isinstance(error, BaseException):
            log.error("Bug in %s.", task, exc_info=error)

    def share_listeners(self) -> None:
        """Have each window say where another one listens; to be called when one begins or ends."""
        contents = tuple(self._contents.values())
        for content in contents:
            others = (one.listens_at for one in contents if one is not content)
            content.show_listener_elsewhere(next(filter(None, others), ""))

    def save_layout(self) -> None:
        """Save the sizes and choices of the front window, with which the next one opens."""
        if content := self._front_content():
            content.save_layout()

    def reload_others(self, window: QWidget) -> None:
        """Have the other windows read the saved connections again, which this one has changed."""
        for one, content in tuple(self._contents.items()):
            if one is not window:
                content.reload_connections()

    def window_for(self, link: str) -> QWidget | None:
        """Return the window that a link is about: that of its connection, else the front one."""
        name = _connection_of(link)
        for window in self._by_use():
            content = self._contents.get(window)
            if content and name and name in {content.connection.id, content.connection.name}:
                return window
        return self._front

    def is_first_on_connection(self, window: QWidget) -> bool:
        """Return whether no window that was opened before this one shows the same connection."""
        shown = (self._contents.get(one) for one in self._windows)
        own = self._contents.get(window)
        same = (one for one in shown if one and own and one.connection.id == own.connection.id)
        return next(same, own) is own

    def follow_link(self, link: str, window: QWidget | None = None) -> None:
        """Follow a link in this window, by default the one that it is about, else in another."""
        window = window or self.window_for(link)
        content = self._contents.get(window) if window else None
        if content := content or self._front_content():
            content.follow_link(link)

    def _front_content(self) -> WindowContent | None:
        contents = map(self._contents.get, self._by_use())
        return next(filter(None, contents), None)

    def _by_use(self) -> Iterable[QWidget]:
        """Return the front window, then the others, the newest first."""
        front = [self._front] if self._front else []
        return (*front, *(one for one in reversed(self._windows) if one is not self._front))

    def _on_times_changed(self) -> None:
        changed = self.sender()
        if isinstance(changed, TimeDisplay):
            for content in self._contents.values():
                content.times.show_utc(on=changed.utc)

    # Qt's side

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.WindowActivate and watched in self._windows:
            self._front = next(one for one in self._windows if one is watched)
        return super().eventFilter(watched, event)


def _connection_of(link: str) -> str:
    """Return the UUID or the name of the connection that a link names; empty if it names none."""
    try:
        parsed = parse_link(link)
    except UserError:
        return ""
    if isinstance(parsed, ConnectionLink | ApplicationLink | FindingLink):
        return parsed.connection
    return ""
