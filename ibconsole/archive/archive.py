"""The archive's writer: what a call stores is synced to the disk when it returns.

A delivery goes through the states of `DeliveryState`; the answer to a pull becomes decoded in the
transaction that completes it. Its bytes are committed before they are decoded, so a crash at any
instant loses nothing that was committed, and `recover` completes what it interrupted. Several
processes may write to one file: transactions are short, and begin with the write lock.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self, TypeVar

from msgspec.structs import replace

from ibconsole.archive.answers import set_sent
from ibconsole.archive.bodies import (
    AnswerBytes,
    append_piece,
    read_pieces,
    start_of,
    store_answer,
)
from ibconsole.archive.connection import fetch, open_writer, transaction
from ibconsole.archive.decoding import (
    DecodedBody,
    DecodingInput,
    decode_body,
    undo_content_encoding,
)
from ibconsole.archive.deletion import (
    BATCH_SIZE,
    count_messages,
    delete_batch,
    delete_batch_below,
    keep_trusted_time,
    move_trusted_time,
    preview_retention,
    read_trusted_time,
    require_unneeded,
    set_trusted_time,
)
from ibconsole.archive.errors import ArchiveError, ArchiveUnwritable, translated
from ibconsole.archive.history import delete_history
from ibconsole.archive.importing import ImportedDelivery, ImportResult, import_deliveries
from ibconsole.archive.intake import UNMATCHED_KEPT, add_forwards
from ibconsole.archive.records import (
    AnswerParser,
    DecodingResult,
    DeliveryState,
    ForwardTestRecord,
    ParsedAnswer,
    RecoveryResult,
    RedecodingResult,
    RetentionPolicy,
    RetentionPreview,
    Via,
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
from ibconsole.archive.schema import migrate
from ibconsole.archive.searching import (
    add_to_index,
    begin_purge,
    continue_purge,
    read_unindexed,
)
from ibconsole.archive.storing import (
    FIRST_SLICE,
    add_to_counter,
    decode_received,
    find_undecoded,
    garbage_collection_paused,
    headers_text,
    next_id,
    read_state,
    replace_surrogates,
    store_decoded,
)
from ibconsole.clock import now_ms
from ibconsole.model import Arrival, SentAnswer

T = TypeVar("T")
Mask = Callable[[bytes], bytes]

_MASKED = "The answer was compressed and repeated a credential: it is kept decompressed and masked."
_RECOVERY_BATCH = 64  # deliveries decoded in one transaction


class Archive:
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
        self._path = path
        self._parse_answer = parse_answer
        self._unmatched_kept = unmatched_kept
        self._locks = WriterLocks(path.parent / "locks")
        with translated(path), ExitStack() as on_error:
            self._db = open_writer(path)
            on_error.callback(self._db.close)
            migrate(self._db, path)
            self._owner, self._lock = self._locks.acquire()
            self._reserve = DiskReserve(self._locks.reserve_path(self._owner), reserved)
            on_error.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; closing it twice is harmless.

        Unfinished pulls can then be recovered by the next process.
        """
        self._db.close()
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
            add_to_counter(self._db, Via.PULL, 1)
            self._db.execute(
                "INSERT INTO delivery (id, via, state, connection, base_url, owner, began_at,"
                " limit_asked) VALUES (?, 'pull', 'asking', ?, ?, ?, ?, ?)",
                (
                    next_id(self._db, "delivery"),
                    connection,
                    replace_surrogates(base_url),
                    self._owner,
                    now_ms(),
                    limit,
                ),
            )
            delivery = self._db.last_insert_rowid()
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
            if self._is_received(delivery):
                return self.decode([delivery])[0]
            self._require_asking(delivery)
            raw = read_pieces(self._db, delivery)
        parsed = self._parse_answer(raw)
        status = parsed.status if status is None else status
        headers = headers or parsed.headers
        notes = [problem, parsed.problem]
        kept = _kept_bytes(raw, parsed, mask)
        if mask and (masked := _masked(kept.body, headers, mask)) is not None:
            kept = AnswerBytes(masked)
            headers = [pair for pair in headers if pair[0].lower() != "content-encoding"]
            notes.append(_MASKED)
        problem = replace_surrogates(" ".join(filter(None, notes)))
        # Decoded before the transaction begins, which blocks other writers.
        answer = DecodingInput(Via.PULL, status, headers, kept.body, complete, problem)
        with garbage_collection_paused():
            decoded = decode_body(answer)
            self._using_reserve(lambda: self._finish(delivery, now, answer, kept, decoded))
            return self._store_decoded({delivery: decoded})[delivery]

    def fail_pull(self, delivery: int, problem: str) -> None:
        """Commit that the request was never sent, so no messages were handed out."""
        with self._writing():
            self._require_asking(delivery)
            self._db.execute(
                "UPDATE delivery SET state = 'failed', ended_at = ?, problem = ? WHERE id = ?",
                (now_ms(), replace_surrogates(problem), delivery),
            )

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

    def count_messages(self, connection: str) -> int:
        """Return the number of messages that came on this connection."""
        with translated(self._path):
            return count_messages(self._db, connection)

    def require_unneeded(self, connection: str) -> None:
        """Raise ArchiveError if messages of this connection are still needed; see `deletion`."""
        with translated(self._path):
            require_unneeded(self._db, connection)

    def delete_batch(self, connection: str, *, size: int = BATCH_SIZE) -> tuple[int, int]:
        """Delete the oldest deliveries of this connection permanently, at most `size`.

        Returns the numbers of deliveries and messages deleted; to be called until it returns
        (0, 0), so that others can write between. A pull that is under way stays, and so does what
        a redelivery still needs.
        """
        with self._writing():
            return delete_batch(self._db, connection, size=size)

    def delete_setup(self, connection: str) -> None:
        """Delete permanently what is stored about the setup of a connection, but for the audit."""
        with self._writing():
            delete_history(self._db, connection)

    def delete_batch_below(self, below: int) -> tuple[int, int]:
        """Delete the oldest deliveries with ids below `below`; see `delete_batch`."""
        with self._writing():
            return delete_batch_below(self._db, below)

    def preview_retention(self, policy: RetentionPolicy) -> RetentionPreview:
        """Return what this policy would delete now; deletes nothing."""
        with translated(self._path, "read"):
            return preview_retention(self._db, policy, now_ms())

    def check_clock(self, policy: RetentionPolicy, *, leapt: bool = False) -> int | None:
        """Return None if the clock can be trusted to delete by age, and remember this instant.

        Otherwise return the last instant at which it could: see `deletion`. `leapt` says that
        the clock was set while the program runs.
        """
        with self._writing():
            if leapt:
                return read_trusted_time(self._db, now_ms())
            return move_trusted_time(self._db, policy, now_ms())

    def trust_clock(self) -> None:
        """Trust the clock as it is: the user has seen what would be deleted."""
        with self._writing():
            set_trusted_time(self._db, now_ms())

    def probe(self) -> None:
        """Commit a value of no meaning: the archive can be written now, or this raises."""
        with self._writing():
            self._db.execute("INSERT OR REPLACE INTO counter (name, value) VALUES ('probe', 0)")

    def begin_purge(self) -> None:
        """Begin to remove the traces that deleted messages leave in index and log."""
        with self._writing():
            begin_purge(self._db)

    def purge(self) -> bool:
        """Continue a purge; to be called until it returns False."""
        with self._writing():
            unfinished = continue_purge(self._db)
        if not unfinished:
            with translated(self._path):
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return unfinished

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with translated(self._path), transaction(self._db):
            yield

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
            self._require_asking(delivery)
            digest = store_answer(self._db, delivery, kept)
            self._db.execute(
                "UPDATE delivery SET state = 'received', ended_at = ?, status = ?, headers = ?,"
                " complete = ?, problem = ?, sha256 = ? WHERE id = ?",
                (
                    now,
                    answer.status,
                    headers_text(answer.headers),
                    answer.complete,
                    answer.problem,
                    digest,
                    delivery,
                ),
            )
            if answer.status is not None and answer.accepted:
                self._db.execute(
                    "UPDATE counter SET value = max(coalesce(value, 0), ?)"
                    " WHERE name = 'last_pull_at'",
                    (now,),
                )
            store_decoded(self._db, {delivery: decoded}, FIRST_SLICE)

    def _is_received(self, delivery: int) -> bool:
        """Return whether this writer has stored the answer, but not all of its messages."""
        return bool(
            fetch(
                self._db,
                "SELECT 1 FROM delivery WHERE id = ? AND state = 'received' AND owner = ?",
                (delivery, self._owner),
            )
        )

    def _require_asking(self, delivery: int) -> None:
        if read_state(self._db, delivery) is not DeliveryState.ASKING:
            raise ArchiveError(
                f"Pull {delivery} was already finished, by this program or by another one that"
                " took this one for dead. The bytes that arrived are kept."
            )


def _kept_bytes(raw: bytes, parsed: ParsedAnswer, mask: Mask | None) -> AnswerBytes:
    """Return what is kept of an answer; only its body if more would contain a secret."""
    body = parsed.body
    if mask and (joined := mask(body)) != body:  # the framing divided a secret
        return AnswerBytes(joined)
    start = start_of(body, raw)
    if mask and start and mask(raw[:start]) != raw[:start]:
        return AnswerBytes(body)
    return AnswerBytes(body, raw if parsed.keeps_raw else None, start)


def _masked(body: bytes, headers: Sequence[tuple[str, str]], mask: Mask) -> bytes | None:
    """Return the decompressed body with its secrets masked; None unless both apply."""
    plain, _ = undo_content_encoding(body, headers)
    if plain is body or (masked := mask(plain)) == plain:
        return None
    return masked
