"""Reading the archive for the window: searches elsewhere, single pages at once.

Two read-only connections. Searches and bodies go through one in a thread of its own; a page
of rows by primary key is read on the caller's thread through the other, because it takes
less time than asking somebody.
"""

import asyncio
from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, Self, TypeVar

from ibconsole.archive import (
    Counts,
    Delivery,
    Filter,
    Reader,
    Row,
    StoredMessage,
)
from ibconsole.services.forward_testing import ForwardTest, from_record

P = ParamSpec("P")
T = TypeVar("T")


class Browsing:
    """The archive as the window sees it. Belongs to one thread, its methods included."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pages = Reader(path)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="browsing")
        self._searches: Reader | None = None

    async def __aenter__(self) -> Self:
        self._searches = await self._run(Reader, self._path)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._searches:
            await self._run(self._searches.close)
        self._thread.shutdown()
        self._pages.close()

    async def find(self, filter: Filter, after: int = 0) -> "array[int]":  # noqa: A002 the field's word
        """Ids of the messages that match and are newer than `after`, oldest first."""
        return await self._run(self._reader.find, filter, after=after)

    async def find_deliveries(self, via: str, after: int = 0) -> "array[int]":
        """Ids of the pulls or forwards newer than `after`, oldest first."""
        return await self._run(self._reader.find_deliveries, via, after=after)

    async def has_pulled(self, connection: str) -> bool:
        """Whether anything was ever pulled on this connection, as far as is known here."""
        return await self._run(self._reader.has_pulled, connection)

    async def message(self, message: int) -> StoredMessage | None:
        """One message, whole; None if there is no such id."""
        return await self._run(self._reader.message, message)

    async def delivery(self, delivery: int) -> Delivery | None:
        """One pull or forward without its bytes; None if there is no such id."""
        return await self._run(self._reader.delivery, delivery)

    async def body(self, delivery: int) -> bytes:
        """The body of a pull's answer or a forward as received."""
        return await self._run(self._reader.delivery_body, delivery)

    async def raw(self, delivery: int) -> bytes:
        """A forwarded request as received, head and all; empty for a pull."""
        return await self._run(self._reader.delivery_raw, delivery)

    async def forward_test_list(self, most: int) -> Sequence[ForwardTest]:
        """The latest tests of forward URLs, at most so many, the newest first."""
        return await self._run(self._tests, most)

    async def counts(self) -> Counts:
        """How much there is."""
        return await self._run(self._reader.counts)

    def rows(self, ids: Sequence[int]) -> list[Row]:
        """A page of messages by id, in that order."""
        return self._pages.rows(ids)

    def deliveries(self, ids: Sequence[int]) -> list[Delivery]:
        """A page of pulls or forwards by id, in that order."""
        return self._pages.deliveries(ids)

    def version(self) -> int:
        """A number that changes whenever anybody, in any process, has committed."""
        return self._pages.version()

    def _tests(self, most: int) -> Sequence[ForwardTest]:
        return [from_record(record) for record in self._reader.forward_tests(most)]

    @property
    def _reader(self) -> Reader:
        assert self._searches is not None, "used outside its `async with` block"  # noqa: S101
        return self._searches

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.wrap_future(self._thread.submit(work, *args, **kwargs))
