"""Recording of an account's setup in the archive: what was read, and what is there before a change.

Reads are gathered in memory and stored together on a thread. They do not wait for that, and do not
fail if it fails. The state before a change is on the disk before the change
is sent.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import msgspec

from ibconsole.api import current_act
from ibconsole.clock import TimeSpan
from ibconsole.lazy import LazyModule
from ibconsole.model import Action, Application, Configuration, encode_sorted
from ibconsole.tasks import Tasks

if TYPE_CHECKING:
    from ibconsole import archive
    from ibconsole.archive import history
    from ibconsole.services import setup
else:  # a command that only reads does not load them
    archive = LazyModule("ibconsole.archive")
    history = LazyModule("ibconsole.archive.history")
    setup = LazyModule("ibconsole.services.setup")

T = TypeVar("T")
log = logging.getLogger(__name__)

_TASK = "setup history"
_DELAY = 0.5  # seconds in which reads that come together are gathered
_MOST_WAITING = 5_000  # routes; further ones are left out until the disk has taken these
_MOST_PARTIAL = 500  # applications whose configurations or actions were read last
# Seconds for which a route that was read in an act stands for the state before its next change.
_FRESH = 2.0
_APART = 5_000  # ms between the readings of the parts of one route


class _WaitingRoute(msgspec.Struct, frozen=True):
    code: str
    route: "setup.InboundRoute"
    span: TimeSpan


class _Part(msgspec.Struct, Generic[T], frozen=True):
    """A list that was read: in which act of the user, and when by the monotonic clock, too."""

    items: Sequence[T]
    span: TimeSpan
    act: str
    at: float


class _Partial:
    """The parts of an application's route, as they were read last."""

    def __init__(self) -> None:
        self.configurations: _Part[Configuration] | None = None
        self.actions: dict[str, _Part[Action]] = {}

    def parts(self) -> "list[_Part[Any]] | None":
        """Return the configurations, and the actions of each; None if some were not read."""
        if not self.configurations:
            return None
        found = [self.actions.get(one.key) for one in self.configurations.items]
        actions = [part for part in found if part]
        return [self.configurations, *actions] if len(actions) == len(found) else None

    def route(self) -> "tuple[setup.InboundRoute, TimeSpan] | None":
        """Return the route if all of its parts were read at about the same time."""
        parts = self.parts()
        if not parts:
            return None
        ends = [one.span.ended for one in parts]
        if max(ends) - min(ends) > _APART:
            return None
        states = [
            setup.ConfigurationState(one.key, tuple(part.items), one.raw)
            for one, part in zip(parts[0].items, parts[1:], strict=True)
        ]
        began = min(one.span.began for one in parts)
        return setup.InboundRoute(tuple(states)), TimeSpan(began, max(ends))


class SetupRecorder:
    """Records the setup of one connection in an archive, within its `async with` block.

    Without `records_reads` only the states around changes are recorded. `on_problem` is called with
    a sentence when reads cannot be stored, and with an empty one once they can again.
    """

    def __init__(
        self,
        path: Path,
        connection: str,
        on_problem: Callable[[str], object] = lambda _: None,
        *,
        records_reads: bool = True,
        delay: float = _DELAY,
    ) -> None:
        self._path = path
        self._connection = connection
        self._tasks = Tasks(_report)
        self._on_problem = on_problem
        self._records_reads = records_reads
        self._delay = delay
        self._problem = ""
        self._closing = asyncio.Event()
        self._applications: tuple[Sequence[Application], TimeSpan] | None = None
        self._routes: list[_WaitingRoute] = []
        self._partial: OrderedDict[str, _Partial] = OrderedDict()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Store what waits."""
        self._closing.set()
        await self._tasks.settled()

    @property
    def is_storing(self) -> bool:
        """True while something that was read is not stored yet."""
        return self._tasks.running(_TASK)

    def see_applications(self, applications: Sequence[Application], span: TimeSpan) -> None:
        """Record the list of all applications; a later list replaces one that still waits."""
        if self._records_reads:
            self._applications = applications, span
            self._start()

    def see_configurations(
        self, code: str, configurations: Sequence[Configuration], span: TimeSpan
    ) -> None:
        """Record the configurations of an application, once their actions are known as well."""
        self._partial_of(code).configurations = _part(configurations, span)
        self._see_route(code)

    def see_actions(self, code: str, key: str, actions: Sequence[Action], span: TimeSpan) -> None:
        """Record the actions of a configuration, once the route is known completely."""
        self._partial_of(code).actions[key] = _part(actions, span)
        self._see_route(code)

    def fresh_route(self, code: str) -> "tuple[setup.InboundRoute, TimeSpan] | None":
        """Return the route if it was read completely just now, in the current act of the user."""
        partial, act = self._partial.get(code), current_act.get()
        parts = partial.parts() if partial and act else None
        if not partial or not parts:
            return None
        since = time.monotonic() - _FRESH
        return partial.route() if all(one.act == act and one.at > since for one in parts) else None

    def forget_route(self, code: str) -> None:
        """Forget what was read of an application, because it changes now."""
        self._partial.pop(code, None)

    async def store_route(self, code: str, route: "setup.InboundRoute", span: TimeSpan) -> None:
        """Store a route; it is on the disk when this returns. Raises ArchiveError."""
        await asyncio.to_thread(self._store, None, [_WaitingRoute(code, route, span)])

    def _partial_of(self, code: str) -> _Partial:
        self._partial.setdefault(code, _Partial())
        self._partial.move_to_end(code)
        if len(self._partial) > _MOST_PARTIAL:
            self._partial.popitem(last=False)
        return self._partial[code]

    def _see_route(self, code: str) -> None:
        if not self._records_reads:
            return
        found = self._partial[code].route()
        if found and len(self._routes) < _MOST_WAITING:
            self._routes.append(_WaitingRoute(code, *found))
            self._start()

    def _start(self) -> None:
        if not self.is_storing:
            self._tasks.start(_TASK, self._run)

    async def _run(self) -> None:
        while self._applications or self._routes:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._delay):
                    await self._closing.wait()
            applications, self._applications = self._applications, None
            routes, self._routes = self._routes, []
            try:
                await asyncio.to_thread(self._store, applications, routes)
            except archive.ArchiveError as error:
                self._show(f"The setup that was read is not recorded in its history. {error}")
            else:
                self._show("")

    def _show(self, problem: str) -> None:
        if problem == self._problem:
            return
        if problem and not self._problem:
            log.warning(problem)
        self._problem = problem
        self._on_problem(problem)

    def _store(
        self,
        applications: tuple[Sequence[Application], TimeSpan] | None,
        routes: Sequence[_WaitingRoute],
    ) -> None:
        if applications:
            listed, span = applications
            contents = application_contents(listed)
            history.store_applications(self._path, self._connection, contents, span)
        if routes:
            history.store_routes(self._path, self._connection, [_seen(one) for one in routes])


def without_counts(application: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an application's object without what changes by itself: the count of registrations.

    Further counts, which the platform may add at any time, are left out as well.
    """
    return {name: value for name, value in application.items() if not name.endswith("Count")}


def application_contents(applications: Sequence[Application]) -> Mapping[str, bytes]:
    """Return applications as they are stored, by code: canonical, and without what is volatile.

    An application without a code is left out. Of several with one code, which do not exist as far
    as is known, one is chosen that does not depend on their order.
    """
    found: dict[str, bytes] = {}
    for one in applications:
        if one.code:
            content = encode_sorted(without_counts(one.raw))
            found[one.code] = min(found.get(one.code, content), content)
    return found


def _part(items: Sequence[T], span: TimeSpan) -> _Part[T]:
    return _Part(items, span, current_act.get(), time.monotonic())


def _report(name: str, error: BaseException) -> None:
    log.error("The background task %r failed.", name, exc_info=error)


def _seen(waiting: _WaitingRoute) -> "history.SeenRoute":
    return history.SeenRoute(waiting.code, setup.route_bytes(waiting.route), waiting.span)
