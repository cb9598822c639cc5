"""The chain of the audit: rows that are only appended, each hashed with the one before.

A call has two rows: its intent, committed before it is sent, and its outcome. Table `fact` has the
number and the hash of the last row ("audit"), so that a removed last row is found as well.

Rows are removed only on purpose, the oldest first. Then `fact` has the number and the hash of the
last removed row, which the chain goes on from, and the number of the row that says so
("audit_removed"): nothing is missing unless a row of the chain says who removed it, and when.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import apsw
import msgspec
from msgspec.structs import replace

from ibconsole.archive import (
    ArchiveError,
    RetentionPolicy,
    archive_snapshot,
    archive_transaction,
    doubted_since,
    fetch,
    replace_surrogates,
)
from ibconsole.clock import now_ms

# Texts as bytes: what was changed may be no text any more.
_ALL_ROWS = """
    SELECT id, intent, at, CAST(connection AS BLOB), CAST(application AS BLOB),
        CAST(content AS BLOB), CAST(hash AS BLOB)
    FROM audit ORDER BY id
"""
# Whether anything but the audit says what time it was, see `deletion`.
_HAS_PROOF = """
    SELECT 1 FROM counter WHERE name = 'trusted_time' UNION ALL SELECT 1 FROM delivery LIMIT 1
"""
_NUMBERS = 3  # columns of a row before its texts
_NO_ROW = 0
_DAY_MS = 24 * 3_600_000

Clock = Callable[[], int]  # milliseconds since the epoch


class AuditEntry(msgspec.Struct, frozen=True):
    """The content of a row; `content` is JSON, `intent` the row of an outcome's intent."""

    connection: str
    application: str
    content: str
    intent: int | None = None


class StoredAuditRow(msgspec.Struct, frozen=True):
    """An intent as it is stored; `before` is the hash of the row before it, "" if it is missing."""

    before: str
    number: int
    at: int
    connection: str
    application: str
    content: str
    hash: str


class AuditVerification(msgspec.Struct, frozen=True):
    """The result of a verification: the number of the last good row, and its hash.

    `broken` is the number of the first row that is not as it was written, None if there is none,
    and `problem` is a sentence about it. `removed` is the number of the last row that was removed
    on purpose, at `removed_at` (milliseconds since the epoch).
    """

    last: int
    hash: str
    broken: int | None = None
    problem: str = ""
    removed: int = 0
    removed_at: int | None = None

    @property
    def rows(self) -> int:
        """The number of good rows that are stored."""
        return max(self.last - self.removed, 0)


class AuditRemoval(msgspec.Struct, frozen=True):
    """The rows that would be removed: up to number `last`, whose hash is `hash`.

    `oldest` and `newest` are their times, in milliseconds since the epoch. `doubted_since` is not
    None if the clock may be wrong, see `deletion`: then it is the last time that can be trusted.
    """

    last: int
    hash: str
    rows: int
    oldest: int | None = None
    newest: int | None = None
    doubted_since: int | None = None


class _Removed(msgspec.Struct, frozen=True):
    """The content of a row that says what was removed; other members of its JSON are for people."""

    removed_until: str = ""
    removed_hash: str = ""


def append_audit(path: Path, entry: AuditEntry, clock: Clock = now_ms) -> int:
    """Commit a row to the archive, which is created if it does not exist; return its number.

    The row is synced to the disk when this returns. Raises ArchiveError; then nothing was written.
    """
    with archive_transaction(path) as db:
        return _append(db, path, entry, clock())


def read_stored_row(db: apsw.Connection, number: int) -> StoredAuditRow | None:
    """Return a row with the hash of the row before it; None if there is none with this number."""
    columns = "id, at, connection, application, content, hash"
    rows = fetch(db, f"SELECT {columns} FROM audit WHERE id = ? AND intent IS NULL", (number,))  # noqa: S608 written above
    if not rows:
        return None
    removed, anchor, _ = _removed(db)
    [(before,)] = fetch(db, "SELECT max(hash) FROM audit WHERE id = ?", (number - 1,))
    return StoredAuditRow(before or (anchor if number == removed + 1 else ""), *rows[0])


def preview_audit_removal(path: Path, days: int, clock: Clock = now_ms) -> AuditRemoval:
    """Return the rows that are older than some days; a call is kept with its outcome.

    Raises ArchiveError.
    """
    with archive_snapshot(path) as db:
        return _removal(db, days, clock())


def remove_audit(
    path: Path,
    removal: AuditRemoval,
    describe: Callable[[AuditRemoval], tuple[str, str]],
    clock: Clock = now_ms,
) -> None:
    """Remove the rows of a preview, and append who did that, in one transaction.

    `describe` returns the contents of the intent and of the outcome; that of the intent has the
    members of `_Removed`. Raises ArchiveError, and removes nothing then: also if the audit before
    the removed rows is not as it was written, which nothing would show any more.
    """
    found = verify_audit(path, (removal.last, removal.hash))
    if found.broken is not None or found.removed >= removal.last:
        raise ArchiveError(
            f"The audit in {path} is broken, or was changed meanwhile, so nothing was removed;"
            " `ibconsole audit verify` says more."
        )
    with archive_transaction(path) as db:
        if _removed(db)[0] != found.removed:
            raise ArchiveError("Another process removes rows of the audit; nothing was done.")
        intent, outcome = describe(removal)
        now = clock()
        number = _append(db, path, AuditEntry("", "", intent), now)
        _append(db, path, AuditEntry("", "", outcome, number), now)
        _delete_until(db, removal.last)
        _set_fact(db, "audit_removed", f"{removal.last} {removal.hash} {number}")


def verify_audit(path: Path, kept: tuple[int, str] | None = None) -> AuditVerification:
    """Find the first row that is not as it was written. Raises ArchiveError.

    A user who can write the file can also replace the whole audit, or its end together with the
    note of its last row. That is found by `kept`, the number and the hash of a row as an earlier
    verification returned them.
    """
    with archive_snapshot(path) as db:
        return check_audit(db, kept)


def check_audit(db: apsw.Connection, kept: tuple[int, str] | None = None) -> AuditVerification:
    """Verify the audit in one transaction of this connection; see `verify_audit`."""
    removed, anchor, said_in = _removed(db)
    number, hashed, said_at = removed, anchor, None
    if removed and kept and kept[0] == removed and kept[1] != anchor:
        return AuditVerification(0, anchor, removed, _replaced(removed))
    for found in db.execute(_ALL_ROWS):
        problem = _problem(number + 1, hashed, found)
        if not problem and kept and kept[0] == number + 1 and kept[1] != stored_text(found[-1]):
            problem = _replaced(kept[0])
        if problem:
            return AuditVerification(number, hashed, number + 1, problem, removed, said_at)
        number, hashed = number + 1, stored_text(found[-1])
        if number == said_in and _names(found[-2], removed, anchor):
            said_at = found[2]
    last = AuditVerification(number, hashed, removed=removed, removed_at=said_at)
    last = _check_end(last, max(_head(db), kept or _head(db), key=lambda one: one[0]))
    if removed and said_at is None and last.broken is None:
        problem = f"Rows up to {removed} are missing, and no row says that they were removed."
        return AuditVerification(0, anchor, 1, problem)
    return last


def _check_end(found: AuditVerification, head: tuple[int, str]) -> AuditVerification:
    """Compare the last row with the one that was noted, or kept elsewhere."""
    number = found.last
    if head == (number, found.hash):
        return found
    if head[0] > number:
        problem = f"Row {number + 1} is missing: the last row that was written was {head[0]}."
        return replace(found, broken=number + 1, problem=problem)
    problem = f"Row {number} is not the last one that was noted, which is {head[0]}."
    return replace(found, last=max(number - 1, 0), broken=number, problem=problem)


def _replaced(number: int) -> str:
    return f"Row {number} does not have the hash that was kept: it was replaced."


def _names(content: bytes, removed: int, hashed: str) -> bool:
    """Return whether a row says that all rows up to this one were removed."""
    try:
        said = msgspec.json.decode(content, type=_Removed)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return False
    return (said.removed_until, said.removed_hash) == (str(removed), hashed)


def _append(db: apsw.Connection, path: Path, entry: AuditEntry, now: int) -> int:
    last, hashed = _last_row(db)
    if (last, hashed) != _head(db):
        raise ArchiveError(
            f"The audit in {path} does not end with the row that was written last."
            " Nothing was written; `ibconsole audit verify` says more."
        )
    numbers = (last + 1, entry.intent, now)
    texts = [
        replace_surrogates(text) for text in (entry.connection, entry.application, entry.content)
    ]
    hashed = _hash(hashed, numbers, [text.encode() for text in texts])
    db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", (*numbers, *texts, hashed))
    _set_fact(db, "audit", f"{last + 1} {hashed}")
    return last + 1


_FIRST_WAITING = (
    "SELECT min(key) AS waiting FROM (SELECT key FROM team_outbox WHERE kind = 'audit'"
    " UNION ALL SELECT key FROM team_set_aside WHERE kind = 'audit'"
    " UNION ALL SELECT next FROM team_refill WHERE kind = 'audit')"
)


def _removal(db: apsw.Connection, days: int, now: int) -> AuditRemoval:
    before = now - days * _DAY_MS
    # Not by the times alone: all rows before the first one that is young enough, or has to be
    # kept with a later row, or waits to be shipped to a team.
    [(first, end)] = fetch(
        db,
        "SELECT min(CASE WHEN at >= ? OR id >= waiting THEN id END), max(id) + 1 FROM audit,"  # noqa: S608 written above
        f" ({_FIRST_WAITING})",
        (before,),
    )
    last = (first or end or 1) - 1
    while split := fetch(
        db, "SELECT min(intent) FROM audit WHERE id > ? AND intent <= ?", (last, last)
    )[0][0]:
        last = split - 1
    [(rows, oldest, newest)] = fetch(
        db, "SELECT count(*), min(at), max(at) FROM audit WHERE id <= ?", (last,)
    )
    hashes = fetch(db, "SELECT CAST(hash AS BLOB) FROM audit WHERE id = ?", (last,))
    hashed = stored_text(hashes[0][0]) if hashes else ""
    return AuditRemoval(last, hashed, rows, oldest, newest, _doubt(db, days, now))


def _doubt(db: apsw.Connection, days: int, now: int) -> int | None:
    """Return the last time that can be trusted if the clock cannot.

    The times of the rows themselves prove nothing: they may have been written by a wrong clock.
    """
    if fetch(db, _HAS_PROOF):
        return doubted_since(db, RetentionPolicy(days=days), now)
    [(latest,)] = fetch(db, "SELECT coalesce(max(at), 0) FROM audit")
    return int(latest)


def _delete_until(db: apsw.Connection, last: int) -> None:
    """Delete rows inside a transaction, without the trigger that refuses it otherwise."""
    name = "audit_deleted"
    trigger = fetch(db, "SELECT sql FROM sqlite_schema WHERE name = ?", (name,))
    db.execute(f"DROP TRIGGER IF EXISTS {name}")
    db.execute("DELETE FROM audit WHERE id <= ?", (last,))
    for (sql,) in trigger:
        db.execute(sql)


def _removed(db: apsw.Connection) -> tuple[int, str, int]:
    """Return what the first row follows: the last removed row, and the row that says so.

    Of a whole audit that is (0, the first hash, 0).
    """
    noted = fetch(db, "SELECT CAST(value AS BLOB) FROM fact WHERE name = 'audit_removed'")
    parts = stored_text(noted[0][0]).split(" ") if noted else []
    if len(parts) == 3 and parts[0].isdecimal() and parts[2].isdecimal():
        return int(parts[0]), parts[1], int(parts[2])
    return _NO_ROW, _first_hash(db), _NO_ROW


def _problem(number: int, before: str, found: Sequence[Any]) -> str:
    """Return why this is not the row that was written; empty if it is."""
    numbers, texts, stored = found[:_NUMBERS], found[_NUMBERS:-1], found[-1]
    if numbers[0] != number:
        return f"Row {number} is missing."
    if _hash(before, numbers, texts).encode() != stored:
        return f"Row {number} was changed after it was written, or the row before it was replaced."
    return ""


def stored_text(stored: bytes | None) -> str:
    """Return a text that another program may have damaged."""
    return (stored or b"").decode(errors="replace")


def audit_row_hash(before: str, numbers: Sequence[int | None], texts: Sequence[str | bytes]) -> str:
    """Return the hash of a row: over that of the row before it, and over all of its columns.

    The numbers are those of the row, of its intent, and its time; the texts are the connection,
    the application and the content.
    """
    return _hash(before, numbers, [one.encode() if isinstance(one, str) else one for one in texts])


def _hash(before: str, numbers: Sequence[int | None], texts: Sequence[bytes]) -> str:
    """Return the hash of a row: over that of the row before it, and over all of its columns."""
    sizes = [len(text) for text in texts]  # so that no byte can move to another column
    head = msgspec.json.encode([before, *numbers, *sizes])
    return sha256(b"\n".join((head, *texts))).hexdigest()


def _last_row(db: apsw.Connection) -> tuple[int, str]:
    rows = fetch(db, "SELECT id, CAST(hash AS BLOB) FROM audit ORDER BY id DESC LIMIT 1")
    return (rows[0][0], stored_text(rows[0][1])) if rows else (_NO_ROW, _first_hash(db))


def _first_hash(db: apsw.Connection) -> str:
    """Return what the first row follows: the identity of the archive."""
    [(identity,)] = fetch(db, "SELECT CAST(value AS BLOB) FROM fact WHERE name = 'archive'")
    return sha256(identity).hexdigest()


def _head(db: apsw.Connection) -> tuple[int, str]:
    """Return the number and the hash of the last row as noted when it was written."""
    noted = fetch(db, "SELECT CAST(value AS BLOB) FROM fact WHERE name = 'audit'")
    if not noted:
        return _NO_ROW, _first_hash(db)
    number, _, hashed = stored_text(noted[0][0]).partition(" ")
    return (int(number) if number.isdecimal() else _NO_ROW), hashed


def _set_fact(db: apsw.Connection, name: str, value: str) -> None:
    db.execute(
        "INSERT INTO fact VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
