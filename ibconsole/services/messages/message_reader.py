"""The one interface to a record of messages: this disk's archive, or a team's.

What is shown, exported and copied is read through it. `archive.Reader` has more methods, for what
this disk alone can do.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

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
