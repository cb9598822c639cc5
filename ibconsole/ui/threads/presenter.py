"""The presenter of a thread: opens it over the list of messages, and adds what arrives."""

from collections.abc import Mapping
from typing import Protocol

from PySide6.QtCore import QObject, QTimer

from ibconsole.errors import UserError
from ibconsole.services.messages import StoredMessage
from ibconsole.services.threads import OpenedThread, ThreadKind, ThreadSubject, subject_of
from ibconsole.ui.threads.pane import ThreadPane
from ibconsole.ui.toolkit import UiTasks

_TASK, _CLOSE, _NAMES = "thread", "thread: close", "thread: names"
_PAUSE_MS = 300  # between two looks at what arrived


class Threads(Protocol):
    """Opens threads in the record of a message; see `ThreadSource`."""

    def open(self, subject: ThreadSubject, near: int) -> OpenedThread: ...


class ConnectionNames(Protocol):
    """Returns the names of the saved connections by their UUIDs."""

    async def __call__(self) -> Mapping[str, str]: ...


class ThreadPresenter(QObject):
    """Follows one thread at a time, until the user goes back."""

    def __init__(
        self, pane: ThreadPane, threads: Threads, tasks: UiTasks, names: ConnectionNames
    ) -> None:
        super().__init__(pane)
        self._pane = pane
        self._threads = threads
        self._tasks = tasks
        self._names = names
        self._subject: ThreadSubject | None = None
        self._near = 0
        self._opened: OpenedThread | None = None
        self._is_whole = False
        self._arrived = False
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._on_paused)
        pane.retry_requested.connect(self._on_retry_requested)

    def follow(self, message: StoredMessage, kind: ThreadKind) -> None:
        """Show the thread of a message, with the message selected."""
        self._subject = subject_of(message, kind)
        self._near = message.id
        self._pane.show_loading(self._subject, message.id)
        self._tasks.start(_NAMES, self._load_names)
        self._start()

    def leave(self) -> None:
        """End the search, and close the thread."""
        self._subject = None
        self._pause.stop()
        self._tasks.cancel(_TASK)
        self._close()

    async def close(self) -> None:
        """Close the thread, after the window's tasks have ended."""
        if self._opened:
            await self._opened.close()

    def notice_arrivals(self) -> None:
        """Look for new messages of the thread soon; to be called when the record has grown."""
        if self._opened and self._is_whole and not self._pause.isActive():
            self._pause.start()

    async def show(self, subject: ThreadSubject) -> None:
        """Search for a thread, and show it as it grows."""
        try:
            opened = self._threads.open(subject, self._near)
            self._opened = opened
            async for thread in opened.parts():
                self._pane.show_thread(thread)
        except UserError as error:
            self._pane.show_failed(error)
            return
        self._is_whole = True

    async def catch_up(self) -> None:
        """Show what arrived since."""
        if self._opened is None:
            return
        try:
            thread = await self._opened.newer()
        except UserError as error:
            self._pane.show_failed(error)
            return
        if thread:
            self._pane.show_thread(thread)

    async def _load_names(self) -> None:
        try:
            self._pane.show_connections(await self._names())
        except UserError:
            return  # of a damaged settings file: UUIDs are shown

    def _start(self) -> None:
        self._close()
        self._is_whole = False
        if self._subject:
            self._tasks.start(_TASK, self.show, self._subject)

    def _close(self) -> None:
        opened, self._opened = self._opened, None
        if opened:
            opened.give_up()
            self._tasks.start(f"{_CLOSE} {id(opened)}", opened.close)

    def _on_paused(self) -> None:
        if self._subject and not self._tasks.running(_TASK):
            self._tasks.start(_TASK, self.catch_up)

    def _on_retry_requested(self) -> None:
        if self._subject:
            self._pane.show_loading(self._subject, self._pane.selected_id)
            self._start()
