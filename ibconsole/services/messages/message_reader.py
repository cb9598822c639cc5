"""The one interface to a record of messages: this disk's archive, or a team's.

What is shown, exported and copied is read through it. `archive.Reader` has more methods, for what
this disk alone can do.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol, TypeAlias

from ibconsole.archive import (
    ArchiveCounts,
    Delivery,
    DeliveryFacts,
    Filter,
    Listing,
    MessageRow,
    MessageValues,
    Order,
    Place,
    Reader,
    Slice,
    StoredMessage,
    Via,
)


class MessageReader(Protocol):
    """Messages and deliveries of one record; synchronous, and for one thread at a time.

    The methods, their values and their errors are those of `archive.Reader`.
    """

    def search(
        self,
        criteria: Filter,
        *,
        order: Order = ...,
        after: int = ...,
        limit: int | None = ...,
        cancelled: Callable[[], bool] = ...,
    ) -> Listing: ...

    def search_older(
        self,
        criteria: Filter,
        before: Place,
        *,
        order: Order = ...,
        newest: int,
        cancelled: Callable[[], bool] = ...,
    ) -> Listing: ...

    def rows(self, ids: Sequence[int]) -> list[MessageRow]: ...
    def message(self, message: int) -> StoredMessage | None: ...
    def messages(self, criteria: Filter, *, after: int = ...) -> Iterator[StoredMessage]: ...
    def delivery(self, delivery: int) -> Delivery | None: ...
    def slice(self, delivery: int, start: int, size: int, *, raw: bool = ...) -> Slice: ...
    def trailing_bytes(self, delivery: int) -> bytes: ...
    def find_message(self, message_id: str, application: str) -> int | None: ...
    def close(self) -> None: ...


class FullReader(MessageReader, Protocol):
    """A record with what exports, comparisons and the terminal read as well.

    `last_id` is the highest id of a message, None where ids are in no order of arrival.
    """

    def pages(self, criteria: Filter, *, after: int = ...) -> Iterator[list[MessageValues]]: ...
    def facts(self, ids: Sequence[int]) -> list[DeliveryFacts]: ...
    def deliveries(self, ids: Sequence[int]) -> list[Delivery]: ...
    def delivery_body(self, delivery: int) -> bytes: ...
    def delivery_raw(self, delivery: int) -> bytes: ...
    def find_deliveries(self, via: Via, *, after: int = ...) -> "array[int]": ...
    def deliveries_matching(self, criteria: Filter) -> list[int]: ...
    def application_codes(self) -> list[str]: ...
    def counts(self) -> ArchiveCounts: ...
    def identity(self) -> str: ...
    def last_id(self) -> int | None: ...


# Finds the record of some messages: what opens it, and the filter with their ids in it.
RecordFinder: TypeAlias = Callable[[Filter], tuple[Callable[[], FullReader], Filter]]


def on_disk(path: Path) -> RecordFinder:
    """Return a finder that knows the archive of a file alone."""
    return lambda criteria: (partial(Reader, path), criteria)
