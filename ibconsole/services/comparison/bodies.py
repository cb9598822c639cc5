"""Comparison of two bodies: by JSON values if both are JSON, else by lines."""

import msgspec
from msgspec.structs import replace

from ibconsole.model import to_utf8
from ibconsole.plural import counted
from ibconsole.services.comparison.comparison import ComparedBy, RowComparison
from ibconsole.services.comparison.json_differences import compare_values
from ibconsole.services.comparison.json_values import NoComparableJson, read_values
from ibconsole.services.comparison.rows import MOST_ROWS, RowCollector, compare_lines

IDENTICAL = "Both are identical, byte for byte."
_SAME_VALUES = (
    "The bytes differ, the values do not: in blanks, in the order of members, or in escapes."
)
_BEYOND = "They differ after the part that is compared."


class ComparedBody(msgspec.Struct, frozen=True):
    """A body to compare, decompressed; the Content-Type declares its character set."""

    data: bytes
    content_type: str = ""


def compare_bodies(
    left: ComparedBody, right: ComparedBody, *, most: int = MOST_ROWS
) -> RowComparison:
    """Compare two bodies of any size and kind, within bounds of time and of rows.

    Members of objects are compared by name, elements of arrays by position after those that are
    equal, or that have the same identifier, are aligned. Numbers are equal if they are written the
    same. What is no JSON on both sides, or more than 8 MB, is compared by lines, exactly.
    """
    ours, theirs = (to_utf8(one.data, one.content_type).data for one in (left, right))
    is_same = left.data == right.data
    rows = RowCollector(ComparedBy.VALUES, most)
    try:
        compare_values(read_values(ours), read_values(theirs), rows)
    except NoComparableJson:
        found = compare_lines(ours, theirs, most)
        beyond = "" if is_same or found.differences else _BEYOND
        return replace(
            found, notes=(*found.notes, *filter(None, (beyond, IDENTICAL if is_same else "")))
        )
    found = rows.comparison()
    if is_same:
        return rows.comparison(IDENTICAL)
    return found if found.differences else rows.comparison(_SAME_VALUES)


def describe_comparison(found: RowComparison) -> str:
    """Return the outcome as one or two sentences."""
    number = found.differences
    outcome = f"No {found.by} differs."
    if number:
        outcome = f"{counted(number, found.by)} {'differs' if number == 1 else 'differ'}."
    left_out = ""
    if found.left_out:
        left_out = f"The first {number - found.left_out:,} of them are shown."
    return " ".join(filter(None, (outcome, left_out, *found.notes)))
