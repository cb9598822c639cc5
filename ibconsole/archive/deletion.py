"""Deleting deliveries: those of one connection, and those beyond a retention policy.

Whole deliveries are deleted, the oldest first, in small transactions between which others can
write. A delivery that is under way or not decoded yet is never deleted; a retention policy keeps
every newer one too, because it deletes all deliveries below one id. Nor is one deleted of which a
redelivery still needs a message: one that waits, or whose answer never came; nor one that waits to
be shipped to a team. The size that a policy limits is that of bodies, messages and answers, not
that of the file.

A clock that leaps ahead makes everything old at once, and a clock that was behind gives new
messages old times. The archive therefore keeps the last instant at which the clock was in line
with what came before; a program that runs moves it on. If the clock is far from it, then either
the clock is wrong or the program was not used; only the user can tell, and sets it by consent.
"""

import apsw

from ibconsole.archive.answers import delete_given
from ibconsole.archive.bodies import STORED_SIZE
from ibconsole.archive.connection import fetch
from ibconsole.archive.errors import ArchiveError, translated
from ibconsole.archive.history import delete_history
from ibconsole.archive.records import RetentionPolicy, RetentionPreview
from ibconsole.archive.schema import WritableConnection
from ibconsole.archive.searching import begin_purge, continue_purge, remove_from_index
from ibconsole.archive.storing import add_to_counter
from ibconsole.clock import now_ms
from ibconsole.plural import counted

BATCH_SIZE = 100  # deliveries in one transaction,
_BATCH_MESSAGES = 1_000  # or fewer, once more messages than this are deleted
_COUNTER = "trusted_time"
_HOUR_MS = 3_600_000
_LARGEST_GAP = 96 * _HOUR_MS  # in which a program is not used: a long weekend
_RESOLUTION = _HOUR_MS // 6  # the instant is written no more often than that
_DAY_MS = 24 * _HOUR_MS
_NEEDED = (
    "EXISTS (SELECT 1 FROM redelivery_item AS item WHERE item.delivery = delivery.id"
    " AND item.state IN ('waiting', 'sending', 'unknown'))"
)
# For a team's archive: also what it refused, and what is yet to be noted for it.
_WAITING = (
    "(EXISTS (SELECT 1 FROM team_outbox WHERE kind IN ('delivery', 'answer')"
    " AND key = delivery.id)"
    " OR EXISTS (SELECT 1 FROM team_set_aside WHERE kind IN ('delivery', 'answer')"
    " AND key = delivery.id)"
    " OR EXISTS (SELECT 1 FROM team_refill WHERE team_refill.connection = delivery.connection"
    " AND kind = 'delivery' AND delivery.id BETWEEN next AND last))"
)
_KEPT = f"({_NEEDED} OR {_WAITING})"
_DELETABLE = f"state IN ('decoded', 'failed') AND NOT {_KEPT}"
_SIZE = (
    f"{STORED_SIZE} + coalesce((SELECT sum(length(element.body)) FROM message JOIN element"  # noqa: S608 written above
    " ON element.message = message.id WHERE message.delivery = delivery.id), 0)"
    " + coalesce((SELECT length(body) FROM delivery_answer"
    " WHERE delivery_answer.delivery = delivery.id), 0)"
)
# The oldest delivery within a limit: `total` is the amount from each delivery to the newest.
_FIRST_BY_DAYS = "SELECT min(id) FROM delivery WHERE coalesce(ended_at, began_at) >= ?"
_FIRST_BY_COUNT = (
    "SELECT min(id) FROM (SELECT id, sum(message_count) OVER (ORDER BY id DESC) AS total"
    " FROM delivery) WHERE total <= ?"
)
_FIRST_BY_SIZE = (
    f"SELECT min(id) FROM (SELECT id, sum({_SIZE}) OVER (ORDER BY id DESC) AS total"  # noqa: S608 written above
    " FROM delivery) WHERE total <= ?"
)


def count_messages(db: apsw.Connection, connection: str) -> int:
    """Return the number of messages that came on this connection."""
    [(count,)] = fetch(db, "SELECT count(*) FROM message WHERE connection = ?", (connection,))
    return int(count)


def delete_batch(
    db: apsw.Connection, connection: str, *, size: int = BATCH_SIZE
) -> tuple[int, int]:
    """Delete the oldest deliveries of this connection inside a transaction, at most `size`.

    Returns the numbers of deliveries and messages deleted; (0, 0) when there are no more.
    Duplicates of a deleted message stay marked as such.
    """
    return _delete_batch(db, f"connection = ? AND {_DELETABLE}", connection, size)


def delete_batch_below(db: apsw.Connection, below: int) -> tuple[int, int]:
    """Delete the oldest deliveries with ids below `below`; see `delete_batch`."""
    return _delete_batch(db, f"id < ? AND {_DELETABLE}", below, BATCH_SIZE)


def preview_retention(db: apsw.Connection, policy: RetentionPolicy, now: int) -> RetentionPreview:
    """Return what this policy would delete; `now` is in milliseconds since the epoch."""
    below = _boundary(db, policy, now)
    [(deliveries, messages, size, oldest, newest)] = fetch(
        db,
        f"SELECT count(*), coalesce(sum(message_count), 0), coalesce(sum({_SIZE}), 0),"  # noqa: S608
        " min(coalesce(ended_at, began_at)), max(coalesce(ended_at, began_at))"
        f" FROM delivery WHERE id < ? AND NOT {_KEPT}",
        (below,),
    )
    [(needed, waiting)] = fetch(
        db,
        f"SELECT coalesce(sum({_NEEDED}), 0), coalesce(sum({_WAITING}), 0)"  # noqa: S608 written above
        " FROM delivery WHERE id < ?",
        (below,),
    )
    since = doubted_since(db, policy, now) if policy.days else None
    return RetentionPreview(
        below, deliveries, messages, size, oldest, newest, since, needed, waiting
    )


def require_unneeded(db: apsw.Connection, connection: str) -> None:
    """Raise ArchiveError if messages of this connection are still needed.

    A redelivery may need them, and what a team has not received yet is nowhere else.
    """
    found = fetch(
        db,
        "SELECT job, count(*) FROM redelivery_item INDEXED BY redelivery_item_open"
        " JOIN delivery ON delivery.id = redelivery_item.delivery WHERE connection = ?"
        " AND redelivery_item.state IN ('waiting', 'sending', 'unknown') GROUP BY job LIMIT 1",
        (connection,),
    )
    for job, count in found:
        raise ArchiveError(
            f"Nothing was deleted, because redelivery {job} still needs {counted(count, 'message')}"
            " of this connection: they wait, or their answer never came. Finish or cancel it, or"
            " decide about them, then try again."
        )
    [(waiting,)] = fetch(
        db,
        f"SELECT count(*) FROM delivery WHERE connection = ? AND {_WAITING}",  # noqa: S608 written above
        (connection,),
    )
    if waiting:
        pulls = counted(waiting, "pull or forward", "pulls and forwards")
        raise ArchiveError(
            f"Nothing was deleted, because {pulls} of this connection wait for the archive of its"
            " team. Let them be shipped, or remove the team from the connection, then try again."
        )


def _delete_batch(
    db: apsw.Connection, condition: str, value: str | int, size: int
) -> tuple[int, int]:
    _record_highest_ids(db)
    rows = fetch(
        db,
        f"SELECT id, via FROM delivery WHERE {condition} ORDER BY id LIMIT ?",  # noqa: S608 written above
        (value, size),
    )
    deliveries = messages = 0
    for delivery, via in rows:
        messages += _delete(db, delivery)
        add_to_counter(db, via, -1)
        deliveries += 1
        if messages > _BATCH_MESSAGES:
            break
    add_to_counter(db, "messages", -messages)
    return deliveries, messages


def _delete(db: apsw.Connection, delivery: int) -> int:
    rows = fetch(db, "SELECT id FROM message WHERE delivery = ?", (delivery,))
    remove_from_index(db, [message for (message,) in rows])
    db.executemany("DELETE FROM element WHERE message = ?", rows)
    db.execute("DELETE FROM message WHERE delivery = ?", (delivery,))
    messages = db.changes()
    for table in ("content", "chunk", "delivery_epoch", "delivery_revision"):
        db.execute(f"DELETE FROM {table} WHERE delivery = ?", (delivery,))  # noqa: S608 four names
    delete_given(db, delivery)
    db.execute("DELETE FROM delivery WHERE id = ?", (delivery,))
    return messages


def _record_highest_ids(db: apsw.Connection) -> None:
    """Record the highest ids for `next_id`, so that none is ever used twice.

    A reader that continues after an id would otherwise miss the rows with reused ids.
    """
    for table in ("message", "delivery"):
        db.execute(
            f"INSERT INTO counter VALUES (?, (SELECT max(id) FROM {table})) ON CONFLICT DO"  # noqa: S608 two names
            " UPDATE SET value = max(coalesce(value, 0), coalesce(excluded.value, 0))",
            (f"highest_{table}",),
        )


def _boundary(db: apsw.Connection, policy: RetentionPolicy, now: int) -> int:
    """Return the id below which the policy deletes every delivery."""
    [(end,)] = fetch(db, "SELECT coalesce(max(id), 0) + 1 FROM delivery")
    bounds = [0]
    for query, limit in (
        (_FIRST_BY_DAYS, None if policy.days is None else now - policy.days * _DAY_MS),
        (_FIRST_BY_COUNT, policy.count),
        (_FIRST_BY_SIZE, policy.size),
    ):
        if limit is not None:
            [(first,)] = fetch(db, query, (limit,))
            bounds.append(end if first is None else int(first))
    [(under_way,)] = fetch(db, "SELECT min(id) FROM delivery WHERE state IN ('asking', 'received')")
    bound = max(bounds)
    return bound if under_way is None else min(bound, under_way)


def read_trusted_time(db: apsw.Connection, now: int) -> int:
    """Return the trusted instant: of an archive without one, the time of its newest delivery.

    Without deliveries it is that of the last row of the audit.
    """
    rows = fetch(db, "SELECT value FROM counter WHERE name = ?", (_COUNTER,))
    rows = rows or fetch(
        db, "SELECT coalesce(ended_at, began_at) FROM delivery ORDER BY id DESC LIMIT 1"
    )
    rows = rows or fetch(db, "SELECT at FROM audit ORDER BY id DESC LIMIT 1")
    return int(rows[0][0]) if rows else now


def keep_trusted_time(db: apsw.Connection, now: int) -> None:
    """Store the trusted instant inside a transaction, unless there is one.

    To be called before anything is received under a clock that may be wrong.
    """
    db.execute(
        "INSERT OR IGNORE INTO counter (name, value) VALUES (?, ?)",
        (_COUNTER, read_trusted_time(db, now)),
    )


def doubted_since(db: apsw.Connection, policy: RetentionPolicy, now: int) -> int | None:
    """Return the last trusted instant if `now` is too far from it; None if it is not.

    Too far is half of the age that the policy deletes, at most four days ahead, or an hour behind.
    Without a limit of age, four days. Times are in milliseconds since the epoch.
    """
    trusted = read_trusted_time(db, now)
    gap = _LARGEST_GAP
    if policy.days:
        gap = min(gap, policy.days * _DAY_MS // 2)
    return None if trusted - _HOUR_MS <= now <= trusted + gap else trusted


def move_trusted_time(db: apsw.Connection, policy: RetentionPolicy, now: int) -> int | None:
    """Move the trusted instant on to `now`, inside a transaction, unless that is too far from it.

    Returns what `doubted_since` returned before.
    """
    since = doubted_since(db, policy, now)
    keep_trusted_time(db, now)
    if since is None and now - read_trusted_time(db, now) > _RESOLUTION:
        set_trusted_time(db, now)
    return since


def set_trusted_time(db: apsw.Connection, now: int) -> None:
    """Trust the clock as it is, because the user has said so."""
    db.execute("INSERT OR REPLACE INTO counter (name, value) VALUES (?, ?)", (_COUNTER, now))


class DeletableArchive(WritableConnection):
    """An archive that is open for writing, as far as its deletion is concerned.

    See WritableConnection.
    """

    def count_messages(self, connection: str) -> int:
        """Return the number of messages that came on this connection."""
        with translated(self._path):
            return count_messages(self._db, connection)

    def require_unneeded(self, connection: str) -> None:
        """Raise ArchiveError if messages of this connection are still needed; see this module."""
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

        Otherwise return the last instant at which it could: see this module. `leapt` says that
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
