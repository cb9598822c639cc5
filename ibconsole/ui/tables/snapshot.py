"""The records of a table at one time, with what filtering and sorting need to know of them."""

from collections.abc import Callable, Hashable, Sequence
from itertools import islice
from typing import Any, Generic, TypeVar

import msgspec

from ibconsole.text import fold
from ibconsole.ui.tables.slices import CHUNK, Steps, filtered, mapped, natural, sorted_rows

T = TypeVar("T")


class Column(msgspec.Struct, Generic[T], frozen=True):
    """A header, and how a record is shown and sorted under it.

    `tooltip` returns what does not fit or is not shown; numbers are aligned to the `right`.
    """

    header: str
    text: Callable[[T], str]
    sort_key: Callable[[T], Any] | None = None
    tooltip: Callable[[T], str] | None = None
    right: bool = False


class Snapshot(Generic[T]):
    """Some records, and their identities, folded texts and sort keys once these are needed."""

    def __init__(
        self,
        records: list[T],
        columns: Sequence[Column[T]],
        identity: Callable[[T], Hashable],
        search: Callable[[T], str],
    ) -> None:
        self.records = records
        self._columns = columns
        self._identity = identity
        self._search = search
        self._identities: list[Hashable] | None = None
        self._rows: dict[Hashable, int | None] = {}
        self._texts: list[str] | None = None
        self._keys: dict[int, list[Any]] = {}
        self._order: tuple[int, bool] = (-1, False)
        self._sorted: Sequence[int] = range(len(records))

    def row_of(self, identity: Hashable) -> int | None:
        """Return the row of the first record with this identity; None if there is none."""
        if identity in self._rows or self._identities is not None:
            return self._rows.get(identity)
        # Before all identities are known: a search takes 7 ms for 50,000 records.
        found = (row for row, one in enumerate(self.records) if self._identity(one) == identity)
        self._rows[identity] = next(found, None)
        return self._rows[identity]

    def identities(self) -> Steps[Sequence[Hashable]]:
        """Return the identity of each record."""
        if self._identities is None:
            identities = yield from mapped(self._identity, self.records)
            rows: dict[Hashable, int | None] = {}
            for row, identity in enumerate(identities):
                rows.setdefault(identity, row)
                if row % 1024 == 1023:
                    yield
            self._identities, self._rows = identities, rows
        return self._identities

    def release(self) -> Steps[None]:
        """Forget the records: to free 50,000 at once would take 70 ms."""
        while self._rows:
            for identity in tuple(islice(self._rows, CHUNK)):
                del self._rows[identity]
            yield
        for forgotten in (self.records, self._identities, self._texts, *self._keys.values()):
            while forgotten:
                del forgotten[-CHUNK:]
                yield

    def arranged(self, column: int, folded: str, *, descending: bool) -> Steps[Sequence[int]]:
        """Return the rows that contain a folded text, in the order of a column; -1 is none."""
        if column >= 0 and self._order != (column, descending):
            keys = yield from self._keys_of(column)
            self._sorted = yield from sorted_rows(keys, descending=descending)
            self._order = column, descending
        if not folded:
            return self._sorted
        if self._texts is None:
            self._texts = yield from mapped(lambda one: fold(self._search(one)), self.records)
        return (yield from filtered(self._sorted, folded, self._texts))

    def _keys_of(self, column: int) -> Steps[list[Any]]:
        if column not in self._keys:
            read = self._columns[column].sort_key or self._columns[column].text
            keys = yield from mapped(lambda one: natural(read(one)), self.records)
            self._keys[column] = keys
        return self._keys[column]
