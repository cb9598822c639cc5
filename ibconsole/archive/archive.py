"""The writer: everything that arrives goes through here, and is on disk when a call returns.

A delivery goes asking -> received -> decoded, a pull's answer from asking to decoded in one
transaction. Its bytes are committed before anybody looks into them, so a crash at any instant
costs nothing that was committed; `recover` finishes what it left. Several processes may write
to one file: transactions are short, and take the write lock first.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self, TypeVar

import msgspec

from ibconsole.archive.connection import fetch, open_writer, transaction
from ibconsole.archive.decoding import Content, Reading, read_content, undo_encoding
from ibconsole.archive.deletion import (
    count_messages,
    delete_batch,
    delete_batch_below,
    preview_retention,
)
from ibconsole.archive.errors import ArchiveError, ArchiveUnwritable, translated
from ibconsole.archive.importing import import_deliveries
from ibconsole.archive.indexing import begin_purging, index, purge_some, read_unindexed
from ibconsole.archive.intake import headers_text, take_in
from ibconsole.archive.records import (
    DecodingResult,
    ForwardTestRecord,
    ImportedDelivery,
    ImportResult,
    RecoveryResult,
    RedecodingResult,
    RetentionPolicy,
    RetentionPreview,
)
from ibconsole.archive.recovery import Owners, keep_body, partial_body, take_over
from ibconsole.archive.redecoding import read_again, read_these, rewrite
from ibconsole.archive.reserve import RESERVED, Reserve
from ibconsole.archive.rows import add_test, read_deliveries
from ibconsole.archive.schema import migrate
from ibconsole.archive.storing import (
    add_to_counter,
    clean,
    collector_paused,
    next_id,
    state_of,
    store,
)
from ibconsole.clock import now_ms
from ibconsole.model import Arrival, encode

T = TypeVar("T")
Mask = Callable[[bytes], bytes]

_MASKED = "The answer was packed and repeated a credential: it is kept unpacked, with that masked."
_TOGETHER = 64  # deliveries that recovery decodes in one transaction


class Archive:
    """Writes what was received. One thread at a time; a context manager.

    Every method but `close` raises ArchiveError when the file cannot be used, among it
    ArchiveUnwritable (disk full, read-only, held by others for 10 s); nothing is then
    half-written. `reserved` bytes of disk are kept free for pulls that are under way.
    """

    def __init__(self, path: Path, *, reserved: int = RESERVED) -> None:
        self._path = path
        self._owners = Owners(path.parent / "locks")
        with ExitStack() as stack:
            stack.enter_context(translated(path))
            self._db = open_writer(path)
            stack.callback(self._db.close)
            migrate(self._db, path)
            self._owner, self._lock = self._owners.new()
            self._reserve = Reserve(self._owners.reserve(self._owner), reserved)
            stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; calling it twice is harmless. Unfinished pulls become others'."""
        self._db.close()
        self._reserve.release()
        self._lock.discard()

    def recover(self) -> RecoveryResult:
        """Finish what a crash left; what a living process is at work on is left alone.

        A pull whose process is gone becomes received with the bytes that had arrived,
        marked as interrupted. Then everything received is decoded. Calling it again, or in
        several processes at once, does no harm.
        """
        with translated(self._path), self._owners.gone(self._db) as gone:
            with transaction(self._db):
                interrupted = take_over(self._db, gone, self._owner)
            waiting = self._undecoded([*gone, self._owner])
            messages = 0
            for start in range(0, len(waiting), _TOGETHER):
                done = self.decode(waiting[start : start + _TOGETHER])
                messages += sum(len(decoded.message_ids) for decoded in done)
            return RecoveryResult(tuple(read_deliveries(self._db, interrupted)), messages)

    def begin_pull(self, *, connection: str | None, base_url: str, limit: int | None) -> int:
        """Commit the intent to pull, before the request is sent; the delivery's id.

        Raises ArchiveUnwritable also where there is not enough room for what may come.
        """
        self._reserve.hold()
        with self._writing():
            add_to_counter(self._db, "pull", 1)
            self._db.execute(
                "INSERT INTO delivery (id, via, state, connection, base_url, owner, began_at,"
                " limit_asked) VALUES (?, 'pull', 'asking', ?, ?, ?, ?, ?)",
                (
                    next_id(self._db, "delivery"),
                    connection,
                    clean(base_url),
                    self._owner,
                    now_ms(),
                    limit,
                ),
            )
            return self._db.last_insert_rowid()

    def append_body(self, delivery: int, data: bytes) -> None:
        """Commit bytes of the answer that have arrived, behind those that did before."""
        if data:
            self._sparing_nothing(lambda: self._append(delivery, data))

    def partial_body(self, delivery: int) -> bytes:
        """The bytes of the answer that are on disk."""
        with translated(self._path, "read"):
            return partial_body(self._db, delivery)

    def finish_pull(
        self,
        delivery: int,
        *,
        status: int | None,
        headers: Sequence[tuple[str, str]],
        complete: bool,
        problem: str,
        mask: Mask | None = None,
    ) -> DecodingResult:
        """Commit the end of the answer: its whole body and its messages, all or none of it.

        `status` is None if no answer came to a request that may have been sent; for one
        that was certainly not sent there is `fail_pull`. `problem` is a sentence, or empty.
        `mask` takes secrets out of bytes; who stored the pieces could not do so where they
        were packed. A body in which it finds one is kept unpacked.
        """
        now = now_ms()
        with translated(self._path):
            self._require_asking(delivery)
            body = partial_body(self._db, delivery)
        if mask and (masked := _masked(body, headers, mask)) is not None:
            body = masked
            headers = [pair for pair in headers if pair[0].lower() != "content-encoding"]
            problem = " ".join(filter(None, (problem, _MASKED)))
        problem = clean(problem)
        # Read before the transaction, which others wait for.
        content = Content("pull", status, headers, body, complete, problem)
        with collector_paused():
            reading = read_content(content)
            return self._sparing_nothing(lambda: self._finish(delivery, now, content, reading))

    def fail_pull(self, delivery: int, problem: str) -> None:
        """Commit that the request was never sent, so nothing can have been handed out."""
        with self._writing():
            self._require_asking(delivery)
            self._db.execute(
                "UPDATE delivery SET state = 'failed', ended_at = ?, problem = ? WHERE id = ?",
                (now_ms(), clean(problem), delivery),
            )

    def add_forwards(self, arrivals: Sequence[Arrival]) -> list[int]:
        """Commit forwarded requests, all or none; their ids, in order.

        Those of strangers are not to be decoded, and their oldest make room; see `strangers`.
        """
        with self._writing():
            return take_in(self._db, self._owner, arrivals)

    def decode(self, deliveries: Sequence[int]) -> list[DecodingResult]:
        """Turn received deliveries into messages, all or none; one answer each, in order.

        What is decoded already, by whomever, is answered with its messages and not decoded
        twice. Raises LookupError for an id that is not in the archive.
        """
        with translated(self._path):
            readings = self._read(deliveries)
        with self._writing():
            stored = store(self._db, readings)
            return [stored[delivery] for delivery in deliveries]

    def redecode(self, after: int) -> RedecodingResult:
        """Read some bodies again that are decoded already, behind that delivery's id.

        Brings their messages up to what this program understands; what changed. Call it
        with `last` until that stays the same, so that others can write between.
        """
        with translated(self._path):
            progress, readings = read_again(self._db, after)
        with self._writing():
            return rewrite(self._db, progress, readings)

    def import_deliveries(self, some: Sequence[ImportedDelivery]) -> ImportResult:
        """Take in what was exported and is not there yet, all or nothing; then decode it."""
        with self._writing():
            intake = import_deliveries(self._db, self._owner, some)
        decoded = self.decode(intake.decoded) if intake.decoded else []
        messages = intake.taken.messages + sum(len(one.message_ids) for one in decoded)
        if intake.completed:
            with translated(self._path):
                readings = read_these(self._db, intake.completed)
            with self._writing():
                messages += rewrite(self._db, RedecodingResult(0), readings).added
        return replace(intake.taken, messages=messages)

    def index(self, limit: int) -> bool:
        """Put the next messages, at most so many, into the index; False if it had them all.

        Searches find the same without it, only later.
        """
        with translated(self._path):
            some = read_unindexed(self._db, limit)
        if some.rows:
            with self._writing():
                index(self._db, some)
        return bool(some.rows)

    def add_forward_test(self, record: ForwardTestRecord) -> int:
        """Keep the record of a test; its id."""
        with translated(self._path), transaction(self._db):
            return add_test(self._db, record)

    def count_messages(self, connection: str) -> int:
        """How many messages came on this connection."""
        with translated(self._path):
            return count_messages(self._db, connection)

    def delete_batch(self, connection: str) -> tuple[int, int]:
        """Delete for good some of what was received on this connection, up to 100 deliveries.

        How many deliveries went, and how many messages with them: call it until none did,
        so that others can write between. A pull that is still under way stays.
        """
        with self._writing():
            return delete_batch(self._db, connection)

    def preview_retention(self, keep: RetentionPolicy) -> RetentionPreview:
        """What would go if no more than this were kept; deletes nothing."""
        with translated(self._path, "read"):
            return preview_retention(self._db, keep, now_ms())

    def delete_batch_below(self, below: int) -> tuple[int, int]:
        """Delete for good some of the deliveries below this id; see `delete_batch`."""
        with self._writing():
            return delete_batch_below(self._db, below)

    def begin_purge(self) -> None:
        """Begin to free the file of what was deleted and still lingers in index and log."""
        with self._writing():
            begin_purging(self._db)

    def purge(self) -> bool:
        """Go on with that; call it until there is nothing left to do."""
        with self._writing():
            goes_on = purge_some(self._db)
        if not goes_on:
            with translated(self._path):
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return goes_on

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with translated(self._path), transaction(self._db):
            yield

    def _sparing_nothing(self, write: Callable[[], T]) -> T:
        """Write; where the disk is full, with the space that was kept for that."""
        try:
            return write()
        except ArchiveUnwritable:
            if not self._reserve.release():
                raise
        return write()

    def _append(self, delivery: int, data: bytes) -> None:
        with self._writing():
            self._db.execute(
                "INSERT INTO chunk SELECT ?1, coalesce(max(position) + 1, 0), ?2 FROM chunk"
                " WHERE delivery = ?1",
                (delivery, data),
            )

    def _finish(
        self, delivery: int, now: int, content: Content, reading: Reading
    ) -> DecodingResult:
        with self._writing():
            self._require_asking(delivery)
            digest = keep_body(self._db, delivery, content.body)
            self._db.execute(
                "UPDATE delivery SET state = 'received', ended_at = ?, status = ?, headers = ?,"
                " complete = ?, problem = ?, sha256 = ? WHERE id = ?",
                (
                    now,
                    content.status,
                    headers_text(content.headers),
                    content.complete,
                    content.problem,
                    digest,
                    delivery,
                ),
            )
            if content.status is not None and content.accepted:
                self._db.execute(
                    "UPDATE counter SET value = max(coalesce(value, 0), ?)"
                    " WHERE name = 'last_pull_at'",
                    (now,),
                )
            return store(self._db, {delivery: reading})[delivery]

    def _require_asking(self, delivery: int) -> None:
        if state_of(self._db, delivery) != "asking":
            raise ArchiveError(
                f"Pull {delivery} was already finished, by this program or by another one that"
                " took this one for dead. The bytes that arrived are kept."
            )

    def _undecoded(self, owners: Sequence[str]) -> list[int]:
        rows = fetch(
            self._db,
            "SELECT id FROM delivery WHERE state = 'received' AND owner IN"
            " (SELECT value FROM json_each(?)) ORDER BY id",
            (encode(owners).decode(),),
        )
        return [delivery for (delivery,) in rows]

    def _read(self, deliveries: Sequence[int]) -> dict[int, Reading | None]:
        """None for what has been decoded, or is not to be yet."""
        readings: dict[int, Reading | None] = dict.fromkeys(deliveries)
        rows = self._db.execute(
            "SELECT id, via, status, headers, body, complete, problem FROM delivery"
            " JOIN content ON delivery = id WHERE id IN (SELECT value FROM json_each(?))"
            " AND state = 'received'",
            (encode(list(deliveries)).decode(),),
        )
        # One body at a time in memory.
        for delivery, via, status, headers, body, complete, problem in rows:
            pairs = msgspec.json.decode(headers, type=list[tuple[str, str]])
            content = Content(via, status, pairs, body, bool(complete), problem)
            readings[delivery] = read_content(content)
        return readings


def _masked(body: bytes, headers: Sequence[tuple[str, str]], mask: Mask) -> bytes | None:
    """The unpacked body without its secrets, if it was packed and holds one."""
    unpacked, _ = undo_encoding(body, headers)
    if unpacked is body or (masked := mask(unpacked)) == unpacked:
        return None
    return masked
