"""Reading redeliveries: jobs, items, entries and answers, in pages that begin at a row."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import apsw
import msgspec

from ibconsole.archive import ArchiveError, ReadOnlyConnection, fetch, snapshot, translated
from ibconsole.archive.ledger.records import (
    Anchor,
    EntryKind,
    ItemCounts,
    ItemState,
    LedgerEntry,
    LedgerItem,
    Redelivery,
    RedeliveryAnswer,
    RedeliveryState,
)
from ibconsole.files import FileLock

PAGE = 200  # jobs or items
_JOB = (
    "SELECT id, kind, state, connection, url, form, options, made_at, began_at, ended_at, problem,"
    " items FROM redelivery"
)
_ITEM = (
    "SELECT id, job, message, delivery, message_id, application_code, state, attempts, due_at,"
    " changed_at, status, answer, problem, decision, entries, hash FROM redelivery_item"
)
_ANSWER = (
    "SELECT id, job, at, status, reason, headers, body, size, sha256, complete, problem, seconds"
    " FROM redelivery_answer"
)
# As texts the states are in their order: acknowledged, sending, unknown. CROSS JOIN keeps the order
# of the tables: from a few messages to their items, each through an index.
_SENT_BEFORE = """
    SELECT sent, min(iif(item.decision = 'accept', 'acknowledged', item.state)) FROM (
        SELECT message.id AS sent, item.* FROM json_each(:ids)
        CROSS JOIN message ON message.id = value
        CROSS JOIN redelivery_item AS item INDEXED BY redelivery_item_identity
            ON item.message_id = message.message_id
            AND item.application_code = message.application_code
        WHERE message.message_id <> ''
        UNION ALL
        SELECT value AS sent, item.* FROM json_each(:ids)
        CROSS JOIN redelivery_item AS item INDEXED BY redelivery_item_message
            ON item.message = value
    ) AS item CROSS JOIN redelivery ON redelivery.id = item.job
    WHERE redelivery.url = :url
        AND (item.state IN ('acknowledged', 'sending', 'unknown') OR item.decision = 'accept')
    GROUP BY sent
"""
_WAITING_AT = """
    SELECT item.message FROM json_each(:ids) CROSS JOIN redelivery_item AS item
        INDEXED BY redelivery_item_message ON item.message = value
    CROSS JOIN redelivery ON redelivery.id = item.job
    WHERE redelivery.url = :url AND item.state = 'waiting'
        AND redelivery.state NOT IN ('cancelled', 'preparing')
"""
# In their order, as above: from messages or items to their deliveries, each by its primary key.
_OWNERS_OF_MESSAGES = """
    SELECT DISTINCT delivery.connection FROM json_each(:ids)
    CROSS JOIN message ON message.id = value CROSS JOIN delivery ON delivery.id = message.delivery
    WHERE delivery.connection IN (SELECT value FROM json_each(:among))
"""
_OWNERS_OF_JOB = """
    SELECT DISTINCT delivery.connection FROM redelivery_item AS item
    CROSS JOIN delivery ON delivery.id = item.delivery
    WHERE item.job = :job AND delivery.connection IN (SELECT value FROM json_each(:among))
"""
_MESSAGES = 5_000  # in one query
INTERRUPTED = (
    "The program ended before the answer came. The endpoint may have the message; it is not sent"
    " again without a decision."
)
_IN_A_PROCESS = {RedeliveryState.RUNNING, RedeliveryState.PREPARING}


class RedeliveryPage(msgspec.Struct, frozen=True):
    """Jobs, the newest first; `rest` is the id before which there are more, None if none are."""

    jobs: tuple[Redelivery, ...]
    rest: int | None = None


class ItemPage(msgspec.Struct, frozen=True):
    """Items in the order of a job; `rest` is the id after which there are more, None for none."""

    items: tuple[LedgerItem, ...]
    rest: int | None = None


_ANCHOR_OF_JOB = """
    SELECT entry.content FROM redelivery_item AS item
    JOIN ledger_entry AS entry ON entry.item = item.id AND entry.kind = 'anchor'
    WHERE item.job = ? LIMIT 1
"""


class LedgerReader(ReadOnlyConnection):
    """Reads redeliveries and their ledger; see ReadOnlyConnection."""

    def jobs(self, before: int | None = None, *, size: int = PAGE) -> RedeliveryPage:
        """Return the newest jobs with ids below `before`, at most `size`."""
        query = f"{_JOB} WHERE id < coalesce(?, id + 1) ORDER BY id DESC LIMIT ?"
        with self._reading():
            rows = fetch(self._db, query, (before, size + 1))
            jobs = tuple(to_job(row, self._path) for row in rows[:size])
        return RedeliveryPage(jobs, jobs[-1].id if len(rows) > size else None)

    def job(self, job: int) -> Redelivery | None:
        """Return a job; None if there is none with this id."""
        with self._reading():
            return read_job(self._db, self._path, job)

    def counts(self, job: int) -> ItemCounts:
        """Return the number of items of a job by their state.

        What an interrupted job was sending is unknown, here as in all that returns items.
        """
        with self._reading():
            counts = read_item_counts(self._db, job)
            if not counts.sending or not self._is_interrupted(job):
                return counts
        unknown = counts.unknown + counts.sending
        return msgspec.structs.replace(counts, sending=0, unknown=unknown)

    def next_due(self, job: int) -> int | None:
        """Return the earliest time at which an item of a job may be sent; None if none waits."""
        query = "SELECT min(due_at) FROM redelivery_item WHERE job = ? AND state = 'waiting'"
        with self._reading():
            [(due,)] = fetch(self._db, query, (job,))
        return None if due is None else int(due)

    def items(
        self, job: int, state: ItemState | None = None, after: int = 0, *, size: int = PAGE
    ) -> ItemPage:
        """Return the first items of a job with ids above `after`, of one state or of all."""
        interrupted = self._is_interrupted(job)
        states = "" if state is None else "state = :state AND"
        if interrupted and state in {ItemState.UNKNOWN, ItemState.SENDING}:
            states = "state IN ('sending', 'unknown') AND"
            states = states if state is ItemState.UNKNOWN else "FALSE AND"
        query = f"{_ITEM} WHERE job = :job AND {states} id > :after ORDER BY id LIMIT :limit"
        values = {"job": job, "state": state, "after": after, "limit": size + 1}
        with self._reading():
            rows = fetch(self._db, query, values)
            items = tuple(self._to_item(row, {job: interrupted}) for row in rows[:size])
        return ItemPage(items, items[-1].id if len(rows) > size else None)

    def item(self, item: int) -> LedgerItem | None:
        """Return an item; None if there is none with this id."""
        with self._reading():
            rows = fetch(self._db, f"{_ITEM} WHERE id = ?", (item,))
            return self._to_item(rows[0], {}) if rows else None

    def items_of(self, message: int, *, size: int = PAGE) -> Sequence[LedgerItem]:
        """Return the latest items about a message of the archive, the newest first."""
        query = f"{_ITEM} WHERE message = ? ORDER BY id DESC LIMIT ?"
        with self._reading():
            rows, known = fetch(self._db, query, (message, size)), dict[int, bool]()
            return [self._to_item(row, known) for row in rows]

    def items_named(self, message_ids: Sequence[str]) -> Sequence[LedgerItem]:
        """Return the items about messages with these message ids, in any application, in order."""
        wanted = msgspec.json.encode(list(dict.fromkeys(filter(None, message_ids)))).decode()
        query = (
            f"SELECT found.* FROM json_each(?) CROSS JOIN ({_ITEM}) AS found"  # noqa: S608 names written above
            " ON found.message_id = value ORDER BY found.id"
        )
        with self._reading():
            known = dict[int, bool]()
            return [self._to_item(row, known) for row in fetch(self._db, query, (wanted,))]

    def sent_before(self, url: str, messages: Sequence[int]) -> Mapping[int, ItemState]:
        """Return which of these messages were sent to this URL, with the best that came of it.

        By any job, also as copies: with the same message id in the same application. Only what is
        acknowledged, sending or unknown counts; what a user accepted as delivered is acknowledged.
        """
        wanted = msgspec.json.encode(list(messages)).decode()
        with self._reading():
            return {
                message: ItemState(state)
                for message, state in fetch(self._db, _SENT_BEFORE, {"ids": wanted, "url": url})
            }

    def held_at(self, url: str, messages: Sequence[int]) -> Collection[int]:
        """Return those of these messages that another computer must not send to this URL now.

        They wait in a job that is not over, or `sent_before` names them.
        """
        wanted = msgspec.json.encode(list(messages)).decode()
        with self._reading():
            rows = fetch(self._db, _WAITING_AT, {"ids": wanted, "url": url})
        return {one for (one,) in rows}.union(self.sent_before(url, messages))

    def owners_of_messages(self, messages: Sequence[int], among: Collection[str]) -> Sequence[str]:
        """Return by which of the connections `among` these messages came."""
        left = set(among)
        for start in range(0, len(messages), _MESSAGES):
            ids = msgspec.json.encode(list(messages[start : start + _MESSAGES])).decode()
            values = {"ids": ids, "among": msgspec.json.encode(sorted(left)).decode()}
            with self._reading():
                left -= {one for (one,) in fetch(self._db, _OWNERS_OF_MESSAGES, values)}
            if not left:
                break
        return [one for one in among if one not in left]

    def owners_of_job(self, job: int, among: Collection[str]) -> Sequence[str]:
        """Return by which of the connections `among` the messages of a job came."""
        values = {"job": job, "among": msgspec.json.encode(list(among)).decode()}
        with self._reading():
            return [one for (one,) in fetch(self._db, _OWNERS_OF_JOB, values)]

    def anchored_url(self, job: int) -> str | None:
        """Return the URL that the ledger names as that of a job; None if nothing was sent yet."""
        with self._reading():
            rows = fetch(self._db, _ANCHOR_OF_JOB, (job,))
            return msgspec.json.decode(rows[0][0], type=Anchor).url if rows else None

    def edited(self, item: int) -> bytes | None:
        """Return the bytes that a user wrote in place of the message's; None if there are none."""
        with self._reading():
            rows = fetch(self._db, "SELECT edited FROM redelivery_item WHERE id = ?", (item,))
        return rows[0][0] if rows else None

    def entries(self, item: int, after: int = 0, *, size: int = PAGE) -> Sequence[LedgerEntry]:
        """Return the entries of an item with numbers above `after`, in order, at most `size`."""
        with self._reading():
            return read_entries(self._db, item, after, size)

    def chain(self, item: int) -> tuple[LedgerItem, Sequence[LedgerEntry]] | None:
        """Return an item and all of its entries as of one instant; None if there is none."""
        with self._reading(), snapshot(self._db):
            rows = fetch(self._db, f"{_ITEM} WHERE id = ?", (item,))
            entries = read_entries(self._db, item)
            return (self._to_item(rows[0], {}), entries) if rows else None

    def answer(self, answer: int) -> RedeliveryAnswer | None:
        """Return a recorded answer; None if there is none with this id."""
        with self._reading():
            rows = fetch(self._db, f"{_ANSWER} WHERE id = ?", (answer,))
            return _to_answer(rows[0]) if rows else None

    def answers(self, item: int) -> Sequence[RedeliveryAnswer]:
        """Return the answers to the attempts of an item, in order."""
        query = (
            f"{_ANSWER} WHERE id IN (SELECT json_extract(content, '$.answer') FROM ledger_entry"  # noqa: S608 names written above
            " WHERE item = ? AND kind = 'answer') ORDER BY id"
        )
        with self._reading():
            return [_to_answer(row) for row in fetch(self._db, query, (item,))]

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Translate errors into sentences, also about rows that no version writes so."""
        with translated(self._path, "read"), damage_named(self._path):
            yield

    def _to_item(self, row: Sequence[object], interrupted: dict[int, bool]) -> LedgerItem:
        """Return an item as it is; `interrupted` says of jobs what is known."""
        item = to_item(row)
        if item.state is not ItemState.SENDING:
            return item
        if item.job not in interrupted:
            interrupted[item.job] = self._is_interrupted(item.job)
        if not interrupted[item.job]:
            return item
        return msgspec.structs.replace(item, state=ItemState.UNKNOWN, problem=INTERRUPTED)

    def _is_interrupted(self, job: int) -> bool:
        """Return whether a job is marked as running, and its process has ended."""
        with self._reading():
            rows = fetch(self._db, "SELECT state FROM redelivery WHERE id = ?", (job,))
        is_marked = bool(rows) and rows[0][0] == RedeliveryState.RUNNING
        return is_marked and not is_run_elsewhere(self._path, job)

    def data_version(self) -> int:
        """Return a number that changes whenever another connection has committed something."""
        with self._reading():
            return int(self._db.pragma("data_version"))


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Translate errors about rows that no version writes so. Raises ArchiveError."""
    try:
        yield
    except (apsw.SQLError, msgspec.MsgspecError, ValueError, RecursionError) as error:
        if isinstance(error, apsw.SQLError) and "JSON" not in str(error):
            raise  # it shows a bug, and no damage
        raise ArchiveError(
            f"The ledger in {path} is damaged ({error}). Nothing was changed, and nothing is sent;"
            " `ibconsole archive verify` says where."
        ) from error


def job_lock(path: Path, job: int) -> FileLock:
    """Return the lock that the one process holds that runs a job of the archive at this path."""
    return FileLock(path.parent / "locks" / f"redelivery-{job}.lock")


def read_job(db: apsw.Connection, path: Path, job: int) -> Redelivery | None:
    """Read a job of the archive at this path; None if there is none with this id."""
    rows = fetch(db, f"{_JOB} WHERE id = ?", (job,))
    return to_job(rows[0], path) if rows else None


def read_item_counts(db: apsw.Connection, job: int) -> ItemCounts:
    """Read the number of items of a job by their state."""
    query = "SELECT state, count(*) FROM redelivery_item WHERE job = ? GROUP BY state"
    return ItemCounts(**dict(fetch(db, query, (job,))))


def read_items(db: apsw.Connection, ids: Sequence[int]) -> Sequence[LedgerItem]:
    """Read these items, in the order of their ids; missing ones are skipped."""
    wanted = msgspec.json.encode(list(ids)).decode()
    query = f"{_ITEM} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"  # noqa: S608 names written above
    return [to_item(row) for row in fetch(db, query, (wanted,))]


def read_entries(
    db: apsw.Connection, item: int, after: int = 0, size: int = -1
) -> Sequence[LedgerEntry]:
    """Read the entries of an item with numbers above `after`, in order; all for a size of -1."""
    query = (
        "SELECT item, number, at, kind, content, hash FROM ledger_entry"
        " WHERE item = ? AND number > ? ORDER BY number LIMIT ?"
    )
    return [
        LedgerEntry(row[0], row[1], row[2], EntryKind(row[3]), row[4], row[5])
        for row in fetch(db, query, (item, after, size))
    ]


def to_job(row: Sequence[object], path: Path) -> Redelivery:
    """Return a job as it is; one of a process that has ended is interrupted."""
    values = dict(zip(Redelivery.__struct_fields__, row, strict=True))
    job: Redelivery = msgspec.convert(
        {**values, "options": msgspec.json.decode(str(values["options"]))}, Redelivery
    )
    if job.state not in _IN_A_PROCESS or is_run_elsewhere(path, job.id):
        return job
    return msgspec.structs.replace(job, state=RedeliveryState.INTERRUPTED)


def is_run_elsewhere(path: Path, job: int) -> bool:
    """Return whether a process, or another part of this one, holds the lock of a job."""
    lock = job_lock(path, job)
    try:
        if not lock.path.exists() or lock.acquire():
            return False
    except OSError:  # on read-only media nothing runs
        return False
    else:
        return True
    finally:
        lock.release()


def to_item(row: Sequence[object]) -> LedgerItem:
    """Return an item from its columns."""
    values = dict(zip(LedgerItem.__struct_fields__, row, strict=True))
    item: LedgerItem = msgspec.convert(
        {**values, "decision": values["decision"] or None}, LedgerItem
    )
    return item


def _to_answer(row: Sequence[object]) -> RedeliveryAnswer:
    values = dict(zip(RedeliveryAnswer.__struct_fields__, row, strict=True))
    headers = msgspec.json.decode(str(values["headers"]))
    answer: RedeliveryAnswer = msgspec.convert(
        {**values, "headers": headers, "complete": bool(values["complete"])}, RedeliveryAnswer
    )
    return answer
