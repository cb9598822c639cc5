"""The values of a comparison."""

from ibconsole.services.comparison.comparison import ComparedValue, RowComparison, Side, clip_pair


def test_differences_are_counted() -> None:
    """A comparison says how many of its values are not equal."""
    rows = (
        ComparedValue("Action 1", "type", "PULL", "PULL", Side.EQUAL),
        ComparedValue("Action 1", "callbackData", "a", "b", Side.DIFFERENT),
        ComparedValue("Action 2", "type", "", "PULL", Side.RIGHT_ONLY),
    )

    assert RowComparison(rows).differences == 2


def test_long_values_are_cut_to_what_differs() -> None:
    """Of two long texts the part around the first difference is shown."""
    left, right = "x" * 5_000 + "a" + "y" * 5_000, "x" * 5_000 + "b" + "y" * 5_000

    ours, theirs = clip_pair(left, right, 200)

    assert ours.startswith("…x")
    assert ours.endswith("y…")
    assert ours.replace("a", "b") == theirs
    assert len(ours) == 202
    assert clip_pair("short", "text") == ("short", "text")
    assert clip_pair("", "y" * 300, 200) == ("", "y" * 200 + "…")


def test_masked_values_that_differ_are_seen_to_differ() -> None:
    """Two codes with the same mask are not shown as equal."""
    row = ComparedValue("code", "", "ab1", "ab2", Side.DIFFERENT, "", ("ab1", "ab2"))

    found = RowComparison((row,)).with_texts(lambda text: text[:2])

    assert found.rows[0].right == "ab (differs in what is masked)"
    assert found.rows[0].places == ("ab", "ab")
