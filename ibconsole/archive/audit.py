"""The audit: rows that are only ever appended, each with a hash over itself and the one before.

A call has two rows: its intent, committed before it is sent, and its outcome. Table `fact` has the
number and the hash of the last row ("audit"), so that a removed last row is found as well.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import apsw
import msgspec

from ibconsole.archive.connection import fetch
from ibconsole.archive.errors import ArchiveError
from ibconsole.archive.schema import archive_snapshot, archive_transaction
from ibconsole.archive.storing import replace_surrogates
from ibconsole.clock import now_ms

# Texts as bytes: what was changed may be no text any more.
_ALL_ROWS = """
    SELECT id, intent, at, CAST(connection AS BLOB), CAST(application AS BLOB),
        CAST(content AS BLOB), CAST(hash AS BLOB)
    FROM audit ORDER BY id
"""
_CALLS = """
    SELECT i.id, i.at, o.at, CAST(i.connection AS BLOB), CAST(i.application AS BLOB),
        CAST(i.content AS BLOB), CAST(o.content AS BLOB)
    FROM audit i LEFT JOIN audit o ON o.intent = i.id
    WHERE i.intent IS NULL
"""
_NUMBERS = 3  # columns of a row before its texts
_NO_ROW = 0


class AuditEntry(msgspec.Struct, frozen=True):
    """The content of a row; `content` is JSON, `intent` the row of an outcome's intent."""

    connection: str
    application: str
    content: str
    intent: int | None = None


class AuditRow(msgspec.Struct, frozen=True):
    """An intent with its outcome; `outcome` is None if the call was interrupted, or is under way.

    `at` and `ended_at` are milliseconds since the epoch.
    """

    number: int
    at: int
    connection: str
    application: str
    content: str
    ended_at: int | None = None
    outcome: str | None = None


class AuditFilter(msgspec.Struct, frozen=True):
    """Rows of a connection (its UUID), of an application (its code), and of a period; ""/None: all.

    `since` and `until` are milliseconds since the epoch; the end is not part of the period.
    """

    connection: str = ""
    application: str = ""
    since: int | None = None
    until: int | None = None


class AuditVerification(msgspec.Struct, frozen=True):
    """The result of a verification: the number of good rows, the hash of the last of them.

    `broken` is the number of the first row that is not as it was written, None if there is none,
    and `problem` is a sentence about it.
    """

    rows: int
    hash: str
    broken: int | None = None
    problem: str = ""


def append_audit(path: Path, entry: AuditEntry) -> int:
    """Commit a row to the archive, which is created if it does not exist; return its number.

    The row is synced to the disk when this returns. Raises ArchiveError; then nothing was written.
    """
    with archive_transaction(path) as db:
        last, hashed = _last_row(db)
        if (last, hashed) != _head(db):
            raise ArchiveError(
                f"The audit in {path} does not end with the row that was written last."
                " Nothing was written; `ibconsole audit verify` says more."
            )
        numbers = (last + 1, entry.intent, now_ms())
        texts = [
            replace_surrogates(text)
            for text in (entry.connection, entry.application, entry.content)
        ]
        hashed = _hash(hashed, numbers, [text.encode() for text in texts])
        db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", (*numbers, *texts, hashed))
        _set_head(db, last + 1, hashed)
    return last + 1


def read_audit(path: Path, chosen: AuditFilter) -> Iterator[AuditRow]:
    """Read intents with their outcomes, oldest first. Raises ArchiveError."""
    conditions = {
        "i.connection = ?": chosen.connection or None,
        "i.application = ?": chosen.application or None,
        "i.at >= ?": chosen.since,
        "i.at < ?": chosen.until,
    }
    used = {text: value for text, value in conditions.items() if value is not None}
    values = tuple(used.values())
    with archive_snapshot(path) as db:
        rows = db.execute(f"{_CALLS} AND {' AND '.join(used) or 'TRUE'} ORDER BY i.id", values)
        for number, at, ended_at, *stored in rows:
            connection, application, content, outcome = map(_text, stored)
            yield AuditRow(
                number,
                at,
                connection,
                application,
                content,
                ended_at,
                outcome if ended_at else None,
            )


def verify_audit(path: Path, kept: tuple[int, str] | None = None) -> AuditVerification:
    """Find the first row that is not as it was written. Raises ArchiveError.

    A user who can write the file can also replace the whole audit, or its end together with the
    note of its last row. That is found by `kept`, the number and the hash of a row as an earlier
    verification returned them.
    """
    with archive_snapshot(path) as db:
        number, hashed = _NO_ROW, _first_hash(db)
        for found in db.execute(_ALL_ROWS):
            problem = _problem(number + 1, hashed, found)
            if not problem and kept and kept[0] == number + 1 and kept[1] != _text(found[-1]):
                problem = f"Row {kept[0]} does not have the hash that was kept: it was replaced."
            if problem:
                return AuditVerification(number, hashed, number + 1, problem)
            number, hashed = number + 1, _text(found[-1])
        head = max(_head(db), kept or _head(db), key=lambda one: one[0])
    if head == (number, hashed):
        return AuditVerification(number, hashed)
    if head[0] > number:
        problem = f"Row {number + 1} is missing: the last row that was written was {head[0]}."
        return AuditVerification(number, hashed, number + 1, problem)
    problem = f"Row {number} is not the last one that was noted, which is {head[0]}."
    return AuditVerification(max(number - 1, 0), hashed, number, problem)


def _problem(number: int, before: str, found: Sequence[Any]) -> str:
    """Return why this is not the row that was written; empty if it is."""
    numbers, texts, stored = found[:_NUMBERS], found[_NUMBERS:-1], found[-1]
    if numbers[0] != number:
        return f"Row {number} is missing."
    if _hash(before, numbers, texts).encode() != stored:
        return f"Row {number} was changed after it was written, or the row before it was replaced."
    return ""


def _text(stored: bytes | None) -> str:
    return (stored or b"").decode(errors="replace")


def _hash(before: str, numbers: Sequence[int | None], texts: Sequence[bytes]) -> str:
    """Return the hash of a row: over that of the row before it, and over all of its columns."""
    sizes = [len(text) for text in texts]  # so that no byte can move to another column
    head = msgspec.json.encode([before, *numbers, *sizes])
    return sha256(b"\n".join((head, *texts))).hexdigest()


def _last_row(db: apsw.Connection) -> tuple[int, str]:
    rows = fetch(db, "SELECT id, CAST(hash AS BLOB) FROM audit ORDER BY id DESC LIMIT 1")
    return (rows[0][0], _text(rows[0][1])) if rows else (_NO_ROW, _first_hash(db))


def _first_hash(db: apsw.Connection) -> str:
    """Return what the first row follows: the identity of the archive."""
    [(identity,)] = fetch(db, "SELECT CAST(value AS BLOB) FROM fact WHERE name = 'archive'")
    return sha256(identity).hexdigest()


def _head(db: apsw.Connection) -> tuple[int, str]:
    """Return the number and the hash of the last row as noted when it was written."""
    noted = fetch(db, "SELECT CAST(value AS BLOB) FROM fact WHERE name = 'audit'")
    if not noted:
        return _NO_ROW, _first_hash(db)
    number, _, hashed = _text(noted[0][0]).partition(" ")
    return (int(number) if number.isdecimal() else _NO_ROW), hashed


def _set_head(db: apsw.Connection, number: int, hashed: str) -> None:
    db.execute(
        "INSERT INTO fact VALUES ('audit', ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (f"{number} {hashed}",),
    )
