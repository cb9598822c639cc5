"""Reading the archive, while other connections and processes write to it.

There are no long transactions: a reader that keeps an old snapshot open prevents writers from
truncating their log.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Concatenate, ParamSpec, TypeVar

import apsw
import msgspec
from msgspec.structs import replace

from ibconsole.archive.bodies import open_body, open_raw, read_body, read_pieces
from ibconsole.archive.conditions import reads_json
from ibconsole.archive.connection import fetch, snapshot
from ibconsole.archive.deletion import preview_retention
from ibconsole.archive.errors import translated
from ibconsole.archive.importing import find_delivery, identity
from ibconsole.archive.records import (
    ArchiveCounts,
    Delivery,
    Filter,
    ForwardTestRecord,
    Listing,
    MessageRow,
    Order,
    Place,
    ProgressCallback,
    RetentionPolicy,
    RetentionPreview,
    Slice,
    SourceActivity,
    StoredMessage,
    Verification,
    Via,
)
from ibconsole.archive.rows import (
    DeliveryFacts,
    MessageValues,
    read_counts,
    read_deliveries,
    read_facts,
    read_forward_tests,
    read_rows,
    read_source_activity,
    read_tests,
    read_trailing_bytes,
    read_values,
    to_message,
)
from ibconsole.archive.schema import ReadOnlyConnection
from ibconsole.archive.searching import (
    Value,
    cancellable,
    conditions,
    register_functions,
    search,
    search_newer,
    search_older,
)
from ibconsole.archive.statistics import latest_test_ids
from ibconsole.archive.verifying import verify
from ibconsole.clock import now_ms

P = ParamSpec("P")
T = TypeVar("T")

_PAGE = 500
_FOUND = 20_000  # matches of a filter that are looked for at a time
_TESTED = 1 << 14  # messages whose JSON is tested at a time
_PAGE_SIZE = 1 << 20  # bytes of the messages of a page, after which it ends


def _never_cancelled() -> bool:
    return False


class Reader(ReadOnlyConnection):
    """Reads messages and deliveries; see ReadOnlyConnection."""

    def _prepare(self) -> None:
        register_functions(self._db)

    def ask(
        self,
        query: Callable[Concatenate[apsw.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Return the answer of a query of `statistics`."""
        with translated(self._path, "read"):
            return query(self._db, *args, **kwargs)

    def count_unfinished(self) -> int:
        """Return the number of pulls and forwards whose messages are not decoded yet."""
        with translated(self._path, "read"):
            [(count,)] = fetch(
                self._db, "SELECT count(*) FROM delivery WHERE state IN ('asking', 'received')"
            )
            return int(count)

    def find(self, criteria: Filter, *, after: int = 0) -> "array[int]":
        """Return the ids above `after` of the messages that match, oldest first."""
        return self.search(criteria, after=after).ids

    def search(
        self,
        criteria: Filter,
        *,
        order: Order = Order.ARRIVAL,
        after: int = 0,
        limit: int | None = None,
        cancelled: Callable[[], bool] = _never_cancelled,
    ) -> Listing:
        """Return the messages with ids above `after` that match, in this order.

        With a `limit` only the last ones in this order are returned. If the filter has a condition
        and that takes more than a fifth of a second, fewer are: unless `rest` of the result is
        None, search on with `search_older`. `cancelled` is called repeatedly; JobCancelled is
        raised once it returns True.
        """
        with (
            translated(self._path, "read"),
            cancellable(self._db, cancelled, criteria),
            snapshot(self._db),
        ):
            return search(self._db, criteria, order=order, after=after, limit=limit)

    def search_older(
        self,
        criteria: Filter,
        before: Place,
        *,
        order: Order = Order.ARRIVAL,
        newest: int,
        cancelled: Callable[[], bool] = _never_cancelled,
    ) -> Listing:
        """Return matches next to a place (`Listing.place`) in this order, none above id `newest`.

        Looks at a bounded number of messages; `rest` of the result is where to go on. `cancelled`
        as for `search`.
        """
        with (
            translated(self._path, "read"),
            cancellable(self._db, cancelled, criteria),
            snapshot(self._db),
        ):
            return search_older(self._db, criteria, before, order=order, newest=newest)

    def rows(self, ids: Sequence[int]) -> list[MessageRow]:
        """Return these messages as rows, in the order of `ids`; missing ones are skipped."""
        with translated(self._path, "read"):
            return read_rows(self._db, ids)

    def message(self, message: int) -> StoredMessage | None:
        """Return one message with all its fields; None if there is none with this id."""
        with translated(self._path, "read"), snapshot(self._db):
            found = read_values(self._db, "message.id = :id", {"id": message}, _PAGE_SIZE)
        return to_message(found[0]) if found else None

    def messages(self, criteria: Filter, *, after: int = 0) -> Iterator[StoredMessage]:
        """Yield all messages with ids above `after` that match, oldest first; see `pages`."""
        for page in self.pages(criteria, after=after):
            yield from map(to_message, page)

    def pages(self, criteria: Filter, *, after: int = 0) -> Iterator[list[MessageValues]]:
        """Yield the messages with ids above `after` that match, oldest first, in pages.

        A page has at most 500 messages, or about 1 MB, so memory stays constant and writers
        are not blocked. Messages that arrive meanwhile are included. They are found through an
        index as by `search`, a limited number at a time, or compared one by one.
        """
        last = after
        for part in self._parts(criteria, after):
            where, values = conditions(part)
            while page := self._page(where, {"after": last, **values}):
                yield page
                last = page[-1].id
                if part.ids and last >= part.ids[-1]:
                    break

    def delivery(self, delivery: int) -> Delivery | None:
        """Return a delivery without its bytes; None if there is none with this id."""
        found = self.deliveries([delivery])
        return found[0] if found else None

    def delivery_body(self, delivery: int) -> bytes:
        """Return the body as received, possibly compressed; what has arrived if it is unfinished.

        Raises LookupError if there is no such delivery.
        """
        with translated(self._path, "read"), snapshot(self._db):
            self._require(delivery)
            body = read_body(self._db, delivery)
            return read_pieces(self._db, delivery) if body is None else body

    def delivery_raw(self, delivery: int) -> bytes:
        """Return a forwarded request as received, head and body.

        Of a pull the answer if it was unusual, for example chunked; else empty.

        Raises LookupError if there is no such delivery.
        """
        with translated(self._path, "read"), snapshot(self._db):
            self._require(delivery)
            rows = fetch(self._db, "SELECT raw FROM content WHERE delivery = ?", (delivery,))
        return rows[0][0] or b"" if rows else b""

    def slice(self, delivery: int, start: int, size: int, *, raw: bool = False) -> Slice:
        """Return at most `size` bytes of a body, or of a raw request, from offset `start`.

        Reads only these bytes of a complete body. Raises LookupError if
        there is no such delivery.
        """
        opened = open_raw if raw else open_body
        with translated(self._path, "read"), snapshot(self._db):
            self._require(delivery)
            with opened(self._db, delivery) as stored:
                start = min(start, stored.size)
                return Slice(stored.read(start, size), start, stored.size)

    def trailing_bytes(self, delivery: int, limit: int = 65_536) -> bytes:
        """Return the bytes after the last whole message of a cut body, decompressed.

        At most `limit` bytes; empty if the body is whole or there is no such delivery.
        """
        with translated(self._path, "read"), snapshot(self._db):
            return read_trailing_bytes(self._db, delivery, limit)

    def find_message(self, message_id: str, application: str) -> int | None:
        """Return the id of the first message with this message id in this application, or None."""
        with translated(self._path, "read"):
            [(found,)] = fetch(
                self._db,
                "SELECT min(id) FROM message WHERE message_id = ? AND application_code = ?",
                (message_id, application),
            )
        return found if message_id else None

    def find_by_origin(self, origin: str, position: int, message_id: str) -> int | None:
        """Return the id of the message at a position of the delivery with this origin, or None."""
        query = "SELECT id FROM message WHERE delivery = ? AND position = ? AND message_id = ?"
        with translated(self._path, "read"), snapshot(self._db):
            delivery = find_delivery(self._db, identity(self._db), origin)
            found = fetch(self._db, query, (delivery, position, message_id))
        return int(found[0][0]) if found else None

    def application_codes(self) -> list[str]:
        """Return the codes of the applications that have messages, in order."""
        # From one to the next by the index: a million messages take no longer than a thousand.
        query = (
            "WITH RECURSIVE found(code) AS (VALUES ('') UNION ALL SELECT"
            " (SELECT min(application_code) FROM message WHERE application_code > code)"
            " FROM found WHERE code IS NOT NULL) SELECT code FROM found WHERE code > ''"
        )
        with translated(self._path, "read"):
            return [code for (code,) in fetch(self._db, query)]

    def find_deliveries(self, via: Via, *, after: int = 0) -> "array[int]":
        """Return the ids above `after` of the pulls or the forwards, oldest first."""
        return self._ids(
            "SELECT id FROM delivery WHERE via = :via AND id > :after ORDER BY id",
            {"via": via, "after": after},
        )

    def messages_of(self, deliveries: Sequence[int]) -> "array[int]":
        """Return the ids of the messages in these pulls or forwards, in their order."""
        found = array("q")
        for delivery in deliveries:
            query = "SELECT id FROM message WHERE delivery = :delivery ORDER BY position"
            found += self._ids(query, {"delivery": delivery})
        return found

    def deliveries_matching(self, criteria: Filter) -> list[int]:
        """Return the ids of the deliveries with a message that matches, oldest first."""
        where, values = conditions(criteria)
        query = f"SELECT DISTINCT delivery AS id FROM message WHERE TRUE{where} ORDER BY 1"  # noqa: S608 values are bound
        return list(self._ids(query, values))

    def has_pulled(self, connection: str) -> bool:
        """Return whether this archive has a pull on this connection whose request was sent."""
        with translated(self._path, "read"):
            found = fetch(
                self._db,
                "SELECT 1 FROM delivery WHERE via = 'pull' AND connection = ? AND state <> 'failed'"
                " LIMIT 1",
                (connection,),
            )
        return bool(found)

    def deliveries(self, ids: Sequence[int]) -> list[Delivery]:
        """Return these deliveries, in the order of `ids`; missing ones are skipped."""
        with translated(self._path, "read"):
            return read_deliveries(self._db, ids)

    def facts(self, ids: Sequence[int]) -> list[DeliveryFacts]:
        """Return the exported facts of these deliveries, in any order; missing ones are skipped."""
        with translated(self._path, "read"):
            return read_facts(self._db, ids)

    def forward_tests(self, limit: int) -> Sequence[ForwardTestRecord]:
        """Return the latest forward tests, at most `limit`, the newest first."""
        with translated(self._path, "read"):
            return read_forward_tests(self._db, limit)

    def latest_forward_tests(self, urls: Sequence[str]) -> Sequence[ForwardTestRecord]:
        """Return the latest test and the latest ladder of each of these URLs, in any order."""
        with translated(self._path, "read"):
            return read_tests(self._db, latest_test_ids(self._db, urls))

    def elements(self, ids: Sequence[int]) -> dict[int, bytes]:
        """Return the JSON of these messages by id, without those that are missing.

        Ends after about 1 MB.
        """
        condition = "message.id IN (SELECT value FROM json_each(:ids))"
        with translated(self._path, "read"), snapshot(self._db):
            values = {"ids": msgspec.json.encode(list(ids)).decode()}
            found = read_values(self._db, condition, values, _PAGE_SIZE)
        return {one.id: one.body for one in found}

    def counts(self) -> ArchiveCounts:
        """Return the totals.

        They are stored, so this is as fast for a million messages as for one.
        """
        with translated(self._path, "read"):
            return read_counts(self._db)

    def last_id(self) -> int | None:
        """Return the highest id of a message; later ones have higher ids."""
        return self.counts().newest_message

    def source_activity(self, connection: str, base_url: str = "") -> SourceActivity:
        """Return the last pull from an account, and the last forwards and refused requests.

        The account is that of the base URL, on any connection; without one it is that of the
        connection, and without either it is any.
        """
        with translated(self._path, "read"):
            return read_source_activity(self._db, connection, base_url)

    def preview_retention(self, policy: RetentionPolicy) -> RetentionPreview:
        """Return what this policy would delete now."""
        with translated(self._path, "read"), snapshot(self._db):
            return preview_retention(self._db, policy, now_ms())

    def identity(self) -> str:
        """Return the UUID by which the origins of exported deliveries name this archive."""
        with translated(self._path, "read"):
            return identity(self._db)

    def verify(self, on_progress: ProgressCallback) -> Verification:
        """Check everything stored, and return what is not as it was received.

        Holds one body at a time in memory. `on_progress` is called often; an exception that it
        raises ends the verification.
        """
        with translated(self._path, "read"):
            return verify(self._db, on_progress)

    def data_version(self) -> int:
        """Return a number that changes whenever another connection has committed something."""
        with translated(self._path, "read"):
            return int(self._db.pragma("data_version"))

    def _parts(self, criteria: Filter, after: int) -> Iterator[Filter]:
        """Divide a filter into filters by the ids of a page each, as far as an index finds them."""
        if criteria.ids:
            for ids in _slices(sorted(criteria.ids)):
                yield replace(criteria, ids=ids)
            return
        if reads_json(criteria.condition):
            yield from self._json_parts(criteria, after)
            return
        while found := self._find_newer(criteria, after):
            for ids in _slices(found):
                yield Filter(ids=ids)
            after = found[-1]
        if found is None:
            yield criteria

    def _json_parts(self, criteria: Filter, after: int) -> Iterator[Filter]:
        """As `_parts`, some messages at a time: testing the JSON of a million takes a minute."""
        while after < (newest := self.counts().newest_message):
            where, values = conditions(criteria)
            until = min(after + _TESTED, newest)
            query = f"SELECT id FROM message WHERE id > :after AND id <= :until{where} ORDER BY id"  # noqa: S608 values are bound
            for ids in _slices(self._ids(query, {**values, "after": after, "until": until})):
                yield Filter(ids=ids)
            after = until

    def _find_newer(self, criteria: Filter, after: int) -> "array[int] | None":
        with translated(self._path, "read"), snapshot(self._db):
            return search_newer(self._db, criteria, after, _FOUND)

    def _ids(self, query: str, values: dict[str, Value]) -> "array[int]":
        with translated(self._path, "read"):
            [(ids,)] = fetch(
                self._db,
                f"SELECT json_group_array(id) FROM ({query})",  # noqa: S608 written above
                values,
            )
        return array("q", msgspec.json.decode(ids, type=list[int]))

    def _page(self, where: str, values: dict[str, Value]) -> list[MessageValues]:
        condition = f"message.id > :after{where} ORDER BY message.id LIMIT {_PAGE}"
        with translated(self._path, "read"), snapshot(self._db):
            return read_values(self._db, condition, values, _PAGE_SIZE)

    def _require(self, delivery: int) -> None:
        if not fetch(self._db, "SELECT 1 FROM delivery WHERE id = ?", (delivery,)):
            raise LookupError(f"There is no delivery {delivery}.")


def _slices(ids: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Divide ids into pages: each page reads all of its ids again."""
    for start in range(0, len(ids), _PAGE):
        yield tuple(ids[start : start + _PAGE])
