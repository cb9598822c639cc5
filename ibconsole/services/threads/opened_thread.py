"""A thread as the window awaits it: found on a thread of its own, with readers of its own."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from ibconsole.archive import Filter
from ibconsole.archive.ledger import LedgerReader
from ibconsole.errors import UserError
from ibconsole.services.messages import FullReader, ReaderThread, RecordFinder
from ibconsole.services.protection import PolicyInForce, find_policy
from ibconsole.services.team.reading import is_team_id, team_id
from ibconsole.services.threads.arranging import FollowedThread
from ibconsole.services.threads.finding import MOST, ThreadFinder
from ibconsole.services.threads.subjects import ThreadSubject
from ibconsole.team_archive import TeamReader


class OpenedThread:
    """One thread of a record; belongs to one loop, and is closed when it is not shown any more.

    With `is_shared` the record is a team's: ids are those that the window uses for it.
    """

    def __init__(
        self,
        opener: Callable[[], FullReader],
        archive: Path,
        subject: ThreadSubject,
        policy: Callable[[], PolicyInForce],
        *,
        is_shared: bool,
        most: int = MOST,
    ) -> None:
        self.subject = subject
        self.is_shared = is_shared
        self._archive = archive
        self._policy = policy
        self._most = most
        self._cancelled = threading.Event()
        self._thread = ReaderThread(opener, "thread")
        self._finder: ThreadFinder | None = None
        self._ledger: LedgerReader | None = None
        self._has_begun = False

    async def parts(self) -> AsyncIterator[FollowedThread]:
        """Yield the thread as it grows; the last one says that it is complete.

        Raises ArchiveError, and JobCancelled once it is closed.
        """
        self._has_begun = True
        found = await self._thread.run(self._start)
        while thread := await self._thread.run(lambda _: next(found, None)):
            yield self._shown(thread)

    async def newer(self) -> FollowedThread | None:
        """Return the thread with what was stored since; None if that is nothing."""
        finder = self._finder
        if finder is None or self._cancelled.is_set():
            return None
        thread = await self._thread.run(lambda _: finder.newer())
        return self._shown(thread) if thread else None

    def give_up(self) -> None:
        """End the search, also one in progress."""
        self._cancelled.set()

    async def close(self) -> None:
        """End the search, and close the readers; that of a team without waiting for it."""
        self.give_up()
        if not self._has_begun:
            return
        self._has_begun = False
        if self.is_shared:
            self._thread.abandon(_abort)
        else:
            with suppress(UserError):  # the archive could not be opened
                await self._thread.run(lambda _: None)
                await self._thread.close()
        if self._ledger:
            self._ledger.close()
            self._ledger = None

    def _start(self, reader: FullReader) -> Iterator[FollowedThread]:
        self._ledger = LedgerReader(self._archive)
        self._finder = ThreadFinder(
            reader,
            self.subject,
            ledger=self._ledger,
            codes=self._policy().codes,
            most=self._most,
            cancelled=self._cancelled.is_set,
        )
        return self._finder.parts()

    def _shown(self, thread: FollowedThread) -> FollowedThread:
        if not self.is_shared:
            return thread
        entries = tuple(
            replace(
                one,
                message=replace(
                    one.message, id=team_id(one.id), delivery=team_id(one.message.delivery)
                ),
            )
            for one in thread.entries
        )
        silences = tuple(
            one if one.before is None else replace(one, before=team_id(one.before))
            for one in thread.silences
        )
        return replace(thread, entries=entries, silences=silences)


def _abort(reader: FullReader) -> None:
    """Break a connection to a team's archive: what waits for it fails at once."""
    if isinstance(reader, TeamReader):
        reader.abort()


class ThreadSource:
    """Opens threads. `find` knows the record of some messages."""

    def __init__(
        self,
        find: RecordFinder,
        archive: Path,
        policy: Callable[[], PolicyInForce] = find_policy,
    ) -> None:
        self._find = find
        self._archive = archive
        self._policy = policy

    def open(self, subject: ThreadSubject, near: int, *, most: int = MOST) -> OpenedThread:
        """Open a thread in the record of the message with the id `near`. Raises TeamUnavailable."""
        opener, _ = self._find(Filter(ids=(near,)))
        is_shared = is_team_id(near)
        return OpenedThread(
            opener, self._archive, subject, self._policy, is_shared=is_shared, most=most
        )
