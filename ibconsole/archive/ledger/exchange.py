"""The ledger of a job that runs: what is about to be sent, and what was answered.

One call commits both, for everything that ended and began since the last one: many requests, one
sync of the disk. An attempt is stored before its request is sent; what a process that was killed
has left open is unknown to the next one.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice, takewhile
from pathlib import Path

import apsw
import msgspec

from ibconsole.archive import fetch, replace_surrogates
from ibconsole.archive.ledger.anchors import (
    ItemSource,
    anchor_of,
    read_sources,
    stored_messages,
)
from ibconsole.archive.ledger.jobs import OURSELVES, JobWriter, append_entries, decide
from ibconsole.archive.ledger.reader import INTERRUPTED, damage_named, read_items
from ibconsole.archive.ledger.records import (
    AnswerNote,
    Attempt,
    Decision,
    EntryKind,
    ItemState,
    LedgerItem,
    Outcome,
    RedeliveryAnswer,
    RedeliveryForm,
    RedeliveryKind,
)
from ibconsole.clock import now_ms

ANSWER_KEPT = 16_384  # bytes of the body of an answer,
ANSWER_CUT = 256  # or this many, once the answers of a job have
_ANSWERS_KEPT = 32 << 20  # bytes
_DELETED = "The message was deleted from the archive."
_NO_BYTES = "The archive does not have the bytes of the message."
_MOST_ATTEMPTS = 1_001
_BATCH = 500
_MOST_READ = 500  # items at once, while others wait to write
# Other items about the same message that went, or may have gone, to the same URL; an edited copy is
# another message.
_ELSEWHERE = """
    SELECT other.job, other.state FROM redelivery_item AS other
    JOIN redelivery ON redelivery.id = other.job
    WHERE {same} AND other.id <> :id AND redelivery.url = :url AND redelivery.form <> 'edited'
        AND (other.state IN ('acknowledged', 'sending', 'unknown') OR other.decision = 'accept')
        AND other.changed_at > :since
    ORDER BY other.state LIMIT 1
"""
_BY_IDENTITY = _ELSEWHERE.format(
    same="other.message_id = :message_id AND other.application_code = :code"
)
_BY_MESSAGE = _ELSEWHERE.format(same="other.message = :message")


class BuiltRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is about to be sent, for these items.

    `data` are all of its bytes; the other fields are those of `Attempt`.
    """

    id: str
    items: tuple[int, ...]
    data: bytes
    sha256: str
    body_sha256: str
    sender: str


class EndedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a request: its outcome, and its answer if anything came of one.

    An attempt that is `withdrawn` was not begun, so it does not count, and is made later.
    """

    id: str
    items: tuple[int, ...]
    outcome: Outcome
    status: int | None = None
    problem: str = ""
    seconds: float = 0.0
    answer: RedeliveryAnswer | None = None
    withdrawn: bool = False


# Yields requests for the messages; those beyond what is wanted are made later.
BuildRequests = Callable[[Sequence[ItemSource]], Iterable[BuiltRequest]]
# Returns the seconds to wait after this many attempts, None after the last one.
RetryDelay = Callable[[int], float | None]


class Ledger(JobWriter):
    """The ledger of a job whose lock the caller holds; see WritableConnection.

    `build` makes requests of messages, `delay` is the retry law.
    """

    def __init__(self, path: Path, job: int, build: BuildRequests, delay: RetryDelay) -> None:
        super().__init__(path)
        self._build = build
        self._delay = delay
        delays = takewhile(lambda one: one is not None, map(delay, range(1, _MOST_ATTEMPTS)))
        self._longest_delay = round(1000 * max((one or 0.0 for one in delays), default=0.0))
        self._job = self.job(job)
        [(self._archive,)] = fetch(self._db, "SELECT value FROM fact WHERE name = 'archive'")
        [(self._answer_bytes,)] = fetch(
            self._db, "SELECT answer_bytes FROM redelivery WHERE id = ?", (job,)
        )

    def recover(self) -> int:
        """Set what a process that was killed has left in sending to unknown; return the number."""
        count = 0
        query = "SELECT id FROM redelivery_item WHERE job = ? AND state = 'sending' LIMIT ?"
        while left := [one for (one,) in fetch(self._db, query, (self._job.id, _BATCH))]:
            with self._writing() as db, damage_named(self._path):
                for item in read_items(db, left):
                    note = EndedRequest(
                        id=_request_of(db, item),
                        items=(item.id,),
                        outcome=Outcome.UNKNOWN,
                        problem=INTERRUPTED,
                    )
                    self._end(db, item, note, None)
            count += len(left)
        return count

    def exchange(self, ended: Sequence[EndedRequest], wanted: int) -> Sequence[BuiltRequest]:
        """Commit the ends of requests and the attempts of the next ones, which are returned.

        At most `wanted` requests are returned. Fewer, or none, does not mean that nothing waits;
        see `next_due`.
        """
        with self._writing() as db:
            for one in ended:
                self._end_request(db, one)
            return self._begin_requests(db, wanted) if wanted > 0 else ()

    def next_due(self) -> int | None:
        """Return the earliest time at which an item is to be sent; None if none waits.

        After the clock was set back, an item waits no longer than the longest delay of the law.
        """
        [(due,)] = fetch(
            self._db,
            "SELECT min(due_at) FROM redelivery_item WHERE job = ? AND state = 'waiting'",
            (self._job.id,),
        )
        latest = now_ms() + self._longest_delay
        if due is not None and due > latest:
            with self._writing() as db:
                db.execute(
                    "UPDATE redelivery_item SET due_at = ?1"
                    " WHERE job = ?2 AND state = 'waiting' AND due_at > ?1",
                    (latest, self._job.id),
                )
            due = latest
        return None if due is None else int(due)

    def _begin_requests(self, db: apsw.Connection, wanted: int) -> Sequence[BuiltRequest]:
        batch = self._job.options.batch_size
        items = self._due(db, min(wanted * batch, max(batch, _MOST_READ)))
        stored = stored_messages(db, items)
        free = [one for one in items if self._is_to_be_sent(db, one, stored)]
        whole = self._job.form is RedeliveryForm.AS_RECEIVED
        sources = {source.item.id: source for source in read_sources(db, free, whole=whole)}
        if not sources:
            for item in free:
                decide(db, item, Decision.SKIP, by=OURSELVES, reason=_NO_BYTES)
        requests = list(islice(self._build(list(sources.values())), wanted))
        now = now_ms()
        for request in requests:
            for one in request.items:
                self._begin(db, sources[one], request, now)
        return requests

    def _due(self, db: apsw.Connection, limit: int) -> Sequence[LedgerItem]:
        """Return the next items, together with those that came with them in one forward."""
        query = (
            "SELECT id FROM redelivery_item WHERE job = :job AND state = 'waiting'"
            " AND due_at <= :now ORDER BY due_at, id LIMIT :limit"
        )
        values = {"job": self._job.id, "now": now_ms(), "limit": limit}
        ids = [one for (one,) in fetch(db, query, values)]
        items = read_items(db, ids)
        if self._job.form is not RedeliveryForm.AS_RECEIVED:
            return items
        known = {one.id for one in items}
        wanted = msgspec.json.encode(sorted({one.delivery for one in items})).decode()
        siblings = fetch(
            db,
            "SELECT item.id FROM redelivery_item AS item"
            " JOIN delivery ON delivery.id = item.delivery AND delivery.via = 'forward'"
            " WHERE item.delivery IN (SELECT value FROM json_each(?))"
            " AND item.state = 'waiting' AND item.job = ? AND item.due_at <= ?",
            (wanted, self._job.id, values["now"]),
        )
        return read_items(db, [*ids, *(one for (one,) in siblings if one not in known)])

    def _is_to_be_sent(self, db: apsw.Connection, item: LedgerItem, stored: set[int]) -> bool:
        """Return whether an item is to be sent now; one that must not be is skipped."""
        if item.message not in stored:
            decide(db, item, Decision.SKIP, by=OURSELVES, reason=_DELETED)
            return False
        if self._job.kind is not RedeliveryKind.GIVE_BACK:
            return True
        # A user who decided to send it again has seen what came of it until then, and no more.
        decided = item.decision is Decision.RESEND
        query = _BY_IDENTITY if item.message_id else _BY_MESSAGE
        values = {
            "id": item.id,
            "message": item.message,
            "message_id": item.message_id,
            "code": item.application_code,
            "url": self._job.url,
            "since": item.changed_at if decided else -1,
        }
        for job, state in fetch(db, query, values):
            reason = f"Redelivery {job} has sent it to this URL already; there it is {state}."
            decide(db, item, Decision.SKIP, by=OURSELVES, reason=reason)
            return False
        return True

    def _begin(
        self, db: apsw.Connection, source: ItemSource, request: BuiltRequest, now: int
    ) -> None:
        item = source.item
        attempt = Attempt(
            request=request.id,
            attempt=item.attempts + 1,
            form=self._job.form,
            sender=request.sender,
            messages=len(request.items),
            sha256=request.sha256,
            size=len(request.data),
            body_sha256=request.body_sha256,
        )
        entries: list[tuple[EntryKind, msgspec.Struct]] = [(EntryKind.ATTEMPT, attempt)]
        if not _is_anchored(db, item):  # the first entry, unless a decision came before
            anchor = anchor_of(db, self._archive, self._job, source)
            entries.insert(0, (EntryKind.ANCHOR, anchor))
        append_entries(db, item, entries, now)
        db.execute(
            "UPDATE redelivery_item SET state = 'sending', attempts = attempts + 1,"
            " changed_at = ? WHERE id = ?",
            (now, item.id),
        )

    def _end_request(self, db: apsw.Connection, ended: EndedRequest) -> None:
        answer = self._store_answer(db, ended.answer) if ended.answer else None
        for item in read_items(db, ended.items):
            self._end(db, item, ended, answer)

    def _end(
        self, db: apsw.Connection, item: LedgerItem, ended: EndedRequest, answer: int | None
    ) -> None:
        now = now_ms()
        state, due = self._state_after(ended.outcome, item.attempts, now)
        if ended.withdrawn:
            state, due = ItemState.WAITING, now
        problem = replace_surrogates(ended.problem)
        note = AnswerNote(
            request=ended.id,
            outcome=ended.outcome,
            state=state,
            status=ended.status,
            problem=problem,
            answer=answer,
            sha256=ended.answer.sha256 if ended.answer else "",
            size=ended.answer.size if ended.answer else 0,
            seconds=round(ended.seconds, 6),
            due_at=due,
        )
        append_entries(db, item, [(EntryKind.ANSWER, note)], now)
        db.execute(
            "UPDATE redelivery_item SET state = ?, due_at = ?, changed_at = ?, status = ?,"
            " answer = ?, problem = ?, decision = '', attempts = attempts - ? WHERE id = ?",
            (state, due or 0, now, ended.status, answer, problem, ended.withdrawn, item.id),
        )

    def _state_after(
        self, outcome: Outcome, attempts: int, now: int
    ) -> tuple[ItemState, int | None]:
        """Return the state of an item after an attempt, and the time of the next one if any."""
        if outcome is Outcome.ACKNOWLEDGED:
            return ItemState.ACKNOWLEDGED, None
        if outcome is Outcome.UNKNOWN:
            return ItemState.UNKNOWN, None
        delay = self._delay(attempts)
        if delay is None:
            return ItemState.UNDELIVERED, None
        return ItemState.WAITING, now + round(delay * 1000)

    def _store_answer(self, db: apsw.Connection, answer: RedeliveryAnswer) -> int:
        """Store an answer within the bounds of its job."""
        kept = ANSWER_KEPT if self._answer_bytes < _ANSWERS_KEPT else ANSWER_CUT
        body = answer.body[:kept]
        headers = msgspec.json.encode(_texts(answer.headers)).decode()
        size = len(body) + len(headers)
        if self._answer_bytes >= _ANSWERS_KEPT and len(headers) > ANSWER_CUT:
            headers = "[]"
        fetch(
            db,
            "INSERT INTO redelivery_answer (job, at, status, reason, headers, body, size, sha256,"
            " complete, problem, seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self._job.id,
                answer.at,
                answer.status,
                replace_surrogates(answer.reason),
                headers,
                body,
                answer.size,
                answer.sha256,
                answer.complete,
                replace_surrogates(answer.problem),
                answer.seconds,
            ),
        )
        number = db.last_insert_rowid()
        self._answer_bytes += size
        db.execute(
            "UPDATE redelivery SET answer_bytes = answer_bytes + ? WHERE id = ?",
            (size, self._job.id),
        )
        return number


def _texts(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(replace_surrogates(name), replace_surrogates(value)) for name, value in headers]


def _is_anchored(db: apsw.Connection, item: LedgerItem) -> bool:
    query = "SELECT 1 FROM ledger_entry WHERE item = ? AND kind = 'anchor' LIMIT 1"
    return item.entries > 0 and bool(fetch(db, query, (item.id,)))


def _request_of(db: apsw.Connection, item: LedgerItem) -> str:
    """Return the id of the request of the last attempt."""
    rows = fetch(
        db,
        "SELECT json_extract(content, '$.request') FROM ledger_entry WHERE item = ?"
        " AND kind = 'attempt' ORDER BY number DESC LIMIT 1",
        (item.id,),
    )
    return str(rows[0][0]) if rows else ""
