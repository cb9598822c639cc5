"""The rows of comparisons, and lines."""

from ibconsole.services.comparison.comparison import ComparedBy, ComparedValue, Side
from ibconsole.services.comparison.rows import RowCollector, compare_lines


def test_lines_are_aligned_and_compared_exactly() -> None:
    """Lines that were inserted do not shift the others; line ends and odd bytes are seen."""
    found = compare_lines(b"a\nb\nc\xff\nd\r\n", b"a\nx\nb\nc\xfe\nd\n")

    assert [(row.group, row.left, row.right, row.side, row.note) for row in found.rows] == [
        ("line 1", "a", "a", Side.EQUAL, ""),
        ("line 2", "", "x", Side.RIGHT_ONLY, ""),
        ("line 2→3", "b", "b", Side.EQUAL, ""),
        ("line 3→4", "c\\xff", "c\\xfe", Side.DIFFERENT, ""),
        ("line 4→5", "d", "d", Side.DIFFERENT, "the line ends differ"),
    ]
    assert found.by is ComparedBy.LINES


def test_rows_are_bounded_and_counted() -> None:
    """Beyond the bound rows are counted: the number of differences is that of all."""
    found = compare_lines(b"a\n" * 50, b"b\n" * 60, most=20)

    assert (len(found.rows), found.left_out, found.differences) == (20, 40, 60)
    equal = compare_lines(b"a\n" * 50, b"a\n" * 50, most=20)
    assert (len(equal.rows), equal.equal_left_out, equal.differences) == (20, 30, 0)


def test_a_row_that_is_not_wanted_is_not_made() -> None:
    """Differences and equal rows have bounds of their own."""
    rows = RowCollector(ComparedBy.VALUES, 1)
    row = ComparedValue("a", "", "1", "1", Side.EQUAL)
    assert rows.wants(row.side)
    rows.add(row)

    assert not rows.wants(Side.EQUAL)
    assert rows.wants(Side.LEFT_ONLY)
    assert rows.comparison("", "A note.").notes == ("A note.",)


def test_only_the_beginning_of_very_much_is_compared() -> None:
    """A comparison of lines says that it does not cover all of them."""
    assert "Only the beginning" in compare_lines(b"\n" * 41, b"", most=1).notes[0]
