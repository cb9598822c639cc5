"""Reading the archive: asynchronously for the window, synchronously for the terminal.

The window uses four read-only connections: those of `ThreadedReader`, one for the extras of rows,
and one on the caller's thread, which reads a page of rows by primary key in less time than a change
of threads takes.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ibconsole.api import is_shared_base_url
from ibconsole.archive import (
    ArchiveUnwritable,
    Delivery,
    DeliveryState,
    MessageRow,
    Reader,
    RecoveryResult,
    Via,
)
from ibconsole.errors import UserError
from ibconsole.files import is_missing
from ibconsole.lazy import LazyModule
from ibconsole.plural import counted
from ibconsole.services.intake import open_archive
from ibconsole.services.messages.threaded_reader import (
    ReaderThread,
    ThreadedReader,
    delivery_with_shown_codes,
    with_shown_codes,
)
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
    from ibconsole.services import forward_test
else:  # imported on the threads that use it
    forward_test = LazyModule("ibconsole.services.forward_test")

_BAD_REQUEST, _UNAUTHORIZED = 400, 401
# By the status of the listener's answer.
_REFUSALS = {
    404: RefusalReason.WRONG_PATH,
    408: RefusalReason.INCOMPLETE,
    413: RefusalReason.TOO_LARGE,
    431: RefusalReason.TOO_LARGE,
    503: RefusalReason.BUSY,
}


class NoSuchMessage(UserError):
    """The archive has no message with this id."""


class AsyncReader(ThreadedReader[Reader]):
    """The archive on this disk as the window reads it; belongs to one thread."""

    def __init__(self, path: Path, policy: Callable[[], PolicyInForce] = find_policy) -> None:
        super().__init__(lambda: Reader(path), policy)
        self._path = path
        self._pages = Reader(path)
        # A thread of their own: a click does not wait for a page of large messages.
        self._extras = ReaderThread(self.opener, "extras")

    async def __aexit__(self, *_: object) -> None:
        await super().__aexit__()
        await self._extras.close()
        self._pages.close()

    async def identity(self) -> str:
        """Return the UUID of this archive, by which links and exports name it."""
        return await self._details.run(lambda reader: reader.identity())

    async def find_deliveries(self, via: Via, after: int = 0) -> "array[int]":
        """Return the ids of the pulls or forwards newer than the id `after`, oldest first."""
        return await self._details.run(lambda reader: reader.find_deliveries(via, after=after))

    async def messages_of(self, deliveries: Sequence[int]) -> "array[int]":
        """Return the ids of the messages in these pulls or forwards; see `Reader.messages_of`."""
        return await self._details.run(lambda reader: reader.messages_of(deliveries))

    async def find_origins(self, origins: Sequence[tuple[str, int, str]]) -> list[int | None]:
        """Return the ids of messages by their origins, None for those that are not here.

        An origin is that of the delivery, the position of the message in it, and its message id.
        """
        return await self._details.run(
            lambda reader: [reader.find_by_origin(*origin) for origin in origins]
        )

    async def has_pulled(self, connection: str) -> bool:
        """Return whether this archive has a pull on this connection; see `Reader.has_pulled`."""
        return await self._details.run(lambda reader: reader.has_pulled(connection))

    async def forward_tests(self, limit: int) -> "Sequence[forward_test.ForwardTest]":
        """Return the latest tests of forward URLs, at most `limit`, newest first."""
        return await self._details.run(
            lambda reader: _read_tests(reader, limit, self._policy().codes)
        )

    async def status(self, connection: ConnectionStatus) -> ArchiveStatus:
        """Return the contents of the archive, and the last pull from the connection's account."""
        return await self._details.run(lambda reader: read_status(reader, self._path, connection))

    def rows(self, ids: Sequence[int]) -> list[MessageRow]:
        """Return a page of messages by their ids, in the order of the ids."""
        found, codes = self._pages.rows(ids), self._policy().codes
        return [with_shown_codes(one, codes) for one in found] if codes.masked else found

    def deliveries(self, ids: Sequence[int]) -> list[Delivery]:
        """Return a page of pulls or forwards by their ids, in the order of the ids."""
        found, codes = self._pages.deliveries(ids), self._policy().codes
        return [delivery_with_shown_codes(one, codes) for one in found] if codes.masked else found

    def version(self) -> int:
        """Return a number that changes with every commit, of any process."""
        return self._pages.data_version()


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
        pull=pull_status(activity.pull, connection) if activity.pull else None,
        pulled_at=counts.last_pull_at,
        forwarded_at=activity.forwarded_at,
        refused=activity.refused,
        refused_at=activity.refused_at,
        refusal=_REFUSALS.get(activity.refused_status or 0, RefusalReason.NOT_UNDERSTOOD),
    )


def pull_status(pull: Delivery, connection: ConnectionStatus) -> PullStatus:
    """Return the status of a pull for a connection; of a team's, it says who pulled."""
    if pull.state is DeliveryState.ASKING:
        sentence = (
            "The answer to this pull has not ended; another window or process is receiving it."
        )
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
    if pull.source:
        sentence = f"{sentence} Pulled by {pull.source}."
    return PullStatus(state, ended_at, pull.pending, sentence)


def _read_tests(
    reader: Reader, limit: int, codes: ShownCodes
) -> "Sequence[forward_test.ForwardTest]":
    records = (
        replace(one, payload=codes.body(one.payload), answer=codes.body(one.answer))
        for one in reader.forward_tests(limit)
    )
    return [forward_test.from_record(record) for record in records]


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
