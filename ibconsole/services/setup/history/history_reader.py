"""Reading the history: timelines for the window, applications by name, and states at a time."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ParamSpec, Protocol, Self, TypeVar

import msgspec

from ibconsole.archive import Reader
from ibconsole.archive.history import SetupPart
from ibconsole.errors import UserError
from ibconsole.files import is_missing
from ibconsole.model import Application, read_application
from ibconsole.services.comparison import RowComparison
from ibconsole.services.setup.history.differences import (
    SetupState,
    compare,
    stored_application,
    stored_route,
)
from ibconsole.services.setup.history.history_source import DiskHistory, HistorySource
from ibconsole.services.setup.history.timeline import changes_since, timeline_of
from ibconsole.services.setup.history.timeline_events import (
    ChangesSinceItWorked,
    Timeline,
)
from ibconsole.text import mask_code

P = ParamSpec("P")
T = TypeVar("T")


class NotInHistory(UserError):
    """The history has no application with this code, ID or name, or several; or no such state."""


class StoredApplication(msgspec.Struct, frozen=True):
    """An application as it was listed last, and the connection on which it was."""

    connection: str
    application: Application


class SharedHistory(Protocol):
    """A team's record, while it is shown in place of this disk's for a connection.

    `history_version` changes with what is written to it; `ask_history` raises ArchiveError.
    """

    @property
    def history_version(self) -> int: ...
    def shares(self, connection: str) -> bool: ...
    async def ask_history(self, work: Callable[[HistorySource], T], /) -> T: ...


class TimelineReader:
    """Reads timelines on a thread of its own, within its `async with` block.

    Those of a connection whose team's record is `shared` come from there. Every method may raise
    ArchiveError.
    """

    def __init__(self, path: Path, shared: SharedHistory | None = None) -> None:
        self._path = path
        self._shared = shared
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="timeline")
        self._reader: Reader | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._run(self._close)
        self._thread.shutdown()

    async def version(self) -> int:
        """Return a number that changes with every commit of any process."""
        stored = await self._run(self._version)
        return hash((stored, self._shared.history_version)) if self._shared else stored

    async def timeline(self, connection: str, application: str, since: int | None) -> Timeline:
        """See `timeline_of`; until now."""
        return await self._ask(
            connection, lambda source: timeline_of(source, connection, application, since)
        )

    async def what_changed_since_it_worked(
        self, connection: str, application: str
    ) -> ChangesSinceItWorked:
        """See `changes_since`."""
        return await self._ask(connection, lambda source: changes_since(source, application))

    async def compare_points(
        self, connection: str, application: str, left: int, right: int
    ) -> RowComparison:
        """Compare the setup of an application as it was recorded at two times.

        Raises NotInHistory if one of them is not known.
        """
        return await self._ask(
            connection, lambda source: _compare_points(source, application, left, right)
        )

    async def _ask(self, connection: str, work: Callable[[HistorySource], T]) -> T:
        if self._shared and self._shared.shares(connection):
            return await self._shared.ask_history(work)
        return await self._run(work, DiskHistory(self._path, connection))

    def _version(self) -> int:
        if self._reader is None:
            if is_missing(self._path):
                return -1
            self._reader = Reader(self._path)
        return self._reader.data_version()

    def _close(self) -> None:
        if self._reader:
            self._reader.close()

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        future = self._thread.submit(work, *args, **kwargs)
        return await asyncio.shield(asyncio.wrap_future(future))


def _compare_points(
    source: HistorySource, application: str, left: int, right: int
) -> RowComparison:
    states = [state_of(source, application, at) for at in (left, right)]
    if all(one.route is None for one in states) or SetupState() in states:
        raise NotInHistory(
            "The setup at one of these times is not known: it was recorded only later."
        )
    return compare(states[0], states[1], same=True)


def find_stored_application(path: Path, wanted: str, connection: str = "") -> StoredApplication:
    """Return the application with this code, ID or name that was listed last on a connection.

    Without a `connection` on any. Raises NotInHistory, and ArchiveError.
    """
    return find_recorded(DiskHistory(path, connection), wanted)


def find_recorded(source: HistorySource, wanted: str) -> StoredApplication:
    """Return the application with this code, ID or name that was listed last.

    Raises NotInHistory, and ArchiveError.
    """
    name = wanted.strip().casefold()
    exact: list[StoredApplication] = []
    named: list[StoredApplication] = []
    for place, content in source.current_applications() if source.exists else ():
        found = StoredApplication(place, read_application(stored_application(content) or {}))
        if wanted in {found.application.code, found.application.id}:
            exact.append(found)
        elif found.application.name.casefold() == name:
            named.append(found)
    return _only(exact or named, wanted)


def state_at(path: Path, connection: str, application: str, at: int | None = None) -> SetupState:
    """Return the state of an application on this disk; see `state_of`."""
    return state_of(DiskHistory(path, connection), application, at)


def state_of(source: HistorySource, application: str, at: int | None = None) -> SetupState:
    """Return the state of an application at a time, or the current one. Raises ArchiveError.

    What was not recorded by then is None.
    """
    points = [source.point_at(application, part, at) for part in SetupPart]
    own, route = points
    return SetupState(
        stored_application(own.content or b"{}") if own else None,
        stored_route(route.content) if route else None,
    )


def _only(found: Sequence[StoredApplication], wanted: str) -> StoredApplication:
    if not found:
        raise NotInHistory(
            f"The archive knows no application with the code, ID or name {wanted}. The history of"
            " an account begins when the window lists its applications."
        )
    places: set[Any] = {(one.connection, one.application.code) for one in found}
    if len({code for _, code in places}) > 1:
        codes = ", ".join(sorted(mask_code(one.application.code) for one in found))
        raise NotInHistory(
            f"Several applications are called {wanted}: name one by its code ({codes}), and its"
            " account with --connection."
        )
    if len(places) > 1:
        raise NotInHistory(
            f"{wanted} is known on {len(places)} connections: name one with --connection."
        )
    return found[0]
