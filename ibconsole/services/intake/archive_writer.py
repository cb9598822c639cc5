"""The archive's writer, without waiting for it.

One thread writes, one transaction at a time. Forwards that arrive while a transaction is
under way go into the next one together: many requests, one fsync.
"""

import asyncio
import logging
import sys
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import ParamSpec, Self, TypeVar

from ibconsole.archive import (
    Archive,
    ArchiveError,
    Checkpointer,
    DecodingResult,
    ForwardTestRecord,
    RecoveryResult,
    RetentionPolicy,
    RetentionPreview,
)
from ibconsole.errors import UserError
from ibconsole.model import Arrival
from ibconsole.tasks import Tasks

log = logging.getLogger(__name__)

_SWITCH = 0.0005  # seconds after which a thread has to let another one run

P = ParamSpec("P")
T = TypeVar("T")


class ArchiveBusy(UserError):
    """More forwards are waiting for the disk than the program holds in memory."""


class ArchiveWriter:
    """Writes to the archive in a thread of its own; every answer means: it is on disk.

    `decoded` is called on the loop with every delivery that became messages.
    """

    WAITING = 2_000  # forwards held in memory while the disk is busy
    WAITING_BYTES = 64 << 20  # and how large they may be together, if there is more than one
    TOGETHER = 256  # forwards in one transaction
    LULL = 0.01  # seconds without a forward after which decoding is in nobody's way
    PATIENCE = 0.25  # seconds that decoding gives way to senders
    DECODED = 64  # forwards decoded in one transaction: senders wait meanwhile
    CHECKPOINT = 0.25  # seconds between two times that the log is brought into the file
    INDEXED = 1_000  # messages put into the index in one transaction,
    INDEXED_BUSY = 250  # and while senders wait

    def __init__(
        self, path: Path, tasks: Tasks, decoded: Callable[[Sequence[DecodingResult]], None]
    ) -> None:
        self._path = path
        self._tasks = tasks
        self._decoded = decoded
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")
        self._archive: Archive | None = None
        self._waiting: deque[tuple[Arrival, asyncio.Future[int]]] = deque()
        self._held = 0  # bytes of those that wait and of those that are being written
        self._undecoded: deque[int] = deque()
        self._decoded_at = 0.0
        self._arrived = asyncio.Event()
        self._closing = False
        self._checkpoints = ThreadPoolExecutor(max_workers=1, thread_name_prefix="checkpoint")
        self._checkpointer: Checkpointer | None = None
        self._unchecked = False

    async def __aenter__(self) -> Self:
        # Python's own 5 ms let the writer wait long for the busy loop, at every statement, and
        # the senders with it: 1.4 times the forwards are stored with this, and p99 is halved.
        sys.setswitchinterval(_SWITCH)
        self._archive = await self._run(Archive, self._path)
        self._checkpointer = await self._beside(Checkpointer, self._path)
        self._index()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing = True
        await self._tasks.settled()
        if self._checkpointer:
            await self._beside(self._checkpointer.close)
        if self._archive:
            await self._run(self._archive.close)
        self._checkpoints.shutdown()
        self._thread.shutdown()

    async def recover(self) -> RecoveryResult:
        """Finish what a crash left; see `Archive.recover`."""
        return await self._run(self._open.recover)

    async def begin_pull(self, *, connection: str | None, base_url: str, limit: int | None) -> int:
        """Commit the intent of a pull; the delivery's id."""
        return await self._run(
            self._open.begin_pull, connection=connection, base_url=base_url, limit=limit
        )

    async def append_body(self, delivery: int, data: bytes) -> None:
        """Commit bytes of a pull's body that have arrived."""
        await self._run(self._open.append_body, delivery, data)

    async def partial_body(self, delivery: int) -> bytes:
        """What has arrived of a pull's body and is on disk."""
        return await self._run(self._open.partial_body, delivery)

    async def finish_pull(
        self,
        delivery: int,
        *,
        status: int | None,
        headers: Sequence[tuple[str, str]],
        complete: bool,
        problem: str,
        mask: Callable[[bytes], bytes] | None = None,
    ) -> DecodingResult:
        """Commit the whole body and its messages; what came of it. See `Archive.finish_pull`."""
        decoded = await self._run(
            self._open.finish_pull,
            delivery,
            status=status,
            headers=headers,
            complete=complete,
            problem=problem,
            mask=mask,
        )
        self._decoded([decoded])
        self._index()
        return decoded

    async def fail_pull(self, delivery: int, problem: str) -> None:
        """Note that the request of this pull was never sent."""
        await self._run(self._open.fail_pull, delivery, problem)

    async def add_forward_test(self, record: ForwardTestRecord) -> int:
        """Commit the record of a test; its id."""
        return await self._run(self._open.add_forward_test, record)

    async def count_messages(self, connection: str) -> int:
        """How many messages came on this connection."""
        return await self._run(self._open.count_messages, connection)

    async def forget(self, connection: str) -> int:
        """Delete for good what was received on this connection; how many messages.

        Other writing goes on in between. Where it fails in the middle, the rest stays.
        """
        return await self._forget_all(lambda: self._open.delete_batch(connection))

    async def leaving(self, keep: RetentionPolicy) -> RetentionPreview:
        """What would go if no more than this were kept; deletes nothing."""
        return await self._run(self._open.preview_retention, keep)

    async def forget_below(self, below: int) -> int:
        """Delete for good the deliveries below this id; how many messages. See `forget`."""
        return await self._forget_all(lambda: self._open.delete_batch_below(below))

    async def _forget_all(self, forget_some: Callable[[], tuple[int, int]]) -> int:
        messages = 0
        while not self._closing:
            deliveries, gone = await self._run(forget_some)
            messages += gone
            if not deliveries:
                break
            await asyncio.sleep(self.LULL)  # whoever waits to write goes first
        await self._run(self._open.begin_purge)
        while await self._run(self._open.purge):
            pass
        return messages

    async def add_forward(self, arrival: Arrival) -> int:
        """Commit a forwarded request together with its neighbours; the delivery's id.

        Raises ArchiveBusy when too many wait for the disk, or too much does, ArchiveError
        when it fails.
        """
        size = _size(arrival)
        if len(self._waiting) >= self.WAITING or 0 < self._held > self.WAITING_BYTES - size:
            raise ArchiveBusy("Too many forwards wait for the disk; the platform tries again.")
        stored: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._held += size
        self._waiting.append((arrival, stored))
        self._arrived.set()
        if not self._tasks.running("write forwards"):
            self._tasks.start("write forwards", self._write_forwards)
        return await stored

    async def _write_forwards(self) -> None:
        """Storing goes first, because senders wait for it; decoding has time, but not for ever."""
        decodes = True
        while self._waiting or (self._undecoded and decodes):
            if self._undecoded and decodes and await self._has_time_to_decode():
                decodes = await self._decode_some()
            if self._waiting:
                await self._write_together()

    async def _has_time_to_decode(self) -> bool:
        """Senders who were answered send the next at once: that they do not shows in a moment."""
        if asyncio.get_running_loop().time() - self._decoded_at > self.PATIENCE:
            return True
        self._arrived.clear()
        if not self._waiting:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.LULL):
                    await self._arrived.wait()
        return not self._waiting

    async def _write_together(self) -> None:
        count = min(len(self._waiting), self.TOGETHER)
        group = [self._waiting.popleft() for _ in range(count)]
        try:
            ids = await self._run(self._open.add_forwards, [arrival for arrival, _ in group])
        except Exception as error:  # noqa: BLE001 every sender who waits must be told
            # Those behind would wait as long again, and then hear the same.
            self._turn_away([*group, *self._waiting], error)
            self._waiting.clear()
            return
        for (arrival, stored), delivery in zip(group, ids, strict=True):
            self._held -= _size(arrival)
            if not arrival.unmatched:
                self._undecoded.append(delivery)
            if not stored.done():
                stored.set_result(delivery)

    def _turn_away(
        self, group: Sequence[tuple[Arrival, asyncio.Future[int]]], error: Exception
    ) -> None:
        for arrival, stored in group:
            self._held -= _size(arrival)
            if not stored.done():
                stored.set_exception(error)

    async def _decode_some(self) -> bool:
        """Whether it could be done; if not, it is tried again behind the next forward."""
        count = min(len(self._undecoded), self.DECODED)
        some = [self._undecoded.popleft() for _ in range(count)]
        self._decoded_at = asyncio.get_running_loop().time()
        try:
            self._decoded(await self._run(self._open.decode, some))
        except ArchiveError as error:
            self._undecoded.extendleft(reversed(some))
            log.warning("%d forwards are kept, but not decoded yet: %s", len(some), error)
            return False
        self._index()
        return True

    def _index(self) -> None:
        if not self._tasks.running("index"):
            self._tasks.start("index", self._index_words)

    async def _index_words(self) -> None:
        """Until everything is indexed: at once while nothing waits, else a little now and then.

        Whoever searches looks through what is not indexed yet, so nothing is lost by stopping.
        """
        loop = asyncio.get_running_loop()
        indexed_at = loop.time()
        while not self._closing:
            await asyncio.sleep(self.LULL)
            busy = bool(self._waiting or self._undecoded)
            if busy and loop.time() - indexed_at < self.PATIENCE:
                continue
            try:
                more = await self._run(
                    self._open.index, self.INDEXED_BUSY if busy else self.INDEXED
                )
            except ArchiveError as error:
                log.warning("Searches take longer, new messages are not indexed yet: %s", error)
                return
            if not more:
                return
            indexed_at = loop.time()

    @property
    def _open(self) -> Archive:
        assert self._archive is not None, "used outside its `async with` block"  # noqa: S101
        return self._archive

    async def _checkpoint(self) -> None:
        """Some time after something was written, for as long as that goes on."""
        while self._unchecked and not self._closing:
            await asyncio.sleep(self.CHECKPOINT)
            self._unchecked = False
            assert self._checkpointer is not None, "opened with the archive"  # noqa: S101
            try:
                await self._beside(self._checkpointer.run)
            except ArchiveError as error:
                # What was committed is in the log, and the next one tries again.
                log.warning("The archive's log grows: %s", error)

    async def _beside(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        future = self._checkpoints.submit(work, *args, **kwargs)
        return await asyncio.shield(asyncio.wrap_future(future))

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._unchecked = True
        if self._checkpointer and not self._closing and not self._tasks.running("checkpoint"):
            self._tasks.start("checkpoint", self._checkpoint)
        future = self._thread.submit(work, *args, **kwargs)
        return await asyncio.shield(asyncio.wrap_future(future))


def _size(arrival: Arrival) -> int:
    return len(arrival.raw) + len(arrival.body)
