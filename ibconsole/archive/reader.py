"""Reading what was received, while others write.

Never opens a long transaction: a reader that sits on an old state of the file would keep
the writers from ever shortening their log.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import msgspec

from ibconsole.archive.connection import fetch, open_reader
from ibconsole.archive.errors import translated
from ibconsole.archive.importing import identity
from ibconsole.archive.records import (
    ArchiveCounts,
    Delivery,
    Filter,
    ForwardTestRecord,
    Listing,
    MessageRow,
    Order,
    ProgressCallback,
    Slice,
    StoredMessage,
    Verification,
)
from ibconsole.archive.rows import (
    MESSAGES,
    read_deliveries,
    read_rows,
    read_tests,
    rest_of,
    to_message,
)
from ibconsole.archive.schema import check_version
from ibconsole.archive.searching import Value, conditions, register, search, stopping
from ibconsole.archive.verifying import verify

_PAGE = 100


def _never() -> bool:
    return False


class Reader:
    """Reads an archive; cannot write. One thread at a time; a context manager.

    Every method but `close` raises ArchiveError when the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with ExitStack() as stack:
            stack.enter_context(translated(path, "read"))
            self._db = open_reader(path)
            stack.callback(self._db.close)
            check_version(self._db, path)
            register(self._db)
            stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; calling it twice is harmless."""
        self._db.close()

    def find(self, wanted: Filter, *, after: int = 0) -> "array[int]":
        """Ids of the messages that fit, oldest first, above `after`."""
        return self.search(wanted, after=after).ids

    def search(
        self,
        wanted: Filter,
        *,
        order: Order = Order.ARRIVAL,
        after: int = 0,
        limit: int | None = None,
        cancelled: Callable[[], bool] = _never,
    ) -> Listing:
        """The messages above the id `after` that fit, in this order; at most the last so many.

        Asks `cancelled` now and then, and raises Stopped once it says yes.
        """
        with translated(self._path, "read"), stopping(self._db, cancelled):
            return search(self._db, wanted, order=order, after=after, limit=limit)

    def rows(self, ids: Sequence[int]) -> list[MessageRow]:
        """These messages as a list shows them, in the order of `ids`; missing ones skipped."""
        with translated(self._path, "read"):
            return read_rows(self._db, ids)

    def message(self, message: int) -> StoredMessage | None:
        """Everything about one message; None if there is none of this id."""
        with translated(self._path, "read"):
            found = fetch(self._db, f"{MESSAGES} WHERE message.id = ?", (message,))
            return to_message(found[0]) if found else None

    def messages(self, wanted: Filter, *, after: int = 0) -> Iterator[StoredMessage]:
        """Everything about all messages that fit, oldest first, above `after`.

        Takes pages of 100, so memory stays constant and writers are not held up. What
        arrives meanwhile is included.
        """
        where, values = conditions(wanted)
        while page := self._page(where, {"after": after, **values}):
            yield from page
            after = page[-1].id

    def delivery(self, delivery: int) -> Delivery | None:
        """A delivery without its bytes; None if there is none of this id."""
        found = self.deliveries([delivery])
        return found[0] if found else None

    def delivery_body(self, delivery: int) -> bytes:
        """The body as received (packed, if it was), as far as it arrived; raises LookupError."""
        return self._bytes(
            "SELECT coalesce((SELECT body FROM content WHERE delivery = id), x'') FROM delivery"
            " WHERE id = ?1 UNION ALL SELECT * FROM (SELECT bytes FROM chunk"
            " WHERE delivery = ?1 ORDER BY position)",
            delivery,
        )

    def delivery_raw(self, delivery: int) -> bytes:
        """A forwarded request as received, head and body; empty for a pull; raises LookupError."""
        return self._bytes(
            "SELECT coalesce((SELECT raw FROM content WHERE delivery = id), x'') FROM delivery"
            " WHERE id = ?1",
            delivery,
        )

    def slice(self, delivery: int, start: int, size: int, *, raw: bool = False) -> Slice:
        """Bytes of a body as received, or of a raw request, from `start` on, at most `size`.

        Reads no more than these, however large the body is. Raises LookupError.
        """
        with translated(self._path, "read"):
            found = fetch(
                self._db,
                f"SELECT length({'raw' if raw else 'body'}) FROM content WHERE delivery = ?",  # noqa: S608 two names
                (delivery,),
            )
            if found and found[0][0]:
                column = "raw" if raw else "body"
                with self._db.blob_open("main", "content", column, delivery, False) as blob:  # noqa: FBT003 apsw's: only to read
                    total = blob.length()
                    start = min(start, total)
                    blob.seek(start)
                    return Slice(blob.read(min(size, total - start)), start, total)
        data = self.delivery_raw(delivery) if raw else self.delivery_body(delivery)
        start = min(start, len(data))
        return Slice(data[start : start + size], start, len(data))

    def trailing_bytes(self, delivery: int, limit: int = 65_536) -> bytes:
        """What stands in a cut body behind its last whole message, unpacked; at most so much.

        Empty for a body that is whole. Raises LookupError.
        """
        with translated(self._path, "read"):
            return rest_of(self._db, delivery, limit)

    def find_message(self, message_id: str, application: str) -> int | None:
        """The first message of this name in this application; None if it is not here."""
        with translated(self._path, "read"):
            [(found,)] = fetch(
                self._db,
                "SELECT min(id) FROM message WHERE message_id = ? AND application_code = ?",
                (message_id, application),
            )
        return found if message_id else None

    def find_deliveries(self, via: str, *, after: int = 0) -> "array[int]":
        """Ids of the deliveries by "pull" or by "forward", oldest first, above `after`."""
        return self._ids(
            "SELECT id FROM delivery WHERE via = :via AND id > :after ORDER BY id",
            {"via": via, "after": after},
        )

    def deliveries_matching(self, wanted: Filter) -> list[int]:
        """Ids of the deliveries that have a message that fits, oldest first."""
        where, values = conditions(wanted)
        query = f"SELECT DISTINCT delivery AS id FROM message WHERE TRUE{where} ORDER BY 1"  # noqa: S608 values are bound
        return list(self._ids(query, values))

    def has_pulled(self, connection: str) -> bool:
        """Whether a request to pull was ever sent on this connection, as far as is known here."""
        with translated(self._path, "read"):
            found = fetch(
                self._db,
                "SELECT 1 FROM delivery WHERE via = 'pull' AND connection = ? AND state <> 'failed'"
                " LIMIT 1",
                (connection,),
            )
        return bool(found)

    def deliveries(self, ids: Sequence[int]) -> list[Delivery]:
        """These deliveries, in the order of `ids`; missing ones skipped."""
        with translated(self._path, "read"):
            return read_deliveries(self._db, ids)

    def forward_tests(self, limit: int) -> Sequence[ForwardTestRecord]:
        """The latest tests of forward URLs, at most so many, the newest first."""
        with translated(self._path, "read"):
            return read_tests(self._db, limit)

    def counts(self) -> ArchiveCounts:
        """How much there is; as quick for a million messages as for one."""
        with translated(self._path, "read"):
            rows = fetch(
                self._db,
                "SELECT name, value FROM counter"
                " UNION ALL SELECT 'newest message', coalesce(max(id), 0) FROM message"
                " UNION ALL SELECT 'newest delivery', coalesce(max(id), 0) FROM delivery",
            )
            found = dict(rows)
        return ArchiveCounts(
            found["messages"],
            found["pull"],
            found["forward"],
            found["last_pull_at"],
            found["newest message"],
            found["newest delivery"],
        )

    def identity(self) -> str:
        """What this archive is called in the origins of what is exported from it."""
        with translated(self._path, "read"):
            return identity(self._db)

    def verify(self, watch: ProgressCallback) -> Verification:
        """Go through everything there is and say what of it is not as it was stored.

        Holds one body at a time in memory. `watch` is called often, and stops it by raising.
        """
        with translated(self._path, "read"):
            return verify(self._db, watch)

    def data_version(self) -> int:
        """A number that changes when another connection has committed something."""
        with translated(self._path, "read"):
            return int(self._db.pragma("data_version"))

    def _ids(self, query: str, values: dict[str, Value]) -> "array[int]":
        with translated(self._path, "read"):
            [(ids,)] = fetch(
                self._db,
                f"SELECT json_group_array(id) FROM ({query})",  # noqa: S608 written above
                values,
            )
        return array("q", msgspec.json.decode(ids, type=list[int]))

    def _page(self, where: str, values: dict[str, Value]) -> list[StoredMessage]:
        with translated(self._path, "read"):
            rows = fetch(
                self._db,
                f"{MESSAGES} WHERE message.id > :after{where} ORDER BY message.id LIMIT {_PAGE}",
                values,
            )
        return [to_message(values) for values in rows]

    def _bytes(self, query: str, delivery: int) -> bytes:
        with translated(self._path, "read"):
            parts = fetch(self._db, query, (delivery,))
        if not parts:
            raise LookupError(f"There is no delivery {delivery}.")
        return b"".join(part for (part,) in parts)
