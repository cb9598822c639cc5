"""Reading the archive: asynchronously for the window, synchronously for the terminal.

The window uses three read-only connections. Searches have one in a separate thread; single
messages and bodies have another, so that a click does not wait for a search. A page of rows by
primary key is read on the caller's thread, which takes less time than a change of threads.
"""

import asyncio
import threading
from array import array
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Self, TypeVar

from msgspec.structs import replace

from ibconsole.api import is_shared_base_url
from ibconsole.archive import (
    ArchiveUnwritable,
    Delivery,
    DeliveryState,
    Filter,
    Listing,
    MessageRow,
    Order,
    Place,
    ProgressCallback,
    Reader,
    RecoveryResult,
    Slice,
    StoredMessage,
    Via,
)
from ibconsole.errors import UserError
from ibconsole.files import is_missing
from ibconsole.lazy import LazyModule
from ibconsole.model import GivenAnswer
from ibconsole.plural import counted
from ibconsole.services.intake import open_archive
from ibconsole.services.messages.jobs import run_in_worker
from ibconsole.services.protection import PolicyInForce, ShownCodes, find_policy
from ibconsole.services.runtime import (
    ArchiveStatus,
    ConnectionStatus,
    PullState,
    PullStatus,
    RefusalReason,
    find_paths,
)

if TYPE_CHECKING:
    from ibconsole.services import forward_test, request_log
    from ibconsole.services.messages import export
else:  # imported on the threads that use them
    forward_test = LazyModule("ibconsole.services.forward_test")
    export = LazyModule("ibconsole.services.messages.export")
    request_log = LazyModule("ibconsole.services.request_log")

_BAD_REQUEST, _UNAUTHORIZED = 400, 401
# By the status of the listener's answer.
_REFUSALS = {
    404: RefusalReason.WRONG_PATH,
    408: RefusalReason.INCOMPLETE,
    413: RefusalReason.TOO_LARGE,
    431: RefusalReason.TOO_LARGE,
    503: RefusalReason.BUSY,
}

P = ParamSpec("P")
T = TypeVar("T")
Row = TypeVar("Row", bound=MessageRow)


class NoSuchMessage(UserError):
    """The archive has no message with this id."""


class AsyncReader:
    """The archive as the window reads it; belongs to one thread.

    Where the policy masks application codes, nothing that is read contains one, except the field
    by which a message's application is known. Every method may raise ArchiveError.
    """

    def __init__(self, path: Path, policy: Callable[[], PolicyInForce] = find_policy) -> None:
        self._path = path
        self._policy = policy
        self._pages = Reader(path)
        self._searches = _ReaderThread(path, "search")
        self._details = _ReaderThread(path, "details")

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
        criteria: Filter,
        *,
        order: Order = Order.ARRIVAL,
        after: int = 0,
        limit: int | None = None,
    ) -> Listing:
        """Find the messages that match and are newer than the id `after`, oldest first.

        Returns at most the last `limit` of them. Cancelling interrupts the search itself, so
        that the next one does not wait for it.
        """
        cancelled = threading.Event()
        try:
            return await self._searches.run(
                Reader.search,
                criteria,
                order=order,
                after=after,
                limit=limit,
                cancelled=cancelled.is_set,
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
                Reader.search_older,
                criteria,
                before,
                order=order,
                newest=newest,
                cancelled=cancelled.is_set,
            )
        finally:
            cancelled.set()

    async def find_deliveries(self, via: Via, after: int = 0) -> "array[int]":
        """Return the ids of the pulls or forwards newer than the id `after`, oldest first."""
        return await self._details.run(Reader.find_deliveries, via, after=after)

    async def messages_of(self, deliveries: Sequence[int]) -> "array[int]":
        """Return the ids of the messages in these pulls or forwards; see `Reader.messages_of`."""
        return await self._details.run(Reader.messages_of, deliveries)

    async def has_pulled(self, connection: str) -> bool:
        """Return whether this archive has a pull on this connection; see `Reader.has_pulled`."""
        return await self._details.run(Reader.has_pulled, connection)

    async def message(self, message: int) -> StoredMessage | None:
        """Return the message with this id; None if there is none."""
        found = await self._details.run(Reader.message, message)
        return _with_shown_codes(found, self._policy().codes) if found else None

    async def messages(self, ids: Sequence[int]) -> Sequence[StoredMessage]:
        """Return these messages in the order of `ids`; missing ones are left out."""
        codes = self._policy().codes
        found = await self._details.run(_read_messages, ids)
        return [_with_shown_codes(one, codes) for one in found] if codes.masked else found

    async def delivery(self, delivery: int) -> Delivery | None:
        """Return the pull or forward with this id, without its bytes; None if there is none."""
        found = await self._details.run(Reader.delivery, delivery)
        return _delivery_with_shown_codes(found, self._policy().codes) if found else None

    async def slice(self, delivery: int, start: int, size: int, *, raw: bool = False) -> Slice:
        """Return bytes of a body or of a raw request as received; see `Reader.slice`.

        Masked codes in them are as long as the codes are, so that offsets stay.
        """
        read = _read_covered if self._policy().codes.masked else Reader.slice
        return await self._details.run(read, delivery, start, size, raw=raw)

    async def trailing_bytes(self, delivery: int) -> bytes:
        """Return the bytes of a cut body after its last whole message."""
        found = await self._details.run(Reader.trailing_bytes, delivery)
        return self._policy().codes.body(found)

    async def find_message(self, message_id: str, application: str) -> int | None:
        """Return the id of an application's first message with this messageId; None if none."""
        return await self._details.run(Reader.find_message, message_id, application)

    async def save_body(
        self, delivery: int, target: Path, on_progress: ProgressCallback, *, raw: bool = False
    ) -> int:
        """Write a body or a raw request to a file; return its size in bytes.

        Replaces an existing file. The file appears only when it is complete. Raises
        ExportFailed, and NotPermitted where the policy masks codes.
        """
        policy = self._policy()
        return await run_in_worker(
            lambda report: export.save_body(
                self._path, delivery, target, report, raw=raw, policy=policy
            ),
            on_progress,
        )

    async def forward_tests(self, limit: int) -> "Sequence[forward_test.ForwardTest]":
        """Return the latest tests of forward URLs, at most `limit`, newest first."""
        return await self._details.run(_read_tests, limit, self._policy().codes)

    async def status(self, connection: ConnectionStatus) -> ArchiveStatus:
        """Return the contents of the archive, and the last pull from the connection's account."""
        return await self._details.run(read_status, self._path, connection)

    def rows(self, ids: Sequence[int]) -> list[MessageRow]:
        """Return a page of messages by their ids, in the order of the ids."""
        found, codes = self._pages.rows(ids), self._policy().codes
        return [_with_shown_codes(one, codes) for one in found] if codes.masked else found

    def deliveries(self, ids: Sequence[int]) -> list[Delivery]:
        """Return a page of pulls or forwards by their ids, in the order of the ids."""
        found, codes = self._pages.deliveries(ids), self._policy().codes
        return [_delivery_with_shown_codes(one, codes) for one in found] if codes.masked else found

    def version(self) -> int:
        """Return a number that changes with every commit, of any process."""
        return self._pages.data_version()


class _ReaderThread:
    """A reader in a separate thread."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._reader: Reader | None = None

    async def open(self) -> None:
        self._reader = await asyncio.wrap_future(self._thread.submit(Reader, self._path))

    async def close(self) -> None:
        if self._reader:
            await self.run(Reader.close)
        self._thread.shutdown()

    async def run(
        self,
        work: Callable[Concatenate[Reader, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        assert self._reader is not None, "used outside its `async with` block"  # noqa: S101
        return await asyncio.wrap_future(self._thread.submit(work, self._reader, *args, **kwargs))


def read_status(reader: Reader, path: Path, connection: ConnectionStatus) -> ArchiveStatus:
    """Return the status of an archive: its numbers, and what arrived last from each source.

    The last pull is that from the account of the connection, which its base URL identifies
    unless many accounts share it; without a connection it is that from any account.
    """
    shared = is_shared_base_url(connection.base_url)
    counts = reader.counts()
    activity = reader.source_activity(connection.id, "" if shared else connection.base_url)
    return ArchiveStatus(
        messages=counts.messages,
        newest=counts.newest_message,
        deliveries=counts.newest_delivery,
        path=str(path),
        pull=_pull_status(activity.pull, connection) if activity.pull else None,
        pulled_at=counts.last_pull_at,
        forwarded_at=activity.forwarded_at,
        refused=activity.refused,
        refused_at=activity.refused_at,
        refusal=_REFUSALS.get(activity.refused_status or 0, RefusalReason.NOT_UNDERSTOOD),
    )


def _pull_status(pull: Delivery, connection: ConnectionStatus) -> PullStatus:
    if pull.state is DeliveryState.ASKING:
        sentence = "The answer to this pull has not ended; another process is receiving it."
        return PullStatus(PullState.ELSEWHERE, pull.began_at, sentence=sentence)
    ended_at = pull.began_at if pull.ended_at is None else pull.ended_at
    if pull.status == _UNAUTHORIZED:
        state, sentence = PullState.REJECTED, "The platform did not accept the credential."
    elif pull.problem or not pull.complete or (pull.status or 0) >= _BAD_REQUEST:
        state = PullState.FAILED
        sentence = pull.problem or f"The platform answered with status {pull.status}."
    else:
        state, sentence = PullState.IDLE, f"{counted(pull.message_count, 'message')} pulled."
    if not connection.id:
        sentence = f"{sentence} From {pull.base_url or 'an account that was not recorded'}."
    elif pull.connection != connection.id:
        sentence = f"{sentence} Pulled on another connection with the same base URL."
    return PullStatus(state, ended_at, pull.pending, sentence)


def _read_messages(reader: Reader, ids: Sequence[int]) -> Sequence[StoredMessage]:
    found = {one.id: one for one in reader.messages(Filter(ids=tuple(ids)))} if ids else {}
    return [found[one] for one in ids if one in found]


def _read_tests(
    reader: Reader, limit: int, codes: ShownCodes
) -> "Sequence[forward_test.ForwardTest]":
    records = (
        replace(one, payload=codes.body(one.payload), answer=codes.body(one.answer))
        for one in reader.forward_tests(limit)
    )
    return [forward_test.from_record(record) for record in records]


def _read_covered(
    reader: Reader, delivery: int, start: int, size: int, *, raw: bool = False
) -> Slice:
    first = max(start - request_log.MARGIN, 0)
    found = reader.slice(delivery, first, start - first + size + request_log.MARGIN, raw=raw)
    begin = min(start - first, len(found.data))
    data = request_log.cover_body_codes(found.data, begin, begin + size)
    return Slice(data, start, found.total)


def _with_shown_codes(row: Row, codes: ShownCodes) -> Row:
    """Return a message whose texts and body have the codes that may be shown."""
    if not codes.masked:
        return row
    code = row.application_code
    texts = {name: codes.text(getattr(row, name), code) for name in ("sender", "keyword", "text")}
    if isinstance(row, StoredMessage):
        return replace(row, **texts, body=codes.body(row.body, code))
    return replace(row, **texts)


def _delivery_with_shown_codes(delivery: Delivery, codes: ShownCodes) -> Delivery:
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


@contextmanager
def open_reader(data_dir: Path | None, report: Callable[[str], None]) -> Iterator[Reader]:
    """Open a reader on the archive of a data directory, which is created or recovered first.

    An archive that exists and cannot be written, as on read-only media, is read as it is. `report`
    is called with a sentence if something was recovered, or could not be. Raises ArchiveError.
    """
    path = find_paths(data_dir).archive
    cause = None
    try:
        with open_archive(path) as archive:
            if sentence := describe_recovery(archive.recover()):
                report(sentence)
    except ArchiveUnwritable as error:
        if is_missing(path):
            raise
        cause = error
    with Reader(path) as reader:
        if cause and (count := reader.count_unfinished()):
            deliveries = counted(count, "pull or forward", "pulls and forwards")
            report(
                f"The messages of {deliveries} are missing: they are not decoded yet, and the"
                " archive cannot be written. In a copy that can be, the program decodes them."
            )
        yield reader


def describe_recovery(recovery: RecoveryResult) -> str:
    """Describe what was recovered after a crash, in one sentence; empty if nothing was."""
    if not recovery.interrupted and not recovery.messages:
        return ""
    cause = "Some bodies were not decoded yet when the program last ended"
    if recovery.interrupted:
        cause = _interruption(recovery.interrupted)
    verb = "was" if recovery.messages == 1 else "were"
    return (
        f"{cause}; {counted(recovery.messages, 'message')} {verb} recovered from the bytes on disk."
    )


def _interruption(pulls: Sequence[Delivery]) -> str:
    last = datetime.fromtimestamp(pulls[-1].began_at / 1000).astimezone()
    when = last.strftime("%Y-%m-%d %H:%M:%S %Z").rstrip()
    if len(pulls) == 1:
        return f"1 pull was interrupted at {when}"
    return f"{len(pulls):,} pulls were interrupted, the last one at {when}"
