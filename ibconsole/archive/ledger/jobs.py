"""Writing jobs and items of redeliveries: making them, their states, and decisions about items."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from pathlib import Path

import apsw
import msgspec

from ibconsole.archive import (
    ArchiveError,
    WritableConnection,
    fetch,
    replace_surrogates,
    translated,
)
from ibconsole.archive.ledger.chain import next_entry
from ibconsole.archive.ledger.reader import (
    damage_named,
    job_lock,
    read_item_counts,
    read_items,
    read_job,
)
from ibconsole.archive.ledger.records import (
    Decision,
    DecisionNote,
    EntryKind,
    ItemCounts,
    ItemState,
    LedgerItem,
    Redelivery,
    RedeliveryForm,
    RedeliveryKind,
    RedeliveryOptions,
    RedeliveryState,
)
from ibconsole.clock import now_ms
from ibconsole.files import FileLock

OURSELVES = "ibconsole"  # in place of a user: a rule of the program
_TRIES, _PAUSE = 5, 0.02  # seconds
_BATCH = 2_000  # items in one transaction: other writers wait meanwhile
# The states in which a decision changes an item, and the state that it has then.
_DECIDABLE = {
    Decision.RESEND: (
        (ItemState.UNKNOWN, ItemState.UNDELIVERED, ItemState.SKIPPED),
        ItemState.WAITING,
    ),
    Decision.ACCEPT: ((ItemState.UNKNOWN,), ItemState.SKIPPED),
    Decision.SKIP: (
        (ItemState.WAITING, ItemState.UNKNOWN, ItemState.UNDELIVERED),
        ItemState.SKIPPED,
    ),
}


class RedeliveryBusy(ArchiveError):
    """A job is run by another process, or by another part of this one."""


class NewRedelivery(msgspec.Struct, frozen=True, kw_only=True):
    """A job that is to be made; see `Redelivery`."""

    kind: RedeliveryKind
    connection: str
    url: str
    form: RedeliveryForm
    options: RedeliveryOptions


class NewItem(msgspec.Struct, frozen=True):
    """A message that a job is to send; with `edited` these bytes in place of the message's.

    `digest` is the SHA-256 of the JSON of one without a message id, where it was looked for; it is
    not stored.
    """

    message: int
    delivery: int
    message_id: str
    application_code: str
    edited: bytes | None = None
    digest: bytes = b""


class JobWriter(WritableConnection):
    """Makes jobs, and changes their state; see WritableConnection."""

    def create(self, new: NewRedelivery, items: Iterable[NewItem]) -> int:
        """Store a job that is ready to run, with its items in this order; return its id.

        Many items are committed in several transactions. What a crash leaves is marked as
        interrupted, nothing of it is sent, and it is cancelled when the next job is made.
        """
        self._cancel_parts()
        with ExitStack() as stack:
            job = self._begin_job(new, stack)
            left, count = iter(items), 0
            while batch := list(islice(left, _BATCH)):
                with self._writing() as db:
                    _insert_items(db, job, batch)
                count += len(batch)
            with self._writing() as db:
                db.execute(
                    "UPDATE redelivery SET state = 'ready', items = ? WHERE id = ?", (count, job)
                )
        return job

    def _begin_job(self, new: NewRedelivery, stack: ExitStack) -> int:
        """Store a job without items, whose lock is held when others see it."""
        with self._writing() as db:
            options = msgspec.json.encode(new.options).decode()
            fetch(
                db,
                "INSERT INTO redelivery (kind, state, connection, url, form, options, made_at)"
                " VALUES (?, 'preparing', ?, ?, ?, ?, ?)",
                (new.kind, new.connection, new.url, new.form, options, now_ms()),
            )
            job = db.last_insert_rowid()
            stack.enter_context(hold_job(self._path, job))
        return job

    def _cancel_parts(self) -> None:
        """Cancel the jobs that were never stored completely, because their process has ended."""
        query = "SELECT id FROM redelivery WHERE state = 'preparing'"
        for (job,) in fetch(self._db, query):
            with suppress(RedeliveryBusy), hold_job(self._path, job):
                self.cancel(job, by=OURSELVES)

    def job(self, job: int) -> Redelivery:
        """Return a job. Raises ArchiveError if there is none with this id."""
        with damage_named(self._path):
            found = read_job(self._db, self._path, job)
        if found is None:
            raise ArchiveError(f"There is no redelivery {job} in this archive. Nothing was sent.")
        return found

    def counts(self, job: int) -> ItemCounts:
        """Return the number of items of a job by their state."""
        return read_item_counts(self._db, job)

    def set_state(self, job: int, state: RedeliveryState, problem: str = "") -> None:
        """Set the state of a job, whose lock the caller holds."""
        ended = state in {RedeliveryState.FINISHED, RedeliveryState.CANCELLED}
        with self._writing() as db:
            db.execute(
                "UPDATE redelivery SET state = :state, problem = :problem,"
                " began_at = iif(:state = 'running', coalesce(began_at, :now), began_at),"
                " ended_at = iif(:ended, :now, NULL) WHERE id = :job",
                {
                    "job": job,
                    "state": state,
                    "problem": replace_surrogates(problem),
                    "now": now_ms(),
                    "ended": ended,
                },
            )

    def finish_if_done(self, job: int) -> bool:
        """Set a job to finished if no item waits or is sent; return whether that was so.

        In one transaction with the check, because a decision may let an item wait again.
        """
        with self._writing() as db:
            if read_item_counts(db, job).open:
                return False
            db.execute(
                "UPDATE redelivery SET state = 'finished', problem = '', ended_at = ? WHERE id = ?",
                (now_ms(), job),
            )
        return True

    def cancel(self, job: int, *, by: str) -> None:
        """Skip what waits, and set a job to cancelled, whose lock the caller holds.

        What was sent, or may have been, stays as it is.
        """
        query = (
            "SELECT id FROM redelivery_item WHERE job = ? AND state = 'waiting' AND entries > 0"
            " LIMIT ?"
        )
        while ids := [one for (one,) in fetch(self._db, query, (job, _BATCH))]:
            self.decide(Decision.SKIP, ids, by=by, reason="The redelivery was cancelled.")
        # Nothing was ever sent of the others, so they need no entry.
        changed = 1
        while changed:
            with self._writing() as db:
                db.execute(
                    "UPDATE redelivery_item SET state = 'skipped', changed_at = ? WHERE id IN"
                    " (SELECT id FROM redelivery_item WHERE job = ? AND state = 'waiting' LIMIT ?)",
                    (now_ms(), job, _BATCH),
                )
                changed = db.changes()
        self.set_state(job, RedeliveryState.CANCELLED)

    def decide(self, decision: Decision, items: Sequence[int], *, by: str, reason: str = "") -> int:
        """Decide about items; return how many the decision has changed.

        Those whose state it does not apply to stay as they are. A job that was finished is paused
        if an item waits again. Raises ArchiveError for items of a cancelled job.
        """
        changed, left = 0, iter(items)
        while batch := list(islice(left, _BATCH)):
            with self._writing() as db:
                with damage_named(self._path):
                    found = read_items(db, batch)
                for item in found:
                    changed += decide(db, item, decision, by=by, reason=reason)
        return changed

    def jobs_of(self, items: Sequence[int]) -> Sequence[int]:
        """Return the ids of the jobs that these items are of."""
        wanted = msgspec.json.encode(list(items)).decode()
        query = (
            "SELECT DISTINCT job FROM redelivery_item"
            " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY job"
        )
        with translated(self._path, "read"):
            return [job for (job,) in fetch(self._db, query, (wanted,))]

    def decide_all(
        self, job: int, decision: Decision, state: ItemState, *, by: str, reason: str = ""
    ) -> int:
        """Decide about all items of a job that are in this state; see `decide`."""
        after, changed = 0, 0
        query = (
            "SELECT id FROM redelivery_item WHERE job = ? AND state = ? AND id > ? ORDER BY id"
            " LIMIT ?"
        )
        while ids := [one for (one,) in fetch(self._db, query, (job, state, after, _BATCH))]:
            changed += self.decide(decision, ids, by=by, reason=reason)
            after = ids[-1]
        return changed


@contextmanager
def hold_job(path: Path, job: int) -> Iterator[FileLock]:
    """Exclude others from running a job during the block. Raises RedeliveryBusy."""
    lock = job_lock(path, job)
    # A reader that looks whether the job runs holds the lock for an instant.
    for _ in range(_TRIES):
        if lock.acquire():
            break
        time.sleep(_PAUSE)
    else:
        raise RedeliveryBusy(
            f"Redelivery {job} is being run already, by this or another process. Nothing was"
            " changed; pause it there first."
        )
    try:
        yield lock
    finally:
        lock.discard()


def decide(
    db: apsw.Connection, item: LedgerItem, decision: Decision, *, by: str, reason: str = ""
) -> bool:
    """Record a decision about an item inside a transaction; return whether it changed the item.

    A further attempt begins the retry law anew.
    """
    applies_to, state = _DECIDABLE[decision]
    if item.state not in applies_to:
        return False
    [(job_state,)] = fetch(db, "SELECT state FROM redelivery WHERE id = ?", (item.job,))
    if job_state == RedeliveryState.CANCELLED and decision is Decision.RESEND:
        raise ArchiveError(
            f"Redelivery {item.job} was cancelled, so nothing of it is sent again. Nothing was"
            " changed; make a new one."
        )
    now = now_ms()
    note = DecisionNote(decision=decision, state=state, by=by, reason=reason)
    append_entries(db, item, [(EntryKind.DECISION, note)], now)
    db.execute(
        "UPDATE redelivery_item SET state = :state, decision = :decision, due_at = 0,"
        " attempts = iif(:state = 'waiting', 0, attempts), changed_at = :now WHERE id = :id",
        {"state": state, "decision": decision, "now": now, "id": item.id},
    )
    if state is ItemState.WAITING:
        db.execute(
            "UPDATE redelivery SET state = 'paused', ended_at = NULL"
            " WHERE id = ? AND state = 'finished'",
            (item.job,),
        )
    return True


def append_entries(
    db: apsw.Connection,
    item: LedgerItem,
    contents: Sequence[tuple[EntryKind, msgspec.Struct]],
    now: int,
) -> None:
    """Append entries to the chain of an item as it is now, inside a transaction."""
    [last] = fetch(db, "SELECT entries, hash FROM redelivery_item WHERE id = ?", (item.id,))
    for kind, content in contents:
        entry = next_entry(item.id, last, now, kind, content)
        fetch(
            db,
            "INSERT INTO ledger_entry (item, number, at, kind, content, hash)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (entry.item, entry.number, entry.at, entry.kind, entry.content, entry.hash),
        )
        last = (entry.number, entry.hash)
    db.execute("UPDATE redelivery_item SET entries = ?, hash = ? WHERE id = ?", (*last, item.id))


def _insert_items(db: apsw.Connection, job: int, items: Sequence[NewItem]) -> None:
    now = now_ms()
    db.executemany(
        "INSERT INTO redelivery_item (job, message, delivery, message_id, application_code, state,"
        " changed_at, edited) VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?)",
        [
            (job, one.message, one.delivery, one.message_id, one.application_code, now, one.edited)
            for one in items
        ],
    )
