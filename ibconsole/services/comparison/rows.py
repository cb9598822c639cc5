"""The rows of a comparison as they are collected, and the comparison of bytes line by line."""

from collections.abc import Sequence

from ibconsole.services.comparison.alignment import Aligner
from ibconsole.services.comparison.comparison import ComparedBy, ComparedValue, RowComparison, Side

MOST_ROWS = 5_000  # rows that differ, and as many equal ones
_LINES = 40  # lines of each side that are compared, for each row
LARGEST_TEXT = 16 << 20  # bytes on each side that are compared by lines
_ENDS = "the line ends differ"
_CUT = "Only the beginning is compared line by line: at most {:,} bytes and {:,} lines of each."


class RowCollector:
    """Collects rows up to a number, and counts the others."""

    def __init__(self, by: ComparedBy, most: int = MOST_ROWS) -> None:
        self._by = by
        self._left = {False: most, True: most}
        self._out = {False: 0, True: 0}
        self._rows: list[ComparedValue] = []

    def wants(self, side: Side) -> bool:
        """Return whether such a row is kept; one that is not is counted, and need not be made."""
        is_equal = side is Side.EQUAL
        if self._left[is_equal]:
            return True
        self._out[is_equal] += 1
        return False

    def add(self, row: ComparedValue) -> None:
        """Add a row that is wanted."""
        self._left[row.side is Side.EQUAL] -= 1
        self._rows.append(row)

    def comparison(self, *notes: str) -> RowComparison:
        """Return what was collected, with notes; empty ones are left out."""
        return RowComparison(
            tuple(self._rows),
            self._by,
            self._out[False],
            self._out[True],
            tuple(filter(None, notes)),
        )


def compare_lines(left: bytes, right: bytes, most: int = MOST_ROWS) -> RowComparison:
    """Compare bytes line by line, exactly; bytes that are no UTF-8 are shown as escapes.

    At most `most` rows of a kind are kept, and forty times as many lines compared.
    """
    rows = RowCollector(ComparedBy.LINES, most)
    ours, theirs = _lines(left, most), _lines(right, most)
    for mine, other in Aligner().align(ours, theirs):
        ends = (
            b"" if mine is None else ours[mine],
            b"" if other is None else theirs[other],
        )
        side = _side(mine, other, *ends)
        if rows.wants(side):
            texts = _text(ends[0]), _text(ends[1])
            note = _ENDS if side is Side.DIFFERENT and texts[0] == texts[1] else ""
            rows.add(ComparedValue(_place(mine, other), "", *texts, side, note))
    is_cut = any(
        sum(map(len, lines)) < len(data) for lines, data in ((ours, left), (theirs, right))
    )
    return rows.comparison(_CUT.format(LARGEST_TEXT, _LINES * most) if is_cut else "")


def _lines(data: bytes, most: int) -> Sequence[bytes]:
    return data[:LARGEST_TEXT].splitlines(keepends=True)[: _LINES * most]


def _side(mine: int | None, other: int | None, left: bytes, right: bytes) -> Side:
    if mine is None:
        return Side.RIGHT_ONLY
    if other is None:
        return Side.LEFT_ONLY
    return Side.EQUAL if left == right else Side.DIFFERENT


def _text(line: bytes) -> str:
    return line.rstrip(b"\r\n").decode(errors="backslashreplace")


def _place(mine: int | None, other: int | None) -> str:
    numbers = [one + 1 for one in (mine, other) if one is not None]
    return "line " + "→".join(map(str, dict.fromkeys(numbers)))
