"""Leases of routes as they are stored: committed before the requests that they are about.

A lease is open until nothing of it is left on the platform: what a process that was killed has left
there is known to the next one.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

import apsw
import msgspec

from ibconsole.archive import NoTables, archive_snapshot, archive_transaction, fetch
from ibconsole.files import is_missing

_LEASES = (
    "SELECT id, connection, application, path, state, made_at, ends_at, ended_at, configuration,"
    " owns_configuration, action, sent_at, problem, content FROM route_lease"
)
_NAMES = (
    *("id", "connection", "application", "path", "state", "made_at", "ends_at", "ended_at"),
    *("configuration", "owns_configuration", "action", "sent_at", "problem", "content"),
)
_INSERT = (
    "INSERT INTO route_lease (id, connection, application, path, state, made_at, ends_at, ended_at,"
    " configuration, owns_configuration, action, sent_at, problem, content) VALUES (:id,"
    " :connection, :application, :path, :state, :made_at, :ends_at, :ended_at, :configuration,"
    " :owns_configuration, :action, :sent_at, :problem, :content)"
)


class StoredLease(msgspec.Struct, frozen=True, kw_only=True):
    """A lease as it is stored; times are in milliseconds since the epoch.

    `configuration` and `action` are keys, empty if they are not known. With `owns_configuration`
    the configuration was created, or was about to be, because there was none. `sent_at` is the time
    of a creating request whose outcome is not known. `content` is JSON.
    """

    id: str
    connection: str
    application: str
    path: str
    state: str
    made_at: int
    ends_at: int
    content: str
    ended_at: int | None = None
    configuration: str = ""
    owns_configuration: bool = False
    action: str = ""
    sent_at: int | None = None
    problem: str = ""


class LeaseArrivals(msgspec.Struct, frozen=True):
    """The messages that came over a lease: their number, and the time of the last request.

    `until` is the last delivery that they were counted to.
    """

    until: int
    messages: int = 0
    last_at: int | None = None


def add_lease(path: Path, lease: StoredLease) -> StoredLease | None:
    """Store a new lease, on the disk when this returns, unless its application has an open one.

    Returns that one, None if the new one was stored. Raises ArchiveError.
    """
    with archive_transaction(path) as db:
        found = fetch(
            db,
            f"{_LEASES} WHERE connection = ? AND application = ? AND state <> 'ended'",
            (lease.connection, lease.application),
        )
        if found:
            return _lease_of(found[0])
        _insert(db, lease)
    return None


def update_lease(path: Path, lease: StoredLease, states: Collection[str]) -> bool:
    """Store a lease that was changed, if it is still in one of these states.

    Returns whether that was so: another process may have ended it. Raises ArchiveError.
    """
    with archive_transaction(path) as db:
        found = fetch(db, "SELECT state FROM route_lease WHERE id = ?", (lease.id,))
        if not found or found[0][0] not in states:
            return False
        fetch(db, "DELETE FROM route_lease WHERE id = ?", (lease.id,))
        _insert(db, lease)
    return True


def read_lease(path: Path, lease: str) -> StoredLease | None:
    """Read one lease; None if there is none of this id. Raises ArchiveError."""
    found = _read(path, "WHERE id = ?", (lease,))
    return found[0] if found else None


def read_open_leases(path: Path) -> Sequence[StoredLease]:
    """Read the leases of all connections that are not ended, the oldest first.

    Raises ArchiveError.
    """
    return _read(path, "WHERE state <> 'ended' ORDER BY made_at, id", ())


def newest_delivery(path: Path) -> int:
    """Return the highest id of a delivery, 0 if there is none. Raises ArchiveError."""
    if is_missing(path):
        return 0
    with archive_snapshot(path) as db:
        return int(fetch(db, "SELECT coalesce(max(id), 0) FROM delivery")[0][0])


def read_arrivals(path: Path, lease_path: str, counted: LeaseArrivals) -> LeaseArrivals:
    """Count the messages on a lease's path, from where they were counted to.

    Deliveries from the first one on that is not decoded yet are left for the next time. Raises
    ArchiveError.
    """
    with archive_snapshot(path) as db:
        [(until,)] = fetch(
            db,
            "SELECT coalesce((SELECT min(id) - 1 FROM delivery WHERE state = 'received'"
            " AND via = 'forward' AND id > :after),"
            " (SELECT max(id) FROM delivery), :after)",
            {"after": counted.until},
        )
        [(messages, last_at)] = fetch(
            db,
            "SELECT coalesce(sum(message_count), 0), max(began_at) FROM delivery"
            " WHERE id > ? AND id <= ? AND via = 'forward' AND message_count > 0"
            " AND instr(target, ?) > 0",
            (counted.until, until, lease_path),
        )
    return LeaseArrivals(
        max(until, counted.until), counted.messages + messages, last_at or counted.last_at
    )


def _insert(db: apsw.Connection, lease: StoredLease) -> None:
    fetch(db, _INSERT, msgspec.structs.asdict(lease))


def _read(path: Path, condition: str, values: tuple[str, ...]) -> list[StoredLease]:
    if is_missing(path):
        return []
    try:
        with archive_snapshot(path) as db:
            rows = fetch(db, f"{_LEASES} {condition}", values)
    except NoTables:
        return []
    return [_lease_of(row) for row in rows]


def _lease_of(row: tuple[object, ...]) -> StoredLease:
    return msgspec.convert(dict(zip(_NAMES, row, strict=True)), StoredLease, strict=False)
