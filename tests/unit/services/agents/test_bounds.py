"""Bounds of one answer."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.model.reading import encode
from ibconsole.services.agents.bounds import LARGEST, bounded, fitting, page_of

leaves = st.one_of(st.none(), st.integers(), st.text(max_size=20))
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
)


@settings(max_examples=40)
@given(value=trees, largest=st.integers(200, 2_000))
def test_any_value_fits(value: Any, largest: int) -> None:
    """Whatever is shown has at most this number of bytes, and a small value is unchanged."""
    shown = bounded(value, largest)

    assert len(encode(shown)) <= largest
    if len(encode(value)) <= largest and "more within it" not in str(shown):
        assert shown == value


def test_large_values_are_cut() -> None:
    """Long texts, long lists, many members and depth are cut, and say so; nothing is dropped."""
    deep: Any = "x"
    for _ in range(50):
        deep = [deep]
    wide = {f"name {number}": "v" * 5_000 for number in range(300)}

    assert bounded("x" * 9_000) == "x" * 2_000 + "… (9,000 characters)"
    assert bounded(list(range(300)))[-1] == "… (100 more)"
    assert "more within it" in str(bounded(deep))
    assert bounded(wide)["…"] == "100 more"
    assert "leftOut" in bounded([wide] * 50)


def test_pages() -> None:
    """Pages joined by their offsets have each item once, however large the items are."""
    items = [f"{number:03}" + "y" * 1_900 for number in range(60)]
    seen: list[str] = []
    offset: int | None = 0
    while offset is not None:
        page = page_of(items, lambda one: one, offset=offset, limit=50)
        assert len(encode(page)) <= LARGEST + 200
        seen += page["items"]
        offset = page["nextOffset"]

    assert seen == items
    assert page_of(items, str, offset=100, limit=5)["nextOffset"] is None
    assert fitting(["z" * 60_000] * 100 + ["a"])[:1] != []
