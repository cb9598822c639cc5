"""The asynchronous writer of the archive.

One thread writes, one transaction at a time. Forwards that arrive during a transaction are
stored together in the next one: many requests, one fsync.
"""

import asyncio
import logging
import sys
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context, copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Self, TypeVar

from ibconsole.archive import (
    Archive,
    ArchiveError,
    DecodingResult,
    ParsedAnswer,
    RetentionPolicy,
    RetentionPreview,
)
from ibconsole.lazy import LazyModule
from ibconsole.model import Arrival, SentAnswer
from ibconsole.services.intake.sent_answers import SentAnswers
from ibconsole.services.intake.upkeep import Checkpoints, Indexing
from ibconsole.services.intake.write_queue import ArchiveBusy, IdQueue, WriterLimits
from ibconsole.tasks import Tasks

if TYPE_CHECKING:
    from ibconsole import http1
else:  # imported with the first answer that a dead process left
    http1 = LazyModule("ibconsole.http1")

log = logging.getLogger(__name__)

_SWITCH_INTERVAL = 0.0005  # seconds after which a thread has to let another one run
# Transactions with forwards that the thread commits before its other work has its turn.
_IN_A_ROW = 4
_LONG_DECODING = 0.1  # seconds; one that took longer was a rarity, such as a large body

P = ParamSpec("P")
T = TypeVar("T")
OnStored = Callable[[int | Exception], None]


def open_archive(path: Path) -> Archive:
    """Open the archive for writing, with the parser for answers that a dead process left."""
    return Archive(path, parse_answer=parse_answer)


def parse_answer(raw: bytes) -> ParsedAnswer:
    """Read the bytes of a pull's answer, however damaged; see `http1.read_answer`.

    The bytes are kept as well unless status, headers and body say everything: if the framing was
    chunked or anything was odd. Bytes without any head, as ibconsole 0.1.0 stored them, are the
    body.
    """
    answer = http1.read_answer(raw)
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers
    )
    if not answer.body_start:
        return ParsedAnswer(None, (), raw)
    problem = " ".join(answer.oddities)
    keeps_raw = bool(problem) or raw[answer.body_start :] != answer.body
    return ParsedAnswer(answer.status, headers, answer.body, problem, keeps_raw)


class ArchiveWriter:
    """Writes to the archive in one thread; when a method returns, its data is on disk.

    `on_decoded` is called on the loop with every delivery that was decoded into messages.
    `opener` opens the archive, in that thread.
    """

    def __init__(
        self,
        path: Path,
        tasks: Tasks,
        on_decoded: Callable[[Sequence[DecodingResult]], None],
        *,
        limits: WriterLimits | None = None,
        opener: Callable[[Path], Archive] = open_archive,
    ) -> None:
        self._path = path
        self._tasks = tasks
        self._on_decoded = on_decoded
        self._limits = limits or WriterLimits()
        self._open_archive = opener
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")
        self._archive: Archive | None = None
        self.sent_answers = SentAnswers(self._store_sent, tasks)
        self._waiting: deque[tuple[Arrival, OnStored]] = deque()
        self._is_writing = False
        self._waiting_bytes = 0  # including those of the transaction in progress
        self._undecoded = IdQueue()
        self._decoding_due = 0.0  # the loop's time
        self._decoding_took = 0.0
        self._group = 0.0  # the usual number of forwards in one transaction
        self._idle_batch = 0
        self._arrived = asyncio.Event()
        self._closing = False
        self._checkpoints = Checkpoints(path, tasks, self._limits)
        self._indexing = Indexing(
            tasks,
            self._limits,
            lambda limit: self._write(self._open.index, limit),
            lambda: bool(self._waiting or self._undecoded),
        )

    @property
    def path(self) -> Path:
        """The archive."""
        return self._path

    async def __aenter__(self) -> Self:
        # With Python's default of 5 ms the busy loop delays the writer, and so the senders, at
        # every statement. This stores 1.4 times as many forwards and halves their p99.
        sys.setswitchinterval(_SWITCH_INTERVAL)
        self._archive = await self._write(self._open_archive, self._path)
        await self._checkpoints.open()
        self._indexing.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing = True
        self._checkpoints.stop()
        self._indexing.stop()
        await self._tasks.settled()
        await self._checkpoints.close()
        if self._archive:
            await self._write(self._archive.close)
        self._thread.shutdown()

    async def run(
        self, work: Callable[Concatenate[Archive, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call a function with the archive in the writer's thread; return its result.

        Example: `await writer.run(Archive.count_messages, connection)`.
        """
        return await self._write(work, self._open, *args, **kwargs)

    async def begin_pull(
        self,
        *,
        connection: str | None,
        base_url: str,
        limit: int | None,
        epoch: int | None = None,
    ) -> int:
        """Store the intent of a pull; return the delivery's id. See `Archive.begin_pull`."""
        return await self._write(
            self._open.begin_pull,
            connection=connection,
            base_url=base_url,
            limit=limit,
            epoch=epoch,
        )

    async def append_answer(self, delivery: int, data: bytes) -> None:
        """Store bytes of a pull's body that have arrived."""
        await self._write(self._open.append_answer, delivery, data)

    async def partial_answer(self, delivery: int) -> bytes:
        """Return the bytes of a pull's body that are on disk."""
        return await self._write(self._open.partial_answer, delivery)

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
        """Store the whole body and its messages; see `Archive.finish_pull`."""
        decoded = await self._write(
            self._open.finish_pull,
            delivery,
            status=status,
            headers=headers,
            complete=complete,
            problem=problem,
            mask=mask,
        )
        self._on_decoded([decoded])
        self._indexing.start()
        return decoded

    async def fail_pull(self, delivery: int, problem: str) -> None:
        """Record that the request of this pull was never sent."""
        await self._write(self._open.fail_pull, delivery, problem)

    async def delete_connection(self, connection: str) -> int:
        """Delete permanently what was received on a connection, and the history of its setup.

        Returns the number of messages. Other writes go on in between. After a failure in the
        middle, the rest stays.
        """
        await self._write(self._open.delete_setup, connection)
        return await self._delete(lambda: self._open.delete_batch(connection))

    async def preview_retention(self, policy: RetentionPolicy) -> RetentionPreview:
        """Return what a retention policy would delete; see `Archive.preview_retention`."""
        return await self._write(self._open.preview_retention, policy)

    async def check_clock(self, policy: RetentionPolicy, *, leapt: bool) -> int | None:
        """Return None if the clock can be trusted; see `Archive.check_clock`."""
        return await self._write(self._open.check_clock, policy, leapt=leapt)

    async def trust_clock(self) -> None:
        """Trust the clock as it is; see `Archive.trust_clock`."""
        await self._write(self._open.trust_clock)

    async def delete_below(self, delivery: int) -> int:
        """Delete permanently the deliveries below this id; return the number of messages.

        As `delete_connection`.
        """
        return await self._delete(lambda: self._open.delete_batch_below(delivery))

    def add_forward(self, arrival: Arrival, on_stored: OnStored) -> None:
        """Store a forwarded request together with those that wait, then call back.

        `on_stored` gets the delivery's id, or the error: ArchiveBusy at once if too many requests,
        or too many bytes, wait for the disk, ArchiveError if storing fails. It must not raise. All
        requests of a transaction are called back in one turn of the loop.
        """
        size = _size(arrival)
        free = self._limits.waiting_bytes - size
        if len(self._waiting) >= self._limits.waiting or 0 < self._waiting_bytes > free:
            on_stored(ArchiveBusy("Too many forwards wait for the disk; the platform tries again."))
            return
        self._waiting_bytes += size
        self._waiting.append((arrival, on_stored))
        self._arrived.set()
        if not self._is_writing:
            self._is_writing = True
            self._tasks.start("write forwards", self._write_forwards)

    async def _store_sent(self, sent: Sequence[tuple[int, SentAnswer]]) -> None:
        await self._write(self._open.set_sent_answers, sent)

    async def _delete(self, delete_batch: Callable[[], tuple[int, int]]) -> int:
        total = 0
        while not self._closing:
            deliveries, messages = await self._write(delete_batch)
            total += messages
            if not deliveries:
                break
            await asyncio.sleep(self._limits.idle)  # other writes go first
        await self._write(self._open.begin_purge)
        while await self._write(self._open.purge):
            pass
        return total

    async def _write_forwards(self) -> None:
        """Store first, because senders wait for it; decode in between, with a bounded delay."""
        decodes = True
        try:
            while self._waiting or (self._undecoded and decodes):
                if self._waiting:
                    await self._write(
                        self._store_waiting, asyncio.get_running_loop(), copy_context()
                    )
                if self._undecoded and decodes and (count := await self._decodable()):
                    decodes = await self._decode_batch(count)
        finally:
            self._is_writing = False

    async def _decodable(self) -> int:
        """Return how many forwards may be decoded now: few, and rarely, while others arrive.

        Senders that were answered send their next request at once, so the writer waits a moment,
        as long as decoding took: where the machine is busy, senders are slow as well.
        """
        limits = self._limits
        if not self._arrived.is_set():
            self._idle_batch = min(2 * self._idle_batch, limits.decode_batch)
            return self._idle_batch
        if asyncio.get_running_loop().time() > self._decoding_due:
            return self._busy_batch
        if not self._waiting:
            self._arrived.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(max(limits.idle, self._decoding_took)):
                    await self._arrived.wait()
        self._idle_batch = limits.busy_decode_batch
        return 0 if self._arrived.is_set() else self._idle_batch

    @property
    def _catches_up(self) -> bool:
        """True if decoding is behind, although no crowd of senders waits for each commit."""
        limits = self._limits
        is_behind = len(self._undecoded) > limits.busy_decode_batch
        return is_behind and self._group <= limits.crowd

    @property
    def _busy_batch(self) -> int:
        """The number of forwards that are decoded in one transaction while others arrive."""
        limits = self._limits
        if not self._catches_up:
            return limits.busy_decode_batch
        return min(limits.decode_batch, len(self._undecoded))

    def _store_waiting(self, loop: asyncio.AbstractEventLoop, context: Context) -> None:
        """Store what waits, and what arrives meanwhile. In the writer's thread.

        The thread takes the next group without a turn of the loop, which may be busy. What is
        called back runs in the context of the loop's side: it says where output goes.
        """
        for _ in range(_IN_A_ROW):
            batch = self._take_batch()
            if not batch:
                return
            self._group += (len(batch) - self._group) / 16
            try:
                ids = self._open.add_forwards([arrival for arrival, _ in batch])
            except Exception as error:  # noqa: BLE001 every waiting sender gets it
                # The other waiting requests would probably fail in the same way, only later.
                while more := self._take_batch():
                    batch += more
                loop.call_soon_threadsafe(self._reject, batch, error, context=context)
                return
            loop.call_soon_threadsafe(self._on_stored, batch, ids, context=context)

    def _take_batch(self) -> list[tuple[Arrival, OnStored]]:
        batch: list[tuple[Arrival, OnStored]] = []
        with suppress(IndexError):  # empty: only this thread takes from the queue
            while len(batch) < self._limits.batch:
                batch.append(self._waiting.popleft())
        return batch

    def _on_stored(self, batch: Sequence[tuple[Arrival, OnStored]], ids: Sequence[int]) -> None:
        for (arrival, on_stored), delivery in zip(batch, ids, strict=True):
            self._waiting_bytes -= _size(arrival)
            if not arrival.unmatched:
                self._undecoded.add(delivery)
            on_stored(delivery)

    def _reject(self, batch: Sequence[tuple[Arrival, OnStored]], error: Exception) -> None:
        for arrival, on_stored in batch:
            self._waiting_bytes -= _size(arrival)
            on_stored(error)

    async def _decode_batch(self, count: int) -> bool:
        """Decode some forwards; return false if that failed, to repeat it after the next one."""
        batch = self._undecoded.first(count)
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            self._on_decoded(await self._write(self._decode, batch))
        except ArchiveError as error:
            log.warning("%d forwards are stored, but not decoded yet: %s", len(batch), error)
            return False
        self._decoding_took = min(loop.time() - began, _LONG_DECODING)
        self._undecoded.remove_first(len(batch))
        # A tenth of the time at most, because senders wait meanwhile; a third to catch up.
        share = 2 if self._catches_up else 9
        self._decoding_due = loop.time() + max(
            self._limits.max_decode_delay, share * self._decoding_took
        )
        self._indexing.start()
        return True

    def _decode(self, deliveries: Sequence[int]) -> list[DecodingResult]:
        """Decode the deliveries, without those that were deleted meanwhile."""
        try:
            return self._open.decode(deliveries)
        except LookupError:
            if len(deliveries) == 1:
                return []
            return [result for one in deliveries for result in self._decode([one])]

    @property
    def _open(self) -> Archive:
        assert self._archive is not None, "used outside its `async with` block"  # noqa: S101
        return self._archive

    async def _write(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._checkpoints.note_write()
        future = self._thread.submit(work, *args, **kwargs)
        return await asyncio.shield(asyncio.wrap_future(future))


def _size(arrival: Arrival) -> int:
    return len(arrival.raw) + len(arrival.body)
