"""Comparison of two stored messages, or of the bodies of two requests and pulls."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import closing
from enum import StrEnum

from ibconsole.archive import Filter, undo_content_encoding
from ibconsole.errors import UserError
from ibconsole.model import content_type_of
from ibconsole.services.comparison.bodies import ComparedBody, compare_bodies
from ibconsole.services.comparison.comparison import RowComparison
from ibconsole.services.messages import FullReader, RecordFinder
from ibconsole.services.protection import PolicyInForce, ShownCodes, find_policy

_LARGEST = 64 << 20  # bytes of a body that are decompressed
_ALWAYS = ShownCodes("Comparisons show application codes masked.")


class NothingToCompare(UserError):
    """The archive has no such message or delivery."""


class StoredKind(StrEnum):
    """The kinds of what is stored that can be compared; the values are shown to users."""

    MESSAGE = "message"
    DELIVERY = "delivery"


class StoredComparer:
    """Compares what is stored, for the window: off its thread, with masked codes.

    `find` knows the record that has some ids.
    """

    def __init__(
        self, find: RecordFinder, policy: Callable[[], PolicyInForce] = find_policy
    ) -> None:
        self._find = find
        self._policy = policy

    async def compare(self, kind: StoredKind, left: int, right: int) -> RowComparison:
        """Compare two messages or deliveries by their ids.

        Raises NothingToCompare, and ArchiveError.
        """
        opener, criteria = self._find(Filter(ids=(left, right)))
        return await asyncio.to_thread(self._compare, opener, kind, criteria.ids)

    def _compare(
        self, opener: Callable[[], FullReader], kind: StoredKind, ids: Sequence[int]
    ) -> RowComparison:
        with closing(opener()) as reader:
            left, right = ids
            return compare_stored(reader, kind, (left, right), self._policy().codes, always=True)


def compare_stored(
    reader: FullReader,
    kind: StoredKind,
    ids: tuple[int, int],
    codes: ShownCodes,
    *,
    always: bool = False,
) -> RowComparison:
    """Compare two stored messages or deliveries; what is read is masked only where it is shown.

    `always` masks application codes also where no policy does. Raises NothingToCompare, and
    ArchiveError.
    """
    read = _read_message if kind is StoredKind.MESSAGE else _read_delivery
    (left, *ours), (right, *theirs) = (read(reader, number) for number in ids)
    found = compare_bodies(left, right)
    shown = _ALWAYS if always and not codes.masked else codes
    known = [str(code) for code in (*ours, *theirs) if code]
    return found.with_texts(lambda text: shown.text(text, *known)) if shown.masked else found


def _read_message(reader: FullReader, number: int) -> tuple[ComparedBody, str]:
    message = reader.message(number)
    if message is None:
        raise NothingToCompare(f"There is no message {number} in this archive.")
    return ComparedBody(message.body), message.application_code


def _read_delivery(reader: FullReader, number: int) -> tuple[ComparedBody]:
    delivery = reader.delivery(number)
    if delivery is None:
        raise NothingToCompare(f"There is no delivery {number} in this archive.")
    body, _ = undo_content_encoding(reader.delivery_body(number), delivery.headers, limit=_LARGEST)
    return (ComparedBody(body, content_type_of(delivery.headers)),)
