"""Reading the record of the open connection: its team's while that is there, else this disk's.

A team's archive is read on threads of its own, and every wait for it ends after a bounded time:
then this disk's archive is shown, until the team's is there again. An id tells its record, so that
what was selected or opened in one is never looked for in the other.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from msgspec.structs import replace

from ibconsole.archive import (
    Delivery,
    Filter,
    Listing,
    MessageRow,
    Order,
    Place,
    ProgressCallback,
    Slice,
    StoredMessage,
)
from ibconsole.clock import now_ms
from ibconsole.lazy import LazyModule
from ibconsole.services.connections import TeamAccess
from ibconsole.services.messages import AsyncReader, FullReader, ThreadedReader
from ibconsole.services.protection import PolicyInForce, find_policy
from ibconsole.services.team.reading.record_source import (
    RecordSource,
    RecordState,
    is_team_id,
    number_of,
)
from ibconsole.tasks import Tasks
from ibconsole.team_archive import TeamAddress, TeamArchiveError, TeamUnavailable

if TYPE_CHECKING:
    from ibconsole.services import forward_test, list_display
    from ibconsole.services.setup.history import HistorySource
    from ibconsole.services.team.reading import team_record
    from ibconsole.team_archive import reading
else:  # imported with the first team
    reading = LazyModule("ibconsole.team_archive.reading")
    team_record = LazyModule("ibconsole.services.team.reading.team_record")

_DEADLINE = 8.0  # seconds that one answer of the database may take
_PATIENCE = 1.0  # seconds before this disk's archive is shown in place of one that is connecting
_IDLE = 20.0  # seconds after which a connection that is not used is closed
_PULSE = 2.0  # seconds between two checks that the database still answers

T = TypeVar("T")


class RecordReader:
    """The record as presenters await it; belongs to one loop.

    `on_change` is called on that loop with what is shown from then on, and whenever the team's
    record grew. Every method may raise ArchiveError.
    """

    def __init__(
        self,
        disk: AsyncReader,
        policy: Callable[[], PolicyInForce] = find_policy,
        *,
        deadline: float = _DEADLINE,
        patience: float = _PATIENCE,
        pulse: float = _PULSE,
    ) -> None:
        self._disk = disk
        self._policy = policy
        self._deadline = deadline
        self._patience = patience
        self._pulse = pulse
        self._used: tuple[TeamAccess | None, str] = (None, "")
        self._team: _Team | None = None
        self._tasks = Tasks(_raise)
        self.on_change: Callable[[RecordSource], object] = lambda _: None
        self.source = RecordSource()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._leave()
        await self._tasks.close()

    def use(self, access: TeamAccess | None, connection: str = "") -> None:
        """Show the record of this team, or with None this disk's; the same again changes nothing.

        `connection` is the UUID of the connection that names the team.
        """
        if self._used == (access, connection):
            return
        self._leave()
        self._used = (access, connection)
        if access is None:
            self._show(RecordSource())
        elif access.problem:
            self._show_away(access.address, access.problem)
        else:
            self._show(RecordSource(RecordState.CONNECTING, access.address))
            self._enter(access, connection)

    def rows(self, ids: Sequence[int]) -> list[MessageRow] | None:
        """Return a page of messages of this disk; None for a team's, which `fetch_rows` returns."""
        return None if ids and is_team_id(ids[0]) else self._disk.rows(ids)

    async def fetch_rows(self, ids: Sequence[int]) -> list[MessageRow]:
        """Return a page of messages by their ids, in the order of the ids."""
        return await self._ask(ids, lambda reader: reader.fetch_rows(ids))

    async def search(
        self,
        criteria: Filter,
        *,
        order: Order = Order.ARRIVAL,
        after: int = 0,
        limit: int | None = None,
    ) -> Listing:
        """Find the messages that match, in the record that is shown; see `ThreadedReader`."""
        return await self._ask_shown(
            lambda reader: reader.search(criteria, order=order, after=after, limit=limit)
        )

    async def search_older(
        self, criteria: Filter, before: Place, *, order: Order, newest: int
    ) -> Listing:
        """Find matches next to a place in this order; see `ThreadedReader`."""
        return await self._ask(
            [before.id],
            lambda reader: reader.search_older(criteria, before, order=order, newest=newest),
        )

    async def message(self, message: int) -> StoredMessage | None:
        """Return the message with this id; None if there is none."""
        return await self._ask([message], lambda reader: reader.message(message))

    async def messages(self, ids: Sequence[int]) -> Sequence[StoredMessage]:
        """Return these messages in the order of `ids`; missing ones are left out."""
        return await self._ask(ids, lambda reader: reader.messages(ids))

    async def extras(
        self, ids: Sequence[int], request: "list_display.DisplayRequest"
    ) -> "Sequence[list_display.RowExtras]":
        """Return the extras of these rows in the order of `ids`; see `ThreadedReader`."""
        return await self._ask(ids, lambda reader: reader.extras(ids, request))

    async def delivery(self, delivery: int) -> Delivery | None:
        """Return the pull or forward with this id, without its bytes; None if there is none."""
        return await self._ask([delivery], lambda reader: reader.delivery(delivery))

    async def slice(self, delivery: int, start: int, size: int, *, raw: bool = False) -> Slice:
        """Return bytes of a body or of a raw request as received; see `ThreadedReader`."""
        return await self._ask(
            [delivery], lambda reader: reader.slice(delivery, start, size, raw=raw)
        )

    async def trailing_bytes(self, delivery: int) -> bytes:
        """Return the bytes of a cut body after its last whole message."""
        return await self._ask([delivery], lambda reader: reader.trailing_bytes(delivery))

    async def find_message(self, message_id: str, application: str) -> int | None:
        """Return the id of an application's first message with this messageId; None if none."""
        return await self._ask_shown(lambda reader: reader.find_message(message_id, application))

    async def forward_tests(self, limit: int) -> "Sequence[forward_test.ForwardTest]":
        """Return the latest tests that this computer made, at most `limit`, newest first."""
        return await self._disk.forward_tests(limit)

    async def save_body(
        self, delivery: int, target: Path, on_progress: ProgressCallback, *, raw: bool = False
    ) -> int:
        """Write a body or a raw request to a file; see `ThreadedReader`."""
        reader = self._reader_of([delivery])
        return await reader.save_body(delivery, target, on_progress, raw=raw)

    @property
    def history_version(self) -> int:
        """A number that changes with what is written to the team's record, and with its state."""
        return self.source.mark + 1 if self.source.is_shared else 0

    def shares(self, connection: str) -> bool:
        """Return whether the team's record is shown in place of this disk's for a connection."""
        return self.source.is_shared and self._used[1] == connection

    async def ask_history(self, work: "Callable[[HistorySource], T]") -> T:
        """Do some work with the history of the team's record, on a thread of its own."""
        team = self._team
        if team is None:
            raise _not_open()
        return await self._ask_team(team, lambda _: team.ask_history(work))

    def locate(self, criteria: Filter) -> tuple[Callable[[], FullReader], Filter]:
        """Return what opens the record of these messages, and the filter with their ids there.

        Without ids, the record that is shown. Raises TeamUnavailable for a team's that is not open.
        """
        is_shared = is_team_id(criteria.ids[0]) if criteria.ids else self.source.is_shared
        if not is_shared:
            return self._disk.opener, criteria
        if self._team is None:
            raise _not_open()
        ids = tuple(map(number_of, criteria.ids))
        return self._team.open_reader, replace(criteria, ids=ids)

    async def _ask(
        self,
        ids: Sequence[int],
        ask: Callable[[ThreadedReader[Any]], Coroutine[Any, Any, T]],
    ) -> T:
        """Ask the record that has these ids."""
        if not (ids and is_team_id(ids[0])):
            return await ask(self._disk)
        if self._team is None:
            raise _not_open()
        return await self._ask_team(self._team, ask)

    async def _ask_shown(self, ask: Callable[[ThreadedReader[Any]], Coroutine[Any, Any, T]]) -> T:
        if self._team is None or not self.source.is_shared:
            return await ask(self._disk)
        return await self._ask_team(self._team, ask)

    async def _ask_team(
        self, team: "_Team", ask: Callable[[ThreadedReader[Any]], Coroutine[Any, Any, T]]
    ) -> T:
        """Ask the team's record; if it does not answer, show this disk's."""
        try:
            async with asyncio.timeout(self._deadline):
                return await ask(team)
        except TimeoutError:
            error = TeamUnavailable(
                f"The team's archive at {team.address.label} has not answered for"
                f" {self._deadline:g} s. What is on this disk is unharmed."
            )
            self._lose(team, error)
            raise error from None
        except TeamUnavailable as error:
            self._lose(team, error)
            raise

    def _reader_of(self, ids: Sequence[int]) -> ThreadedReader[Any]:
        if ids and is_team_id(ids[0]) and self._team:
            return self._team
        return self._disk

    def _enter(self, access: TeamAccess, connection: str) -> None:
        loop = asyncio.get_running_loop()
        team = _Team(access, connection, self._policy)

        def report(news: "reading.TeamNews") -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._on_news, team, news)

        self._team = team
        team.follow(report)
        self._tasks.start("connect", self._connect, team)
        self._tasks.start("patience", self._lose_patience, team)
        self._tasks.start("pulse", self._feel_pulse, team)

    def _leave(self) -> None:
        for name in ("connect", "patience", "pulse"):
            self._tasks.cancel(name)
        if self._team:
            self._team.abandon()
            self._team = None

    def _lose(self, team: "_Team", error: TeamArchiveError) -> None:
        """Show this disk's record, and connect to the team's anew: it may be back at once."""
        if team is not self._team:
            return
        self._leave()
        self._show_away(team.address, str(error))
        self._enter(*team.used)

    async def _connect(self, team: "_Team") -> None:
        """Connect for the first search while the first changes are looked for."""
        with suppress(TeamArchiveError):  # which are reported with the changes
            await team.check()

    async def _lose_patience(self, team: "_Team") -> None:
        await asyncio.sleep(self._patience)
        if self.source.state is RecordState.CONNECTING:
            self._show_away(team.address, f"{team.address.label} has not answered yet.")

    async def _feel_pulse(self, team: "_Team") -> None:
        """Notice a database that does not answer any more, although its connection stands."""
        while True:
            await asyncio.sleep(self._pulse)
            if self.source.is_shared:
                with suppress(TeamArchiveError):  # it is shown
                    await self._ask_team(team, lambda _: team.check())

    def _on_news(self, team: "_Team", news: "reading.TeamNews") -> None:
        if team is not self._team:
            return
        if news.problem:
            self._show_away(team.address, str(news.problem))
        elif news.has_new or news.mark < self.source.mark or not self.source.is_shared:
            revisions = self.source.revisions + news.has_revised
            self._show(RecordSource(RecordState.TEAM, team.address, news.mark, revisions))

    def _show_away(self, address: TeamAddress, problem: str) -> None:
        is_away = self.source.state is RecordState.AWAY and self.source.address == address
        since = self.source.since if is_away else now_ms()
        self._show(RecordSource(RecordState.AWAY, address, since=since, problem=problem))

    def _show(self, source: RecordSource) -> None:
        if source != self.source:
            self.source = source
            self.on_change(source)


class _Team(ThreadedReader["team_record.TeamRecord"]):
    """The open archive of a team: its readers, and the thread that follows its changes.

    Of its connections only that for searches stays open, because a server has few; rows and
    their extras come over it as well.
    """

    def __init__(
        self, access: TeamAccess, connection: str, policy: Callable[[], PolicyInForce]
    ) -> None:
        super().__init__(lambda: team_record.TeamRecord(self.open_reader()), policy, idle=_IDLE)
        self._extras = self._searches
        self.used = (access, connection)
        self.address = access.address
        self._changes: reading.TeamChanges | None = None

    def open_reader(self) -> "reading.TeamReader":
        """Return a reader with a connection of its own."""
        access, connection = self.used
        return reading.TeamReader(access.address, access.password, connection=connection or None)

    def follow(self, report: "Callable[[reading.TeamNews], None]") -> None:
        """Begin to report changes, from a thread of their own."""
        access, _ = self.used
        self._changes = reading.TeamChanges(access.address, access.password, report)
        self._changes.start()

    async def fetch_rows(self, ids: Sequence[int]) -> list[MessageRow]:
        """Return a page of messages, between the parts of a search."""
        return await self._fetch_rows(self._searches, ids)

    async def check(self) -> None:
        """Wait for any answer of the database."""
        await self._searches.run(lambda reader: reader.mark())

    async def ask_history(self, work: "Callable[[HistorySource], T]") -> T:
        """Do some work with the history."""
        return await self._details.run(lambda record: work(record.reader.history))

    def abandon(self) -> None:
        """Close everything without waiting for the database."""
        self._searches.abandon(lambda reader: reader.abort())
        self._details.abandon(lambda reader: reader.abort())
        if self._changes:
            self._changes.abandon()


def _not_open() -> TeamUnavailable:
    return TeamUnavailable(
        "This message is in a team's archive that is not open now. It is unharmed."
    )


def _raise(_: str, error: BaseException) -> None:
    raise error  # to the loop's handler, which reports it
