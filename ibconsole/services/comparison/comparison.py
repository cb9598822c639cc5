"""The values of a comparison: two things row by row, of setups as of bodies.

Texts are ready to be shown, or to be masked by `with_texts` first.
"""

from collections.abc import Callable
from enum import StrEnum

import msgspec
from msgspec.structs import replace

MASKED = " (differs in what is masked)"
CLIPPED = 2_000  # characters of a value that are shown
_BEFORE = 60  # characters that are shown before the first difference
_GAP = "…"


class Side(StrEnum):
    """The relation of the two values of a row."""

    EQUAL = "equal"
    DIFFERENT = "different"
    LEFT_ONLY = "left only"
    RIGHT_ONLY = "right only"


class ComparedValue(msgspec.Struct, frozen=True):
    """One aligned row of a comparison: a value on the left, and the one on the right.

    `group` is the object that the value belongs to, such as "Action 1", or its place in a body. A
    side that does not have it is empty. `note` says in which way the values differ, if that is not
    plain to see. `places` are the places on both sides, where they are not the same.
    """

    group: str
    name: str
    left: str
    right: str
    side: Side
    note: str = ""
    places: tuple[str, str] | None = None


class ComparedBy(StrEnum):
    """The units of a comparison; the values are shown to users."""

    VALUES = "value"
    LINES = "line"


class RowComparison(msgspec.Struct, frozen=True):
    """Two things, row by row.

    `left_out` counts the differences, and `equal_left_out` the equal rows, beyond the bounds of a
    comparison. `notes` are sentences on what no row shows.
    """

    rows: tuple[ComparedValue, ...] = ()
    by: ComparedBy = ComparedBy.VALUES
    left_out: int = 0
    equal_left_out: int = 0
    notes: tuple[str, ...] = ()

    @property
    def differences(self) -> int:
        """The number of values, or of lines, that are not equal."""
        return self.left_out + sum(row.side is not Side.EQUAL for row in self.rows)

    def with_texts(self, shown: Callable[[str], str]) -> "RowComparison":
        """Return the comparison with each text as `shown` returns it, which masks secrets."""
        return replace(self, rows=tuple(_shown(row, shown) for row in self.rows))


def clip_pair(left: str, right: str, size: int = CLIPPED) -> tuple[str, str]:
    """Return two values of at most about `size` characters, around their first difference."""
    if len(left) <= size and len(right) <= size:
        return left, right
    start = max(_common(left, right) - _BEFORE, 0) if left and right else 0
    return _clip(left, start, size), _clip(right, start, size)


def _clip(text: str, start: int, size: int) -> str:
    start = min(start, max(len(text) - size, 0))
    end = start + size
    return f"{_GAP * (start > 0)}{text[start:end]}{_GAP * (end < len(text))}"


def _common(left: str, right: str) -> int:
    """Return how many characters both begin with, by halving: strings are compared in C."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _shown(row: ComparedValue, shown: Callable[[str], str]) -> ComparedValue:
    left, right = shown(row.left), shown(row.right)
    if row.side is Side.DIFFERENT and left == right and row.left != row.right:
        right += MASKED
    places = row.places and (shown(row.places[0]), shown(row.places[1]))
    return replace(row, group=shown(row.group), left=left, right=right, places=places)
