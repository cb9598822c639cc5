"""A team's record with ids of its own, so that none is ever taken for one of this disk."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec.structs import replace

from ibconsole.archive import (
    Delivery,
    Filter,
    Listing,
    MessageRow,
    Order,
    Place,
    Slice,
    StoredMessage,
)
from ibconsole.services.team.reading.record_source import FIRST_TEAM_ID, number_of, team_id
from ibconsole.team_archive.reading import TeamReader


class TeamRecord:
    """The reader of a team's archive as a `MessageReader`; see `TeamReader`."""

    def __init__(self, reader: TeamReader) -> None:
        self._reader = reader

    @property
    def reader(self) -> TeamReader:
        """The reader, with the ids of the database."""
        return self._reader

    def close(self) -> None:
        """Close the connection."""
        self._reader.close()

    def abort(self) -> None:
        """Break the connection, from any thread: what waits for the database fails at once."""
        self._reader.abort()

    def mark(self) -> int:
        """Return the mark below which every message is visible, now and later."""
        return self._reader.mark()

    def search(
        self,
        criteria: Filter,
        *,
        order: Order = Order.ARRIVAL,
        after: int = 0,
        limit: int | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Listing:
        """Find messages since a mark; see `TeamReader.search`."""
        found = self._reader.search(
            _with_numbers(criteria), order=order, after=after, limit=limit, cancelled=cancelled
        )
        return _with_team_ids(found)

    def search_older(
        self,
        criteria: Filter,
        before: Place,
        *,
        order: Order = Order.ARRIVAL,
        newest: int,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Listing:
        """Find messages next to a place; see `TeamReader.search_older`."""
        found = self._reader.search_older(
            _with_numbers(criteria),
            replace(before, id=number_of(before.id)),
            order=order,
            newest=newest,
            cancelled=cancelled,
        )
        return _with_team_ids(found)

    def rows(self, ids: Sequence[int]) -> list[MessageRow]:
        """Return these messages as rows, in the order of `ids`; missing ones are skipped."""
        return [
            replace(row, id=team_id(row.id), delivery=team_id(row.delivery))
            for row in self._reader.rows(_numbers(ids))
        ]

    def message(self, message: int) -> StoredMessage | None:
        """Return one message with all its fields; None if there is none with this id."""
        found = self._reader.message(number_of(message))
        return _message_with_team_ids(found) if found else None

    def messages(self, criteria: Filter, *, after: int = 0) -> Iterator[StoredMessage]:
        """Yield all messages that match, oldest first."""
        return map(
            _message_with_team_ids, self._reader.messages(_with_numbers(criteria), after=after)
        )

    def delivery(self, delivery: int) -> Delivery | None:
        """Return a delivery without its bytes; None if there is none with this id."""
        found = self._reader.delivery(number_of(delivery))
        return replace(found, id=team_id(found.id)) if found else None

    def slice(self, delivery: int, start: int, size: int, *, raw: bool = False) -> Slice:
        """Return a part of a body, or of a raw request."""
        return self._reader.slice(number_of(delivery), start, size, raw=raw)

    def trailing_bytes(self, delivery: int) -> bytes:
        """Return the bytes after the last whole message of a cut body."""
        return self._reader.trailing_bytes(number_of(delivery))

    def find_message(self, message_id: str, application: str) -> int | None:
        """Return the id of the first message with this message id in this application, or None."""
        found = self._reader.find_message(message_id, application)
        return None if found is None else team_id(found)


def _numbers(ids: Iterable[int]) -> list[int]:
    return [number_of(one) for one in ids]


def _with_numbers(criteria: Filter) -> Filter:
    return replace(criteria, ids=tuple(_numbers(criteria.ids))) if criteria.ids else criteria


def _with_team_ids(found: Listing) -> Listing:
    rest = found.rest and replace(found.rest, id=team_id(found.rest.id))
    return replace(found, ids=array("q", map(FIRST_TEAM_ID.__add__, found.ids)), rest=rest)


def _message_with_team_ids(found: StoredMessage) -> StoredMessage:
    original = found.duplicate_of
    return replace(
        found,
        id=team_id(found.id),
        delivery=team_id(found.delivery),
        duplicate_of=None if original is None else team_id(original),
    )
