"""A team's archive with the methods and values of `archive.Reader`, for one account of it."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from ibconsole.archive import (
    ArchiveCounts,
    Delivery,
    DeliveryFacts,
    Filter,
    ForwardTestRecord,
    Listing,
    MessageRow,
    MessageValues,
    Order,
    Place,
    Slice,
    SourceActivity,
    StoredMessage,
    Via,
)
from ibconsole.secret import Secret
from ibconsole.team_archive import SearchSupport, TeamAddress
from ibconsole.team_archive.reading import bodies, deliveries, messages, rows, statistics
from ibconsole.team_archive.reading.history import TeamHistory
from ibconsole.team_archive.reading.marks import SNAPSHOT
from ibconsole.team_archive.reading.queries import TeamQueries, never_cancelled
from ibconsole.team_archive.reading.searching import Search
from ibconsole.team_archive.reading.totals import TeamTotals

P = ParamSpec("P")
T = TypeVar("T")

_PAGE_SIZE = 1 << 20  # bytes of the messages of a page, after which it ends
_TRAILING = 65_536
_THESE = "SELECT {1} FROM {2} WHERE {0}.account = %(account)s AND {0}.id = ANY(%(ids)s)"
_ROWS = _THESE.format("message", rows.ROW, rows.MESSAGES)
_DELIVERIES = _THESE.format("delivery", rows.DELIVERY, rows.DELIVERIES)
_FACTS = _THESE.format("delivery", rows.FACTS, "ibconsole.delivery")


class TeamReader:
    """Reads the messages and deliveries of an account, as `archive.Reader` does those of a file.

    Nothing is opened before the first call; after a broken connection the next call opens another.
    Every method but `close` may block for a network's time and raises a TeamArchiveError. It
    belongs to one thread at a time.

    `connection` is the UUID of the connection that names the account: the messages are its own, so
    that of a filter is ignored. In place of the highest id, `Listing.newest` and
    `ArchiveCounts.newest_message` are marks: give one as `after` to find what was written since,
    whatever its ids and times. `Listing.keys` are given in either order.
    """

    def __init__(
        self,
        address: TeamAddress,
        password: Secret | None = None,
        *,
        connection: str | None = None,
        purpose: str = "reader",
    ) -> None:
        self._queries = TeamQueries(address, password, purpose, connection=connection)
        self._connection = connection
        self._totals = TeamTotals(self._queries)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; closing it twice is harmless."""
        self._queries.close()

    def abort(self) -> None:
        """Break the connection for good, from any thread: what waits for it fails at once."""
        self._queries.abort()

    @property
    def address(self) -> TeamAddress:
        """The address of the archive."""
        return self._queries.address

    def ask(
        self,
        query: Callable[Concatenate[Any, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Return the answer of a query of `archive.statistics`, as its twin here finds it."""
        twin: Callable[Concatenate[TeamQueries, P], T] = getattr(statistics, query.__name__)
        return twin(self._queries, *args, **kwargs)

    @property
    def history(self) -> TeamHistory:
        """The history of the account's setups, which is read with this reader's connection."""
        return TeamHistory(self._queries)

    def identity(self) -> str:
        """Return the UUID of the team's archive. Deliveries have origins of their own."""
        return str(self._one("SELECT value FROM ibconsole.about WHERE name = 'team'", ""))

    def mark(self) -> int:
        """Return the mark of now: what is visible later, and is not now, is new since then."""
        return self._queries.marks.add(str(self._one(f"SELECT {SNAPSHOT}", "1:1:")))

    def has_text_index(self) -> bool:
        """Return whether texts are found by an index; else messages are compared one by one."""
        return self._queries.session.search_support is SearchSupport.TRIGRAMS

    def find(self, criteria: Filter, *, after: int = 0) -> "array[int]":
        """Return the ids of the messages that match, written since the mark `after`."""
        return self.search(criteria, after=after).ids

    def search(
        self,
        criteria: Filter,
        *,
        order: Order = Order.ARRIVAL,
        after: int = 0,
        limit: int | None = None,
        cancelled: Callable[[], bool] = never_cancelled,
    ) -> Listing:
        """Return the messages that match in this order, since the mark `after` if there is one.

        With a `limit` at most the last ones are returned. If that takes more than a fifth of a
        second, fewer are: unless `rest` of the result is None, search on with `search_older`.
        `cancelled` is called repeatedly; JobCancelled is raised once it returns True.
        """
        found = self._search(criteria, order, cancelled)
        return found.newer(after) if after else found.latest(limit)

    def search_older(
        self,
        criteria: Filter,
        before: Place,
        *,
        order: Order = Order.ARRIVAL,
        newest: int,
        cancelled: Callable[[], bool] = never_cancelled,
    ) -> Listing:
        """Return matches next to a place in this order, none that is new since the mark `newest`.

        Looks at a bounded number of messages; `rest` of the result is where to go on. `cancelled`
        as for `search`.
        """
        return self._search(criteria, order, cancelled).older(before, newest)

    def rows(self, ids: Sequence[int]) -> list[MessageRow]:
        """Return these messages as rows, in the order of `ids`; missing ones are skipped."""
        return [rows.row_of(row) for row in self._these(_ROWS, ids)]

    def message(self, message: int) -> StoredMessage | None:
        """Return one message with all its fields; None if there is none with this id."""
        found = messages.read_messages(self._queries, [message], self._connection, _PAGE_SIZE)
        return rows.message_of(*found.messages[0]) if found.messages else None

    def messages(self, criteria: Filter, *, after: int = 0) -> Iterator[StoredMessage]:
        """Yield all messages that match, oldest first; see `pages`."""
        for page in self._pages(criteria, after):
            for values, source in page:
                yield rows.message_of(values, source)

    def pages(self, criteria: Filter, *, after: int = 0) -> Iterator[list[MessageValues]]:
        """Yield the messages that match, oldest first, since the mark `after` if there is one.

        A page has at most 500 messages, or about 1 MB. Messages that arrive meanwhile are left out.
        """
        for page in self._pages(criteria, after):
            yield [values for values, _ in page]

    def elements(self, ids: Sequence[int]) -> dict[int, bytes]:
        """Return the JSON of these messages by id, without those that are missing.

        Ends after about 1 MB.
        """
        found = messages.read_messages(self._queries, ids, self._connection, _PAGE_SIZE)
        return {values.id: values.body for values, _ in found.messages}

    def delivery(self, delivery: int) -> Delivery | None:
        """Return a delivery without its bytes; None if there is none with this id."""
        found = self.deliveries([delivery])
        return found[0] if found else None

    def deliveries(self, ids: Sequence[int]) -> list[Delivery]:
        """Return these deliveries, in the order of `ids`; missing ones are skipped."""
        return [rows.delivery_of(row, self._connection) for row in self._these(_DELIVERIES, ids)]

    def facts(self, ids: Sequence[int]) -> list[DeliveryFacts]:
        """Return the exported facts of these deliveries; missing ones are skipped."""
        return [rows.facts_of(row, self._connection) for row in self._these(_FACTS, ids)]

    def delivery_body(self, delivery: int) -> bytes:
        """Return the body as received, possibly compressed.

        Raises LookupError if there is no such delivery.
        """
        return bodies.read_slice(self._queries, delivery).data

    def delivery_raw(self, delivery: int) -> bytes:
        """Return a forwarded request as received, head and body; of a pull an unusual answer.

        Raises LookupError if there is no such delivery.
        """
        return bodies.read_slice(self._queries, delivery, raw=True).data

    def slice(self, delivery: int, start: int, size: int, *, raw: bool = False) -> Slice:
        """Return at most `size` bytes of a body, or of a raw request, from offset `start`.

        Raises LookupError if there is no such delivery.
        """
        return bodies.read_slice(self._queries, delivery, start, size, raw=raw)

    def trailing_bytes(self, delivery: int, limit: int = _TRAILING) -> bytes:
        """Return the bytes after the last whole message of a cut body, decompressed.

        At most `limit` bytes; empty if the body is whole or there is no such delivery.
        """
        return bodies.read_trailing_bytes(self._queries, delivery, limit)

    def find_message(self, message_id: str, application: str) -> int | None:
        """Return the id of the first message with this message id in this application, or None."""
        return messages.find_first(self._queries, message_id, application)

    def application_codes(self) -> list[str]:
        """Return the codes of the applications that have messages, in order."""
        return messages.application_codes(self._queries)

    def find_deliveries(self, via: Via, *, after: int = 0) -> "array[int]":
        """Return the ids of the pulls or the forwards, oldest first.

        With `after` those that were written since this mark; else the latest 100,000.
        """
        since = self._queries.marks.since(after) if after else None
        return deliveries.find_deliveries(self._queries, via, since)

    def messages_of(self, deliveries: Sequence[int]) -> "array[int]":
        """Return the ids of the messages in these pulls or forwards, in their order."""
        return messages.messages_of(self._queries, deliveries)

    def deliveries_matching(self, criteria: Filter) -> list[int]:
        """Return the ids of the deliveries with a message that matches, oldest first."""
        return messages.deliveries_of(self._queries, self.find(criteria))

    def has_pulled(self, connection: str = "") -> bool:
        """Return whether the team has a pull from this account whose request was sent.

        `connection` is ignored: every member's pulls count.
        """
        del connection
        query = (
            "SELECT EXISTS (SELECT FROM ibconsole.delivery"
            " WHERE account = %(account)s AND via = 'pull' AND state <> 'failed')"
        )
        return bool(self._one(query, default=False))

    def forward_tests(self, limit: int) -> Sequence[ForwardTestRecord]:
        """Return the latest forward tests of all members, at most `limit`, the newest first."""
        return deliveries.forward_tests(self._queries, limit)

    def latest_forward_tests(self, urls: Sequence[str]) -> Sequence[ForwardTestRecord]:
        """Return the latest test and the latest ladder of each of these URLs, in any order."""
        return deliveries.latest_forward_tests(self._queries, urls)

    def counts(self) -> ArchiveCounts:
        """Return the totals of the account; `newest_message` and `newest_delivery` are the mark."""
        return self._totals.read()

    def last_id(self) -> int | None:
        """Return None: ids are not in the order of arrival. `pages` leaves out what is newer."""
        return None

    def source_activity(self, connection: str = "", base_url: str = "") -> SourceActivity:
        """Return the last pull from the account, and the last forwards and refused requests.

        The arguments are ignored: what any member received counts.
        """
        del connection, base_url
        return deliveries.read_source_activity(self._queries, self._connection)

    def _search(self, criteria: Filter, order: Order, cancelled: Callable[[], bool]) -> Search:
        return Search(
            self._queries,
            criteria,
            order,
            cancelled,
            has_text_index=self.has_text_index(),
        )

    def _pages(self, criteria: Filter, after: int) -> Iterator[Sequence[tuple[MessageValues, str]]]:
        found = self.search(criteria, after=after)
        yield from messages.read_pages(self._queries, found.ids, _PAGE_SIZE)

    def _these(self, query: str, ids: Sequence[int]) -> list[tuple[Any, ...]]:
        """Return rows that begin with an id, in the order of the ids."""
        found = {row[0]: row for row in self._queries.fetch(query, {"ids": list(ids)})}
        return [found[one] for one in ids if one in found]

    def _one(self, query: str, default: Any) -> Any:
        rows_found = self._queries.fetch(query)
        return rows_found[0][0] if rows_found else default
