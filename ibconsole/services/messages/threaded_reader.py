"""Reading one record of messages on threads of its own: this disk's archive, or a team's.

Searches have a reader in a separate thread; single messages, pages and bodies have another, so
that a click does not wait for a search. Where the record is, and what a reader connects to, only
its opener knows.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, Self, TypeVar

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
from ibconsole.lazy import LazyModule
from ibconsole.model import GivenAnswer
from ibconsole.services.messages.jobs import run_in_worker
from ibconsole.services.messages.message_reader import MessageReader
from ibconsole.services.protection import PolicyInForce, ShownCodes, find_policy

if TYPE_CHECKING:
    from ibconsole.services import list_display, request_log
    from ibconsole.services.messages import saving
else:  # imported on the threads that use them
    list_display = LazyModule("ibconsole.services.list_display")
    request_log = LazyModule("ibconsole.services.request_log")
    saving = LazyModule("ibconsole.services.messages.saving")


T = TypeVar("T")
R = TypeVar("R", bound=MessageReader)
Row = TypeVar("Row", bound=MessageRow)


class ThreadedReader(Generic[R]):
    """A record as presenters await it; belongs to one loop.

    Where the policy masks application codes, nothing that is read contains one, except the field
    by which a message's application is known. Every method may raise ArchiveError.
    """

    def __init__(
        self,
        opener: Callable[[], R],
        policy: Callable[[], PolicyInForce] = find_policy,
        *,
        idle: float | None = None,
    ) -> None:
        self.opener = opener
        self._policy = policy
        self._searches = ReaderThread(opener, "search", idle=idle)
        self._details = ReaderThread(opener, "details", idle=idle)
        self._extras = self._details

    async def __aenter__(self) -> Self:
        await self._searches.open()
        await self._details.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._searches.close()
        await self._details.close()

    async def search(
        self,
        criteria: Filter,
        *,
        order: Order = Order.ARRIVAL,
        after: int = 0,
        limit: int | None = None,
    ) -> Listing:
        """Find the messages that match and are newer than `after`, the `newest` of a listing.

        They are the oldest first, and at most the last `limit` of them. Cancelling interrupts the
        search itself, so that the next one does not wait for it.
        """
        cancelled = threading.Event()
        try:
            return await self._searches.run(
                lambda reader: reader.search(
                    criteria, order=order, after=after, limit=limit, cancelled=cancelled.is_set
                )
            )
        finally:
            cancelled.set()

    async def search_older(
        self, criteria: Filter, before: Place, *, order: Order, newest: int
    ) -> Listing:
        """Find matches next to a place in this order; see `Reader.search_older`.

        Cancelling interrupts it as it does `search`.
        """
        cancelled = threading.Event()
        try:
            return await self._searches.run(
                lambda reader: reader.search_older(
                    criteria, before, order=order, newest=newest, cancelled=cancelled.is_set
                )
            )
        finally:
            cancelled.set()

    async def fetch_rows(self, ids: Sequence[int]) -> list[MessageRow]:
        """Return a page of messages by their ids, in the order of the ids."""
        return await self._fetch_rows(self._details, ids)

    async def message(self, message: int) -> StoredMessage | None:
        """Return the message with this id; None if there is none."""
        found = await self._details.run(lambda reader: reader.message(message))
        return with_shown_codes(found, self._policy().codes) if found else None

    async def messages(self, ids: Sequence[int]) -> Sequence[StoredMessage]:
        """Return these messages in the order of `ids`; missing ones are left out."""
        codes = self._policy().codes
        found = await self._details.run(lambda reader: _read_messages(reader, ids))
        return [with_shown_codes(one, codes) for one in found] if codes.masked else found

    async def extras(
        self, ids: Sequence[int], request: "list_display.DisplayRequest"
    ) -> "Sequence[list_display.RowExtras]":
        """Return the extras of these rows in the order of `ids`, without those that are missing.

        Cancelling ends the work after the message that is being read.
        """
        cancelled, codes = threading.Event(), self._policy().codes

        def read(reader: R) -> "Sequence[list_display.RowExtras]":
            if cancelled.is_set():
                return ()
            messages = reader.messages(Filter(ids=tuple(ids))) if ids else ()
            found = list_display.extras_of(messages, request, codes, cancelled.is_set)
            by_id = {one.id: one for one in found}
            return [by_id[one] for one in ids if one in by_id]

        try:
            return await self._extras.run(read)
        finally:
            cancelled.set()

    async def delivery(self, delivery: int) -> Delivery | None:
        """Return the pull or forward with this id, without its bytes; None if there is none."""
        found = await self._details.run(lambda reader: reader.delivery(delivery))
        return delivery_with_shown_codes(found, self._policy().codes) if found else None

    async def slice(self, delivery: int, start: int, size: int, *, raw: bool = False) -> Slice:
        """Return bytes of a body or of a raw request as received; see `Reader.slice`.

        Masked codes in them are as long as the codes are, so that offsets stay.
        """
        masked = self._policy().codes.masked

        def read(reader: R) -> Slice:
            if masked:
                return _read_covered(reader, delivery, start, size, raw=raw)
            return reader.slice(delivery, start, size, raw=raw)

        return await self._details.run(read)

    async def trailing_bytes(self, delivery: int) -> bytes:
        """Return the bytes of a cut body after its last whole message."""
        found = await self._details.run(lambda reader: reader.trailing_bytes(delivery))
        return self._policy().codes.body(found)

    async def find_message(self, message_id: str, application: str) -> int | None:
        """Return the id of an application's first message with this messageId; None if none."""
        return await self._details.run(lambda reader: reader.find_message(message_id, application))

    async def save_body(
        self, delivery: int, target: Path, on_progress: ProgressCallback, *, raw: bool = False
    ) -> int:
        """Write a body or a raw request to a file; return its size in bytes.

        Replaces an existing file. The file appears only when it is complete. Raises
        ExportFailed, and NotPermitted where the policy masks codes.
        """
        policy = self._policy()
        return await run_in_worker(
            lambda report: saving.save_body(
                self.opener, delivery, target, report, raw=raw, policy=policy
            ),
            on_progress,
        )

    async def _fetch_rows(self, thread: "ReaderThread[R]", ids: Sequence[int]) -> list[MessageRow]:
        codes = self._policy().codes
        found = await thread.run(lambda reader: reader.rows(ids))
        return [with_shown_codes(one, codes) for one in found] if codes.masked else found


class ReaderThread(Generic[R]):
    """A reader in a thread of its own, which is opened there when it is used first.

    The thread does not keep the program from ending: what it waits for may never answer. A reader
    that was `idle` for some seconds is closed, until it is used again.
    """

    def __init__(self, opener: Callable[[], R], name: str, *, idle: float | None = None) -> None:
        self._opener = opener
        self._idle = idle
        self._calls: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._reader: R | None = None

    async def open(self) -> None:
        """Open the reader now."""
        await self.run(lambda _: None)

    async def close(self) -> None:
        """Close the reader, and wait for the end of its thread."""
        if self._thread.is_alive():
            await self.run(lambda _: self._close())
            self._calls.put(None)
            self._thread.join()

    def abandon(self, abort: Callable[[R], object]) -> None:
        """Close the reader without waiting for it; `abort` ends what it is waiting for."""
        self._calls.put(self._close)
        self._calls.put(None)
        if reader := self._reader:
            abort(reader)

    async def run(self, work: Callable[[R], T]) -> T:
        """Do some work with the reader, after that which was asked for before."""
        if not self._thread.is_alive():
            self._thread.start()
        future: Future[T] = Future()

        def call() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work(self._opened()))
            except BaseException as error:  # noqa: BLE001 raised where the work is awaited
                future.set_exception(error)

        self._calls.put(call)
        return await asyncio.wrap_future(future)

    def _serve(self) -> None:
        while True:
            try:
                call = self._calls.get(timeout=self._idle)
            except Empty:
                self._close()
                continue
            if call is None:
                return
            call()

    def _opened(self) -> R:
        if self._reader is None:
            self._reader = self._opener()
        return self._reader

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def _read_messages(reader: MessageReader, ids: Sequence[int]) -> Sequence[StoredMessage]:
    found = {one.id: one for one in reader.messages(Filter(ids=tuple(ids)))} if ids else {}
    return [found[one] for one in ids if one in found]


def _read_covered(
    reader: MessageReader, delivery: int, start: int, size: int, *, raw: bool = False
) -> Slice:
    first = max(start - request_log.MARGIN, 0)
    found = reader.slice(delivery, first, start - first + size + request_log.MARGIN, raw=raw)
    begin = min(start - first, len(found.data))
    data = request_log.cover_body_codes(found.data, begin, begin + size)
    return Slice(data, start, found.total)


def with_shown_codes(row: Row, codes: ShownCodes) -> Row:
    """Return a message whose texts and body have the codes that may be shown."""
    if not codes.masked:
        return row
    code = row.application_code
    texts = {name: codes.text(getattr(row, name), code) for name in ("sender", "keyword", "text")}
    if isinstance(row, StoredMessage):
        return replace(row, **texts, body=codes.body(row.body, code))
    return replace(row, **texts)


def delivery_with_shown_codes(delivery: Delivery, codes: ShownCodes) -> Delivery:
    """Return a delivery whose texts have the codes that may be shown."""
    if not codes.masked:
        return delivery
    return replace(
        delivery,
        target=_shown_target(delivery.target, codes),
        headers=tuple((name, _shown_target(value, codes)) for name, value in delivery.headers),
        problem=codes.text(delivery.problem),
        answer=_answer_with_shown_codes(delivery.answer, codes) if delivery.answer else None,
    )


def _answer_with_shown_codes(answer: GivenAnswer, codes: ShownCodes) -> GivenAnswer:
    planned = answer.planned
    headers = tuple((name, codes.text(value)) for name, value in planned.headers)
    return replace(answer, planned=replace(planned, headers=headers, body=codes.body(planned.body)))


def _shown_target(text: str, codes: ShownCodes) -> str:
    """Return a target or the value of a header; a query may name a code."""
    return codes.body(text.encode(errors="surrogateescape")).decode(errors="surrogateescape")
