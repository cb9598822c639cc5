"""Reading the archive for the window: searches elsewhere, single pages at once.

Three read-only connections. Searches go through one in a thread of its own, single messages
and bodies through another, so that a click need not wait for a search. A page of rows by
primary key is read on the caller's thread, because it takes less time than asking somebody.
"""

import asyncio
import threading
from array import array
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

from ibconsole.archive import (
    Archive,
    ArchiveCounts,
    Delivery,
    Filter,
    Listing,
    MessageRow,
    Order,
    Progress,
    Reader,
    RecoveryResult,
    Slice,
    StoredMessage,
    Via,
)
from ibconsole.errors import UserError
from ibconsole.services.forward_test import ForwardTest, from_record
from ibconsole.services.messages.export import save_body
from ibconsole.services.messages.jobs import run_in_worker
from ibconsole.services.runtime import find_paths


class NoSuchMessage(UserError):
    """There is no message of that id."""


@contextmanager
def open_reader(data_dir: Path | None, tell: Callable[[str], None]) -> Iterator[Reader]:
    """A reader on the data directory's archive, which is made or mended first if need be.

    `tell` is called with a sentence if there was something to mend.
    """
    path = find_paths(data_dir).archive
    with Archive(path) as archive:
        if sentence := recovery_told(archive.recover()):
            tell(sentence)
    with Reader(path) as reader:
        yield reader


def recovery_told(recovery: RecoveryResult) -> str:
    """One sentence about what a crash had left; empty if nothing was."""
    if not recovery.interrupted and not recovery.messages:
        return ""
    began = "Something was not decoded yet when the program last ended"
    if recovery.interrupted:
        began = _interruption(recovery.interrupted)
    messages = recovery.messages
    found = f"{messages} message{' was' if messages == 1 else 's were'} recovered"
    return f"{began}; {found} from the bytes on disk."


def _interruption(pulls: Sequence[Delivery]) -> str:
    last = datetime.fromtimestamp(pulls[-1].began_at / 1000).astimezone()
    when = last.strftime("%Y-%m-%d %H:%M:%S %Z").rstrip()
    if len(pulls) == 1:
        return f"1 pull was interrupted at {when}"
    return f"{len(pulls)} pulls were interrupted, the last one at {when}"


P = ParamSpec("P")
T = TypeVar("T")


class AsyncReader:
    """The archive as the window sees it. Belongs to one thread, its methods included."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pages = Reader(path)
        self._searches = _ReaderThread(path, "searching")
        self._details = _ReaderThread(path, "browsing")

    async def __aenter__(self) -> Self:
        await self._searches.open()
        await self._details.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._searches.close()
        await self._details.close()
        self._pages.close()

    async def search(
        self,
        wanted: Filter,
        *,
        order: Order = Order.ARRIVAL,
        after: int = 0,
        most: int | None = None,
    ) -> Listing:
        """The messages that fit and are newer than `after`, in this order, the oldest first.

        At most the last so many. Cancelling gives up the search itself: the next one need not
        wait for it.
        """
        given_up = threading.Event()
        try:
            return await self._searches.run(
                Reader.search,
                wanted,
                order=order,
                after=after,
                limit=most,
                cancelled=given_up.is_set,
            )
        finally:
            given_up.set()

    async def find_deliveries(self, via: Via, after: int = 0) -> "array[int]":
        """Ids of the pulls or forwards newer than `after`, oldest first."""
        return await self._details.run(Reader.find_deliveries, via, after=after)

    async def has_pulled(self, connection: str) -> bool:
        """Whether anything was ever pulled on this connection, as far as is known here."""
        return await self._details.run(Reader.has_pulled, connection)

    async def message(self, message: int) -> StoredMessage | None:
        """One message, whole; None if there is no such id."""
        return await self._details.run(Reader.message, message)

    async def delivery(self, delivery: int) -> Delivery | None:
        """One pull or forward without its bytes; None if there is no such id."""
        return await self._details.run(Reader.delivery, delivery)

    async def slice(self, delivery: int, start: int, size: int, *, raw: bool = False) -> Slice:
        """Bytes of a body or of a raw request as received; see `Reader.slice`."""
        return await self._details.run(Reader.slice, delivery, start, size, raw=raw)

    async def rest(self, delivery: int) -> bytes:
        """What stands in a cut body behind its last whole message."""
        return await self._details.run(Reader.trailing_bytes, delivery)

    async def named(self, message_id: str, application: str) -> int | None:
        """The first message of this name in this application; None if it is not here."""
        return await self._details.run(Reader.find_message, message_id, application)

    async def save(
        self, delivery: int, target: Path, watch: Callable[[Progress], None], *, raw: bool = False
    ) -> int:
        """Write a body or a raw request to a file, which may take another's place; its size.

        The file is there whole or not at all. Raises ExportFailed, ArchiveError.
        """
        return await run_in_worker(
            lambda watched: save_body(self._path, delivery, target, watched, raw=raw), watch
        )

    async def forward_test_list(self, most: int) -> Sequence[ForwardTest]:
        """The latest tests of forward URLs, at most so many, the newest first."""
        return await self._details.run(_tests, most)

    async def counts(self) -> ArchiveCounts:
        """How much there is."""
        return await self._details.run(Reader.counts)

    def rows(self, ids: Sequence[int]) -> list[MessageRow]:
        """A page of messages by id, in that order."""
        return self._pages.rows(ids)

    def deliveries(self, ids: Sequence[int]) -> list[Delivery]:
        """A page of pulls or forwards by id, in that order."""
        return self._pages.deliveries(ids)

    def version(self) -> int:
        """A number that changes whenever anybody, in any process, has committed."""
        return self._pages.data_version()


class _ReaderThread:
    """A reader in a thread of its own."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._opened: Reader | None = None

    async def open(self) -> None:
        self._opened = await asyncio.wrap_future(self._thread.submit(Reader, self._path))

    async def close(self) -> None:
        if self._opened:
            await self.run(Reader.close)
        self._thread.shutdown()

    async def run(
        self,
        work: Callable[Concatenate[Reader, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        assert self._opened is not None, "used outside its `async with` block"  # noqa: S101
        return await asyncio.wrap_future(self._thread.submit(work, self._opened, *args, **kwargs))


def _tests(reader: Reader, most: int) -> Sequence[ForwardTest]:
    return [from_record(record) for record in reader.forward_tests(most)]
