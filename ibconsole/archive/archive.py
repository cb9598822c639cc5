"""The archive's writer: what a call stores is synced to the disk when it returns.

A delivery goes through the states of `DeliveryState`; the answer to a pull becomes decoded in the
transaction that completes it. Its bytes are committed before they are decoded, so a crash at any
instant loses nothing that was committed, and `recover` completes what it interrupted. Several
processes may write to one file: transactions are short, and begin with the write lock.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from ibconsole.archive.answers import set_sent
from ibconsole.archive.bodies import (
    AnswerBytes,
    append_piece,
    read_pieces,
)
from ibconsole.archive.connection import fetch, transaction
from ibconsole.archive.decoding import (
    DecodedBody,
    DecodingInput,
    decode_body,
)
from ibconsole.archive.deletion import (
    DeletableArchive,
    keep_trusted_time,
)
from ibconsole.archive.errors import ArchiveUnwritable, translated
from ibconsole.archive.importing import ImportedDelivery, ImportResult, import_deliveries
from ibconsole.archive.intake import UNMATCHED_KEPT, add_forwards
from ibconsole.archive.pulls import (
    Mask,
    begin_pull,
    end_pull,
    fail_pull,
    is_received,
    received_answer,
    require_asking,
)
from ibconsole.archive.records import (
    AnswerParser,
    DecodingResult,
    ForwardTestRecord,
    RecoveryResult,
    RedecodingResult,
    body_alone,
)
from ibconsole.archive.recovery import (
    RESERVE_SIZE,
    DiskReserve,
    WriterLocks,
    take_over_pulls,
)
from ibconsole.archive.redecoding import decode_again, decode_next, update_stored
from ibconsole.archive.rows import (
    add_forward_test,
    read_deliveries,
    set_forward_test_facts,
)
from ibconsole.archive.searching import (
    add_to_index,
    read_unindexed,
)
from ibconsole.archive.storing import (
    FIRST_SLICE,
    decode_received,
    find_undecoded,
    garbage_collection_paused,
    store_decoded,
)
from ibconsole.clock import now_ms
from ibconsole.model import Arrival, SentAnswer

T = TypeVar("T")

_RECOVERY_BATCH = 64  # deliveries decoded in one transaction


class Archive(DeletableArchive):
    """Writes to an archive, which is created if it does not exist. Not thread-safe.

    Every method but `close` raises ArchiveError if the file cannot be used, in particular
    ArchiveUnwritable (disk full, read-only, locked by another process for 10 s); then nothing
    was written. `reserved` is the disk space in bytes that is kept free for running pulls;
    `unmatched_kept` is the number of unmatched requests that are kept. `parse_answer` reads the
    bytes of a pull's answer, also of one that a dead process left unfinished.
    """

    def __init__(
        self,
        path: Path,
        *,
        parse_answer: AnswerParser = body_alone,
        reserved: int = RESERVE_SIZE,
        unmatched_kept: int = UNMATCHED_KEPT,
    ) -> None:
        super().__init__(path)
        self._parse_answer = parse_answer
        self._unmatched_kept = unmatched_kept
        self._locks = WriterLocks(path.parent / "locks")
        with translated(path), ExitStack() as on_error:
            on_error.callback(self._db.close)
            self._owner, self._lock = self._locks.acquire()
            self._reserve = DiskReserve(self._locks.reserve_path(self._owner), reserved)
            on_error.pop_all()

    def close(self) -> None:
        """Close the file; closing it twice is harmless.

        Unfinished pulls can then be recovered by the next process.
        """
        super().close()
        self._reserve.release()
        self._lock.discard()

    def recover(self) -> RecoveryResult:
        """Complete what ended processes left unfinished; running processes are not affected.

        A pull whose process has ended becomes received with the bytes that arrived, and is
        marked as interrupted. Then everything received is decoded. Calling it again, or in
        several processes at once, is harmless.
        """
        return self._recover([self._owner])

    def take_over(self) -> RecoveryResult:
        """Complete what processes that ended since `recover` left unfinished; quick if nothing."""
        with translated(self._path):
            others = fetch(
                self._db,
                "SELECT 1 FROM delivery WHERE state IN ('asking', 'received') AND owner <> ?"
                " LIMIT 1",
                (self._owner,),
            )
        return self._recover([]) if others else RecoveryResult((), 0)

    def _recover(self, running: Sequence[str]) -> RecoveryResult:
        with translated(self._path), self._locks.dead_owners(self._db) as dead:
            with transaction(self._db):
                keep_trusted_time(self._db, now_ms())
                interrupted = take_over_pulls(self._db, dead, self._owner, self._parse_answer)
            # Those taken over belong to this owner, whose other deliveries may be in progress.
            waiting = sorted({*find_undecoded(self._db, [*dead, *running]), *interrupted})
            messages = 0
            for start in range(0, len(waiting), _RECOVERY_BATCH):
                results = self.decode(waiting[start : start + _RECOVERY_BATCH])
                messages += sum(len(result.message_ids) for result in results)
            return RecoveryResult(tuple(read_deliveries(self._db, interrupted)), messages)

    def begin_pull(
        self,
        *,
        connection: str | None,
        base_url: str,
        limit: int | None,
        epoch: int | None = None,
    ) -> int:
        """Commit the intent to pull, before the request is sent, and return the delivery's id.

        `epoch` is that of the team's pull lock, None without a team. Also raises
        ArchiveUnwritable if there is not enough disk space for the answer.
        """
        self._reserve.allocate()
        with self._writing():
            delivery = begin_pull(
                self._db,
                self._owner,
                now_ms(),
                connection=connection,
                base_url=base_url,
                limit=limit,
            )
            if epoch is not None:
                self._db.execute("INSERT INTO delivery_epoch VALUES (?, ?)", (delivery, epoch))
            return delivery

    def append_answer(self, delivery: int, data: bytes) -> None:
        """Commit the next bytes of an answer, after those that arrived before."""
        if data:
            self._using_reserve(lambda: self._append(delivery, data))

    def partial_answer(self, delivery: int) -> bytes:
        """Return the bytes of an unfinished answer that are stored."""
        with translated(self._path, "read"):
            return read_pieces(self._db, delivery)

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
        """Commit the end of an answer: its whole body, and its messages.

        The first messages are committed with the body, all or nothing, and the rest of a large
        answer in further transactions. If one of these fails, calling this again continues, and
        so does `recover` after a crash.
        `status` and `headers` are what the client read, None and empty if it read nothing; then
        they are taken from the bytes as far as they have them. For a request that was certainly
        not sent, use `fail_pull`. `problem` is a sentence, or empty.
        `mask` replaces secrets in bytes; the caller cannot do so itself in a divided or
        compressed answer. A compressed body that has a secret is stored decompressed.
        """
        now = now_ms()
        with translated(self._path):
            if is_received(self._db, delivery, self._owner):
                return self.decode([delivery])[0]
            require_asking(self._db, delivery)
            raw = read_pieces(self._db, delivery)
        parsed = self._parse_answer(raw)
        parsed = replace(
            parsed,
            status=parsed.status if status is None else status,
            headers=tuple(headers) or parsed.headers,
            problem=" ".join(filter(None, (problem, parsed.problem))),
        )
        answer, kept = received_answer(raw, parsed, complete=complete, mask=mask)
        # Decoded before the transaction begins, which blocks other writers.
        with garbage_collection_paused():
            decoded = decode_body(answer)
            self._using_reserve(lambda: self._finish(delivery, now, answer, kept, decoded))
            return self._store_decoded({delivery: decoded})[delivery]

    def fail_pull(self, delivery: int, problem: str) -> None:
        """Commit that the request was never sent, so no messages were handed out."""
        with self._writing():
            fail_pull(self._db, delivery, now_ms(), problem)

    def add_forwards(self, arrivals: Sequence[Arrival]) -> list[int]:
        """Commit forwarded requests, all or nothing, and return their ids in order.

        Unmatched requests are not to be decoded, and only the latest of them are kept.
        """
        with self._writing():
            return add_forwards(
                self._db, self._owner, arrivals, unmatched_kept=self._unmatched_kept
            )

    def set_sent_answers(self, sent: Sequence[tuple[int, SentAnswer]]) -> None:
        """Commit what was really sent of the answers that rules planned for deliveries."""
        with self._writing():
            set_sent(self._db, sent)

    def decode(self, deliveries: Sequence[int]) -> list[DecodingResult]:
        """Decode received deliveries, and return one result each, in order.

        Many messages are committed in several transactions; what a crash interrupts is continued.
        A delivery that is decoded already, by any process, is not decoded again; the result
        has its stored messages. Raises LookupError for an id that does not exist.
        """
        with translated(self._path):
            bodies = decode_received(self._db, deliveries)
        stored = self._store_decoded(bodies)
        return [stored[delivery] for delivery in deliveries]

    def redecode(self, after: int) -> RedecodingResult:
        """Decode some decoded deliveries with ids above `after` again, and return the changes.

        Brings their messages up to what this version of the program understands. To be called
        with the result's `last` until that stays the same, so that others can write between.
        """
        with translated(self._path):
            progress, bodies = decode_next(self._db, after)
        with self._writing():
            return update_stored(self._db, progress, bodies)

    def import_deliveries(self, imported: Sequence[ImportedDelivery]) -> ImportResult:
        """Import exported deliveries that are not stored yet, all or nothing, and decode them."""
        with self._writing():
            batch = import_deliveries(self._db, self._owner, imported)
        results = self.decode(batch.to_decode) if batch.to_decode else []
        messages = batch.result.messages + sum(len(each.message_ids) for each in results)
        if batch.to_redecode:
            with translated(self._path):
                bodies = decode_again(self._db, batch.to_redecode)
            with self._writing():
                messages += update_stored(self._db, RedecodingResult(0), bodies).added
        return replace(batch.result, messages=messages)

    def index(self, limit: int) -> bool:
        """Add the next messages, at most `limit`, to the full-text index; False if none are left.

        Searches find the same messages without it, only more slowly.
        """
        with translated(self._path):
            unindexed = read_unindexed(self._db, limit)
        if unindexed.rows:
            with self._writing():
                add_to_index(self._db, unindexed)
        return bool(unindexed.rows)

    def add_forward_test(self, record: ForwardTestRecord, connection: str = "") -> int:
        """Commit the record of a forward test, and return its id.

        `connection` is the one that was open then, empty if there was none.
        """
        with self._writing():
            return add_forward_test(self._db, record, connection)

    def set_forward_test_facts(self, test: int, facts: str) -> None:
        """Commit what became known of a forward test after its record was made."""
        with self._writing():
            set_forward_test_facts(self._db, test, facts)

    def probe(self) -> None:
        """Commit a value of no meaning: the archive can be written now, or this raises."""
        with self._writing():
            self._db.execute("INSERT OR REPLACE INTO counter (name, value) VALUES ('probe', 0)")

    def _using_reserve(self, write: Callable[[], T]) -> T:
        """Write, and if the disk is full, once more with the reserved space."""
        try:
            return write()
        except ArchiveUnwritable:
            if not self._reserve.release():
                raise
        return write()

    def _append(self, delivery: int, data: bytes) -> None:
        with self._writing():
            append_piece(self._db, delivery, data)

    def _store_decoded(self, bodies: Mapping[int, DecodedBody | None]) -> dict[int, DecodingResult]:
        """Store what is missing of these bodies, and return what is stored of each delivery."""
        stored: dict[int, DecodingResult] = {}

        def store_slice() -> None:
            with self._writing():
                missing = {each: body for each, body in bodies.items() if each not in stored}
                stored.update(store_decoded(self._db, missing))

        while len(stored) < len(bodies):
            self._using_reserve(store_slice)
        return stored

    def _finish(
        self,
        delivery: int,
        now: int,
        answer: DecodingInput,
        kept: AnswerBytes,
        decoded: DecodedBody,
    ) -> None:
        with self._writing():
            end_pull(self._db, delivery, now, answer, kept)
            store_decoded(self._db, {delivery: decoded}, FIRST_SLICE)
