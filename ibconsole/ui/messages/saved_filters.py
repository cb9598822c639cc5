"""The presenter of the saved filters: those of the open connection are in the menu of the field."""

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Protocol, TypeAlias

from PySide6.QtCore import QObject

from ibconsole.errors import UserError
from ibconsole.services.connections import SavedFilter
from ibconsole.services.runtime import ConnectionStatus, Status
from ibconsole.ui.messages.toolbar import MessagesToolbar
from ibconsole.ui.toolkit import UiTasks

_TASK = "saved filters"
Act: TypeAlias = Callable[[SavedFilter], Coroutine[Any, Any, Sequence[SavedFilter]]]


class FilterKeeper(Protocol):
    """Keeps filters; each method returns those of the connection."""

    async def load(self, connection: str) -> Sequence[SavedFilter]: ...
    async def save(self, kept: SavedFilter) -> Sequence[SavedFilter]: ...
    async def remove(self, removed: SavedFilter) -> Sequence[SavedFilter]: ...


class SavedFiltersPresenter(QObject):
    """Loads the filters of the open connection, and applies the one for the start once."""

    def __init__(self, toolbar: MessagesToolbar, keeper: FilterKeeper, tasks: UiTasks) -> None:
        super().__init__(toolbar)
        self._toolbar = toolbar
        self._button = toolbar.saved
        self._keeper = keeper
        self._tasks = tasks
        self._connection: ConnectionStatus | None = None
        self._button.can_save = lambda: bool(toolbar.typed)
        self._button.chosen.connect(toolbar.apply)
        self._button.save_requested.connect(self._on_save_requested)
        self._button.remove_requested.connect(partial(self._start, keeper.remove))
        self._button.start_changed.connect(partial(self._start, keeper.save))

    def show_status(self, status: Status) -> None:
        """Offer the filters of this connection."""
        if self._connection and self._connection.id == status.connection.id:
            return
        self._connection = status.connection
        self._tasks.start(_TASK, self._load, status.connection.id)

    async def _load(self, connection: str) -> None:
        await self._show(self._keeper.load(connection))
        first = next((one for one in self._button.filters if one.at_start), None)
        if first and not self._toolbar.search.text():
            self._toolbar.apply(first.text)

    def _on_save_requested(self) -> None:
        connection = self._connection.id if self._connection else ""
        self._start(self._keeper.save, SavedFilter(connection, self._toolbar.typed))

    def _start(self, act: Act, one: SavedFilter) -> None:
        self._tasks.start(_TASK, self._act, act, one)

    async def _act(self, act: Act, one: SavedFilter) -> None:
        await self._show(act(one))

    async def _show(self, filters: Coroutine[Any, Any, Sequence[SavedFilter]]) -> None:
        try:
            self._button.filters = await filters
        except UserError as error:
            self._toolbar.show_problem(error)
