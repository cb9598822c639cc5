"""The bytes of deliveries: where a body is stored, and how parts of it are read.

What arrived is written once if possible. The body of a delivery with a `body_start` is what was
received from this byte on: the raw bytes in `content`, or, if there are none, the pieces of the
answer in `chunk`. The body of another delivery is stored separately in `content`.

A piece's `position` is the offset of its first byte. (Up to version 3 of the tables, pieces were
numbered; a pull that such a version has not finished is stored as it did.)
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Protocol

import apsw
import msgspec

from ibconsole.archive.connection import fetch

# SQL, to be used with the tables delivery and content. NULL for a body that is in pieces.
BODY = "iif(body_start IS NULL, body, substr(raw, body_start + 1))"
# SQL, to be used with the table delivery. Lengths are read without the bytes.
_PIECES_SIZE = "(SELECT sum(length(bytes)) FROM chunk WHERE delivery = id)"
BODY_SIZE = (
    "coalesce((SELECT iif(body_start IS NULL, length(body), length(raw) - body_start)"  # noqa: S608 written above
    f" FROM content WHERE delivery = id), {_PIECES_SIZE} - coalesce(body_start, 0), 0)"
)
STORED_SIZE = (
    "coalesce((SELECT length(body) + coalesce(length(raw), 0) FROM content WHERE delivery = id), 0)"  # noqa: S608 written above
    f" + coalesce({_PIECES_SIZE}, 0)"
)


_LARGEST_GAP = 1 << 20  # bytes between parts that are read together
_SMALL = 1 << 16  # bytes of a body that is read whole for any part of it


class StoredBytes(Protocol):
    """Bytes in the database, of which parts can be read."""

    size: int

    def read(self, start: int, size: int) -> bytes:
        """Return at most `size` bytes from offset `start`."""
        ...


def append_piece(db: apsw.Connection, delivery: int, data: bytes) -> None:
    """Insert the next bytes of an answer, after those that arrived before."""
    db.execute(
        "INSERT INTO chunk VALUES (?1, coalesce((SELECT position + length(bytes) FROM chunk"
        " WHERE delivery = ?1 ORDER BY position DESC LIMIT 1), 0), ?2)",
        (delivery, data),
    )


def read_pieces(db: apsw.Connection, delivery: int) -> bytes:
    """Return the bytes of an answer that have arrived."""
    rows = fetch(db, "SELECT bytes FROM chunk WHERE delivery = ? ORDER BY position", (delivery,))
    return b"".join(data for (data,) in rows)


class AnswerBytes(msgspec.Struct, frozen=True):
    """The bytes of an answer that are kept: its body, and all of them if they say more.

    `start` is the offset of the body in the answer if it is the rest of it, else None.
    """

    body: bytes
    raw: bytes | None = None
    start: int | None = None


def store_answer(db: apsw.Connection, delivery: int, answer: AnswerBytes) -> str:
    """Store an answer whose pieces are stored, and return the SHA-256 of its body.

    If only the body is kept and it is the rest of the answer, it stays in its pieces.
    """
    body, raw, start = answer.body, answer.raw, answer.start
    if start is not None and raw is None and not _are_offsets(db, delivery, start + len(body)):
        start = None
    if start is None or raw is not None:
        # In this order the body is written over the pages of its pieces.
        db.execute("DELETE FROM chunk WHERE delivery = ?", (delivery,))
    db.execute(
        "INSERT INTO content VALUES (?, ?, ?)", (delivery, raw, b"" if start is not None else body)
    )
    db.execute("UPDATE delivery SET body_start = ? WHERE id = ?", (start, delivery))
    return sha256(body).hexdigest()


def start_of(body: bytes, received: bytes) -> int | None:
    """Return the offset of a body that is the rest of what was received; None if it is not."""
    return len(received) - len(body) if body and received.endswith(body) else None


def read_body(db: apsw.Connection, delivery: int) -> bytes | None:
    """Return the body of a delivery that is complete; None if it has none."""
    rows = fetch(
        db,
        f"SELECT body_start, {BODY} FROM delivery JOIN content ON delivery = id WHERE id = ?",  # noqa: S608 written above
        (delivery,),
    )
    for start, body in rows:
        return body_of(db, delivery, start, body)
    return None


def body_of(db: apsw.Connection, delivery: int, start: int | None, body: bytes | None) -> bytes:
    """Return a body from `body_start` and the value of BODY."""
    return read_pieces(db, delivery)[start:] if body is None else body


@contextmanager
def open_body(db: apsw.Connection, delivery: int) -> Iterator[StoredBytes]:
    """Yield the body of a delivery, to read parts of it; what has arrived if it is unfinished.

    To be used inside a snapshot.
    """
    rows = fetch(
        db,
        "SELECT delivery, raw NOT NULL, body_start FROM delivery LEFT JOIN content ON delivery = id"
        " WHERE id = ?",
        (delivery,),
    )
    complete, has_raw, start = rows[0] if rows else (None, False, None)
    if complete is None:
        yield _Memory(read_pieces(db, delivery)[start:])
    elif start is not None and not has_raw:
        yield _Pieces(db, delivery, start)
    else:
        with _open_column(db, delivery, "body" if start is None else "raw", start or 0) as column:
            yield column


@contextmanager
def open_raw(db: apsw.Connection, delivery: int) -> Iterator[StoredBytes]:
    """Yield all bytes of a forward, or of an unusual answer, to read parts of them.

    Yields no bytes if there are none. To be used inside a snapshot.
    """
    if fetch(db, "SELECT 1 FROM content WHERE delivery = ? AND raw NOT NULL", (delivery,)):
        with _open_column(db, delivery, "raw") as column:
            yield column
    else:
        yield _Memory(b"")


@contextmanager
def _open_column(
    db: apsw.Connection, delivery: int, column: str, start: int = 0
) -> Iterator["_Column"]:
    with db.blob_open("main", "content", column, delivery, False) as blob:  # noqa: FBT003 apsw has no keyword for read-only
        yield _Column(blob, start)


def read_parts(
    db: apsw.Connection, parts: Sequence[tuple[int, int | None, int | None]]
) -> list[bytes | None]:
    """Return parts of bodies, each given by its delivery, offset and size.

    None for a part that is not stored. Consecutive parts of one delivery are read together, and
    small bodies in one query: most forwards have one message. To be used inside a snapshot.
    """
    found: list[bytes | None] = [None] * len(parts)
    by_delivery: dict[int, list[tuple[int, int, int]]] = {}
    for place, (delivery, start, size) in enumerate(parts):
        if start is not None and size is not None:
            by_delivery.setdefault(delivery, []).append((place, start, start + size))
    for delivery, whole in _small_bodies(db, list(by_delivery)):
        for place, start, end in by_delivery.pop(delivery):
            if end <= len(whole):
                found[place] = whole[start:end]
    for delivery, spans in by_delivery.items():
        with open_body(db, delivery) as body:
            total = body.size
            _read_spans(body, [span for span in spans if span[2] <= total], found)
    return found


def _small_bodies(db: apsw.Connection, deliveries: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Yield those of these deliveries whose bodies are small and not in pieces, with the bodies."""
    yield from db.execute(
        f"SELECT delivery.id, {BODY} FROM json_each(?) JOIN delivery ON delivery.id = value"  # noqa: S608 written above
        " JOIN content ON delivery = delivery.id"
        " WHERE iif(body_start IS NULL, length(body), length(raw) - body_start) <= ?",
        (msgspec.json.encode(deliveries).decode(), _SMALL),
    )


def _read_spans(
    body: StoredBytes, spans: Sequence[tuple[int, int, int]], found: list[bytes | None]
) -> None:
    """Read parts of a body, each given by its place in `found`, its offset and its end.

    Those that lie close together are read at once.
    """
    if not spans:
        return
    first = min([start for _, start, _ in spans])
    length = max([end for _, _, end in spans]) - first
    if length > _LARGEST_GAP + sum([end - start for _, start, end in spans]):
        for place, start, end in spans:
            found[place] = body.read(start, end - start)
        return
    data = body.read(first, length)
    for place, start, end in spans:
        found[place] = data[start - first : end - first]


def _are_offsets(db: apsw.Connection, delivery: int, total: int) -> bool:
    """Return whether the pieces have `total` bytes, and their positions are offsets.

    As no piece is empty, the last one is enough to tell.
    """
    rows = fetch(
        db,
        "SELECT position + length(bytes) FROM chunk WHERE delivery = ?"
        " ORDER BY position DESC LIMIT 1",
        (delivery,),
    )
    return rows == [(total,)]


class _Memory:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    def read(self, start: int, size: int) -> bytes:
        return self._data[start : start + size]


class _Column:
    def __init__(self, blob: apsw.Blob, start: int) -> None:
        self._blob = blob
        self._start = start
        self.size = blob.length() - start

    def read(self, start: int, size: int) -> bytes:
        start = min(start, self.size)
        self._blob.seek(self._start + start)
        return self._blob.read(min(size, self.size - start))


class _Pieces:
    """The pieces of an answer. Holds those that were read last, as the next part is often there."""

    def __init__(self, db: apsw.Connection, delivery: int, start: int) -> None:
        self._db = db
        self._delivery = delivery
        self._start = start
        [(end,)] = fetch(
            db,
            "SELECT position + length(bytes) FROM chunk WHERE delivery = ?"
            " ORDER BY position DESC LIMIT 1",
            (delivery,),
        ) or [(start,)]
        self.size = end - start
        self._held = b""
        self._held_from = 0

    def read(self, start: int, size: int) -> bytes:
        first = self._start + min(start, self.size)
        end = min(first + size, self._start + self.size)
        if not self._held_from <= first <= end <= self._held_from + len(self._held):
            self._hold(first, end)
        return self._held[first - self._held_from : end - self._held_from]

    def _hold(self, first: int, end: int) -> None:
        rows = fetch(
            self._db,
            "SELECT position, bytes FROM chunk WHERE delivery = ?1 AND position < ?3"
            " AND position >= (SELECT max(position) FROM chunk"
            " WHERE delivery = ?1 AND position <= ?2) ORDER BY position",
            (self._delivery, first, end),
        )
        self._held_from = rows[0][0] if rows else first
        self._held = b"".join(data for _, data in rows)
