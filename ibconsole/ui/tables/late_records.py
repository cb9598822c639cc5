"""The records of a feed that cannot be read at once, such as those of a database elsewhere."""

from array import array
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Generic, Protocol, TypeVar

MAX_RECORDS = 8_192
_MAX_WANTED = 4  # pages; more are not in sight at once


class Identified(Protocol):
    """A record with an id."""

    @property
    def id(self) -> int: ...


R = TypeVar("R", bound=Identified)


class LateRecords(Generic[R]):
    """Records by id, as far as they were fetched, and the ids that are to be fetched next.

    Of the pages that are wanted only the last ones are kept: a user who scrolls past thousands
    does not wait for those that went out of sight.
    """

    def __init__(self) -> None:
        self._records: OrderedDict[int, R | None] = OrderedDict()  # None: there is none
        self._wanted: list[list[int]] = []
        self._taken: set[int] = set()

    def find(self, ids: Iterable[int]) -> tuple[list[R], bool]:
        """Return the records of these ids that are there, and whether others are to be fetched."""
        found: list[R] = []
        missing: list[int] = []
        for one in ids:
            if one not in self._records:
                missing.append(one)
            elif (record := self._records[one]) is not None:
                found.append(record)
        if missing:
            self._wanted = [*self._wanted[1 - _MAX_WANTED :], missing]
        return found, bool(missing)

    def knows(self, one: int) -> bool:
        """Return whether the record of an id was fetched, or that there is none."""
        return one in self._records

    def take(self) -> "array[int]":
        """Return the ids that were wanted last, and are not being fetched already."""
        wanted = dict.fromkeys(one for page in reversed(self._wanted) for one in page)
        self._wanted.clear()
        known = (self._taken, self._records)
        ids = array("q", (one for one in wanted if not any(one in ids for ids in known)))
        self._taken.update(ids)
        return ids

    def add(self, ids: Sequence[int], records: Sequence[R]) -> None:
        """Keep what was fetched for these ids; those without a record have none."""
        found = {record.id: record for record in records}
        for one in ids:
            self._records[one] = found.get(one)
            self._records.move_to_end(one)
        self._taken.difference_update(ids)
        while len(self._records) > MAX_RECORDS:
            self._records.popitem(last=False)

    def clear(self) -> None:
        """Forget everything, also what is being fetched."""
        self._records.clear()
        self._wanted.clear()
        self._taken.clear()
