"""Points: the states of applications and of their routes over time, each stored once.

A state was seen first at `seen_from` and last at `seen_until`: the change to the next one came
between the end of one and the beginning of the other. Objects are bytes in a canonical form, found
again by their hash, so that a setup which is read a thousand times without a change takes no space.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

import apsw
import msgspec

from ibconsole.archive import archive_snapshot, archive_transaction, fetch
from ibconsole.clock import TimeSpan

_SLICE = 2_000  # points in one transaction: other writers wait for a tenth of a second
# A reading that began before the latest state was seen may have found an earlier one; if it began
# long before, then the clock was set back.
_LONGEST_READ = 60_000  # ms
_MOST_POINTS = 2_000
_END = (1 << 63) - 1
_LAST = """
    SELECT point.id, object.hash, point.seen_from, point.checked_at
    FROM setup_point AS point LEFT JOIN setup_object AS object ON object.id = point.object
    WHERE connection = ? AND application = ? AND part = ? ORDER BY seen_from DESC, point.id DESC
    LIMIT 1
"""
_CURRENT = """
    SELECT application, object.hash FROM setup_point AS point INDEXED BY setup_point_current
    LEFT JOIN setup_object AS object ON object.id = point.object
    WHERE connection = ? AND part = 'application' AND seen_until IS NULL
"""
_POINTS = """
    SELECT application, part, seen_from, seen_until, checked_at, content
    FROM setup_point AS point LEFT JOIN setup_object AS object ON object.id = point.object
    WHERE connection = ?
"""


class SetupPart(StrEnum):
    """The parts whose states are stored; the values are stored in archives."""

    APPLICATION = "application"  # an element of the list of applications
    ROUTE = "route"  # the configurations of an application, with their actions


class SeenRoute(msgspec.Struct, frozen=True):
    """A route that was read completely; `content` is in its canonical form.

    `span` is the time from the first request of the reading to its last answer.
    """

    application: str
    content: bytes
    span: TimeSpan


class SetupPoint(msgspec.Struct, frozen=True):
    """A state of one part of an application, and the times at which it was seen.

    `seen_until` is the last time at which this state was seen; `is_current` if no other one was
    seen since. `content` is None if the application did not exist. Times are in milliseconds since
    the epoch.
    """

    application: str
    part: SetupPart
    seen_from: int
    seen_until: int
    is_current: bool
    content: bytes | None


def store_applications(
    path: Path, connection: str, applications: Mapping[str, bytes], span: TimeSpan
) -> None:
    """Store the list of an account's applications: their content in canonical form, by code.

    Raises ArchiveError. After a failure, or if the process ends in the middle, some of the changes
    may be stored; the others are found at the next reading.
    """
    digests = {code: _digest(content) for code, content in applications.items()}
    with archive_transaction(path) as db:
        former = _read_at(db, connection)
        stored = dict(fetch(db, _CURRENT, (connection,)))
        changed = [code for code, digest in digests.items() if stored.get(code) != digest]
        changed += [code for code, digest in stored.items() if digest and code not in digests]
        if not changed:
            _note_list(db, connection, span)
            return
    for start in range(0, len(changed), _SLICE):
        with archive_transaction(path) as db:
            for code in changed[start : start + _SLICE]:
                _store_application(db, (connection, code), applications.get(code), span, former)
    with archive_transaction(path) as db:
        _note_list(db, connection, span)


def store_routes(path: Path, connection: str, routes: Sequence[SeenRoute]) -> None:
    """Store routes that were read; all are on the disk when this returns. Raises ArchiveError."""
    for start in range(0, len(routes), _SLICE):
        with archive_transaction(path) as db:
            for route in routes[start : start + _SLICE]:
                key = (connection, route.application, SetupPart.ROUTE.value)
                _store(db, key, route.content, route.span)


def points_of(
    path: Path,
    connection: str,
    application: str,
    part: SetupPart | None = None,
    *,
    since: int = 0,
) -> Sequence[SetupPoint]:
    """Return the points of an application, or those of one part, oldest first.

    Of each part the latest 2,000 at most, from the one that applied at the time `since`. Raises
    ArchiveError.
    """
    parts = list(SetupPart) if part is None else [part]
    with archive_snapshot(path) as db:
        read_at = _read_at(db, connection) or 0
        found = [
            _point(row, read_at)
            for one in parts
            for row in fetch(
                db,
                f"{_POINTS} AND application = ? AND part = ?"
                " AND (seen_until IS NULL OR seen_until >= ?)"
                " ORDER BY seen_from DESC, point.id DESC LIMIT ?",
                (connection, application, one.value, since, _MOST_POINTS),
            )[::-1]
        ]
    return sorted(found, key=lambda point: point.seen_from)


def point_at(
    path: Path, connection: str, application: str, part: SetupPart, at: int | None = None
) -> SetupPoint | None:
    """Return the point that applied at a time, or the current one; None before the first.

    Between two points, when the change may have come at any time, it is the older one. Raises
    ArchiveError.
    """
    with archive_snapshot(path) as db:
        rows = fetch(
            db,
            f"{_POINTS} AND application = ? AND part = ? AND seen_from <= ?"
            " ORDER BY seen_from DESC, point.id DESC LIMIT 1",
            (connection, application, part.value, _END if at is None else at),
        )
        return _point(rows[0], _read_at(db, connection) or 0) if rows else None


def current_applications(path: Path, connection: str = "") -> Iterator[tuple[str, bytes]]:
    """Read connection and content of each application that was listed last, on any connection.

    With a `connection` only those of that one. Raises ArchiveError.
    """
    with archive_snapshot(path) as db:
        rows = db.execute(
            "SELECT connection, content FROM setup_point JOIN setup_object AS object"
            " ON object.id = setup_point.object WHERE part = 'application' AND seen_until IS NULL"
            " AND (? = '' OR connection = ?)",
            (connection, connection),
        )
        yield from rows


def delete_history(db: apsw.Connection, connection: str) -> None:
    """Delete permanently all that is stored about the setup of a connection, in a transaction."""
    steps = "plan IN (SELECT id FROM setup_plan WHERE connection = ?)"
    db.execute(f"DELETE FROM setup_step WHERE {steps}", (connection,))  # noqa: S608 a constant
    for table in ("setup_plan", "setup_key", "setup_applied", "setup_point", "setup_list"):
        db.execute(f"DELETE FROM {table} WHERE connection = ?", (connection,))  # noqa: S608
    db.execute(
        "DELETE FROM setup_object WHERE id NOT IN"
        " (SELECT object FROM setup_point WHERE object IS NOT NULL)"
    )


def _store_application(
    db: apsw.Connection,
    application: tuple[str, str],
    content: bytes | None,
    span: TimeSpan,
    former: int | None,
) -> None:
    """Store an application of a list; `former` is the time of the list before."""
    key = (*application, SetupPart.APPLICATION.value)
    if former is not None and content is not None and not fetch(db, _LAST, key):
        _insert(db, key, None, TimeSpan(former, former))  # it was not in the list before
    _store(db, key, content, span)


def _store(
    db: apsw.Connection, key: tuple[str, str, str], content: bytes | None, span: TimeSpan
) -> None:
    """Store the state of a part, unless a later one is stored."""
    last = fetch(db, _LAST, key)
    if not last:
        if content is not None:
            _insert(db, key, content, span)
        return
    [(point, digest, seen_from, checked_at)] = last
    if digest == (None if content is None else _digest(content)):
        db.execute(
            "UPDATE setup_point SET checked_at = ? WHERE id = ?",
            (max(checked_at, span.began), point),
        )
        return
    if 0 < seen_from - span.began < _LONGEST_READ:
        return
    if key[2] == SetupPart.APPLICATION:
        checked_at = max(checked_at, _read_at(db, key[0]) or 0)
    # If the clock was set back, times stay in order.
    ended = max(span.ended, seen_from)
    seen_until = max(seen_from, min(checked_at, ended))
    db.execute("UPDATE setup_point SET seen_until = ? WHERE id = ?", (seen_until, point))
    _insert(db, key, content, TimeSpan(max(span.began, seen_until), max(ended, seen_until)))


def _insert(
    db: apsw.Connection, key: tuple[str, str, str], content: bytes | None, span: TimeSpan
) -> None:
    digest = None if content is None else _digest(content)
    if digest:
        db.execute(
            "INSERT INTO setup_object (hash, content) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING",
            (digest, content),
        )
    db.execute(
        "INSERT INTO setup_point (connection, application, part, seen_from, checked_at, object)"
        " VALUES (?, ?, ?, ?, ?, (SELECT id FROM setup_object WHERE hash = ?))",
        (*key, span.ended, span.began, digest),
    )


def _digest(content: bytes) -> bytes:
    return sha256(content).digest()


def _read_at(db: apsw.Connection, connection: str) -> int | None:
    rows = fetch(db, "SELECT read_at FROM setup_list WHERE connection = ?", (connection,))
    return rows[0][0] if rows else None


def _note_list(db: apsw.Connection, connection: str, span: TimeSpan) -> None:
    db.execute(
        "INSERT INTO setup_list VALUES (?, ?) ON CONFLICT (connection) DO"
        " UPDATE SET read_at = max(read_at, excluded.read_at)",
        (connection, span.began),
    )


def _point(row: Sequence[Any], read_at: int) -> SetupPoint:
    application, part, seen_from, seen_until, checked_at, content = row
    is_current = seen_until is None
    if is_current:
        listed = read_at if part == SetupPart.APPLICATION else 0
        seen_until = max(seen_from, checked_at, listed)
    return SetupPoint(application, SetupPart(part), seen_from, seen_until, is_current, content)
