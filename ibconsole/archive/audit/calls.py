"""Reading the audit by the call: an intent with its outcome, in pages that begin at a row."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw
import msgspec

from ibconsole.archive import ReadOnlyConnection, archive_snapshot, fetch, snapshot, translated
from ibconsole.archive.audit.chain import stored_text
from ibconsole.archive.searching import cancellable
from ibconsole.text import fold

PAGE = 200  # calls
# Texts as bytes: what was changed may be no text any more.
_CALLS = """
    SELECT i.id, i.at, o.at, CAST(i.connection AS BLOB), CAST(i.application AS BLOB),
        CAST(i.content AS BLOB), CAST(o.content AS BLOB)
    FROM audit i LEFT JOIN audit o ON o.intent = i.id
    WHERE i.intent IS NULL
"""
_LATEST = """
    SELECT CAST(connection AS BLOB), CAST(application AS BLOB), max(id) FROM audit
    WHERE intent IS NULL GROUP BY connection, application ORDER BY max(id) DESC LIMIT 2000
"""
_HEAD = "SELECT CAST(value AS BLOB) FROM fact WHERE name = 'audit'"
_MOST_WORDS = 20


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
    """Calls of a connection (its UUID), of an application (its code), and of a period.

    What is empty or None permits all. `since` and `until` are milliseconds since the epoch; the
    end is not part of the period. With a `text` all of its words are in what is stored of a call,
    in either case.
    """

    connection: str = ""
    application: str = ""
    since: int | None = None
    until: int | None = None
    text: str = ""


class AuditPage(msgspec.Struct, frozen=True):
    """Calls, the newest first; `rest` is the row before which there are more, None if none are."""

    rows: tuple[AuditRow, ...]
    rest: int | None = None


def read_audit(path: Path, chosen: AuditFilter) -> Iterator[AuditRow]:
    """Read calls, oldest first. Raises ArchiveError."""
    with archive_snapshot(path) as db:
        yield from _find(db, chosen, "ASC")


def audit_complete_from(path: Path) -> int | None:
    """Return the time from which no row was removed; None if none ever was. Raises ArchiveError."""
    with archive_snapshot(path) as db:
        rows = fetch(db, "SELECT id, at FROM audit ORDER BY id LIMIT 1")
    return int(rows[0][1]) if rows and rows[0][0] > 1 else None


class AuditReader(ReadOnlyConnection):
    """Reads the audit; see ReadOnlyConnection."""

    def head(self) -> str:
        """Return a text that changes with every row that is appended."""
        with translated(self._path, "read"):
            rows = fetch(self._db, _HEAD)
        return stored_text(rows[0][0]) if rows else ""

    def page(
        self,
        chosen: AuditFilter,
        before: int | None = None,
        *,
        size: int = PAGE,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> AuditPage:
        """Return the newest calls that match, with numbers below `before`, at most `size`.

        `cancelled` is called repeatedly; JobCancelled is raised once it returns True.
        """
        with translated(self._path, "read"), cancellable(self._db, cancelled), snapshot(self._db):
            rows: list[AuditRow] = []
            for row in _find(self._db, chosen, "DESC", before, size + 1):
                if len(rows) == size:
                    return AuditPage(tuple(rows), rows[-1].number)
                rows.append(row)
        return AuditPage(tuple(rows))

    def rows(self, numbers: Sequence[int]) -> Sequence[AuditRow]:
        """Return these calls, the oldest first; missing ones are left out."""
        query = f"{_CALLS} AND i.id IN ({_marks(numbers)}) ORDER BY i.id"
        with translated(self._path, "read"):
            found = fetch(self._db, query, numbers)
        return [_row(*one) for one in found]

    def latest(self) -> Sequence[AuditRow]:
        """Return the latest call of each application on each connection, the oldest first."""
        with translated(self._path, "read"), snapshot(self._db):
            return self.rows([number for *_, number in fetch(self._db, _LATEST)])


def _find(
    db: apsw.Connection,
    chosen: AuditFilter,
    order: str,
    before: int | None = None,
    size: int | None = None,
) -> Iterator[AuditRow]:
    """Yield the calls that match; `size` is the number of them that are wanted at most."""
    words = chosen.text.split()[:_MOST_WORDS]
    numbers = _numbers(db, chosen, order, before, None if words else size)
    plain = [f"%{word}%" for word in words if _is_plain(word)]
    test = " AND (i.content LIKE ? OR o.content LIKE ?)" * len(plain)  # a coarse one
    folded = [fold(word) for word in words]
    for start in range(0, len(numbers), PAGE):
        part = numbers[start : start + PAGE]
        query = f"{_CALLS} AND i.id IN ({_marks(part)}){test} ORDER BY i.id {order}"
        for found in fetch(db, query, (*part, *(word for word in plain for _ in range(2)))):
            row = _row(*found)
            if _contains(row, folded):
                yield row


def _numbers(
    db: apsw.Connection,
    chosen: AuditFilter,
    order: str,
    before: int | None,
    size: int | None,
) -> Sequence[int]:
    """Return the numbers of calls that match but for their text: the index has what it takes."""
    conditions = {
        "connection = ?": chosen.connection or None,
        "application = ?": chosen.application or None,
        "at >= ?": chosen.since,
        "at < ?": chosen.until,
        "id < ?": before,
    }
    used = {text: value for text, value in conditions.items() if value is not None}
    query = (
        f"SELECT id FROM audit WHERE {' AND '.join(('intent IS NULL', *used))}"  # noqa: S608 ours
        f" ORDER BY id {order} LIMIT ?"
    )
    limit = -1 if size is None else size
    return [number for (number,) in fetch(db, query, (*used.values(), limit))]


def _marks(numbers: Sequence[int]) -> str:
    return ", ".join("?" * len(numbers))


def _is_plain(word: str) -> bool:
    """Return whether SQLite finds a word as it is typed, in either case."""
    # "ss" is the other case of a letter, and the others are written in another way in JSON.
    is_simple = word.isascii() and word.isprintable() and not set(word) & set('%_"\\')
    return is_simple and "ss" not in word.lower()


def _contains(row: AuditRow, words: Sequence[str]) -> bool:
    """Return whether all words are among the values, not the names, of what is stored."""
    contents = (row.content, row.outcome or "")
    if not all(map(str.isascii, words)) and all(map(str.isascii, contents)):
        return False
    if not words:
        return True
    texts = "\n".join(value for content in contents for value in _values(content))
    # What needs more than lower case takes 80 us, so the rest of a text does without it.
    texts = texts.lower() if texts.isascii() else "\n".join(map(fold, texts.split("\n")))
    return all(word in texts for word in words)


def _values(content: str) -> list[str]:
    try:
        stored = msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError):
        return [content]
    return [str(value) for value in stored.values()]


def _row(number: int, at: int, ended_at: int | None, *stored: bytes | None) -> AuditRow:
    connection, application, content, outcome = map(stored_text, stored)
    ended = outcome if ended_at is not None else None
    return AuditRow(number, at, connection, application, content, ended_at, ended)
