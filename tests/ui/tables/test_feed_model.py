"""The list that grows shows what the archive holds, newest first."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester

from ibconsole.ui.tables import feed_model as feed
from ibconsole.ui.tables.feed_model import PAGE, PAGES_KEPT, FeedColumn, FeedModel


@dataclass(frozen=True)
class Record:
    id: int
    text: str


COLUMNS: Sequence[FeedColumn[Record]] = (
    FeedColumn("Text", lambda record: record.text, lambda record: record.text),
    FeedColumn("Number", lambda record: str(record.id), right=True),
)


class Records:
    """An archive that has every id but the missing ones, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.missing: set[int] = set()
        self.word = "text"

    def __call__(self, ids: Sequence[int]) -> list[Record]:
        self.asked.append(len(ids))
        return [Record(one, f"{self.word} {one}") for one in ids if one not in self.missing]


@pytest.fixture
def records() -> Records:
    return Records()


@pytest.fixture
def model(records: Records, qtmodeltester: ModelTester) -> FeedModel[Record]:
    model = FeedModel(COLUMNS, records)
    qtmodeltester.check(model)
    return model


def ids(*numbers: int) -> "array[int]":
    return array("q", numbers)


def text(model: FeedModel[Record], row: int) -> str:
    return str(model.index(row, 0).data())


def test_newest_first_across_pages(model: FeedModel[Record]) -> None:
    """Rows stay right when batches end inside a page."""
    for start in range(1, 3 * PAGE, 100):
        model.append(ids(*range(start, start + 100)))
        assert text(model, 0) == f"text {start + 99}"

    assert text(model, model.rowCount() - 1) == "text 1"


def test_arrival_leaves_what_was_read_in_place(model: FeedModel[Record], records: Records) -> None:
    """A new message costs one page at most, however far the user has scrolled."""
    model.show(ids(*range(1, 4 * PAGE + 1)))
    for row in range(model.rowCount()):
        text(model, row)
    records.asked.clear()
    model.append(ids(4 * PAGE + 1))
    for row in range(model.rowCount()):
        text(model, row)

    assert records.asked == [1]


def test_what_is_kept_is_bounded(model: FeedModel[Record]) -> None:
    """Scrolling through everything does not fill the memory."""
    model.show(ids(*range(1, (PAGES_KEPT + 5) * PAGE)))
    for row in range(0, model.rowCount(), PAGE):
        text(model, row)

    assert len(model._pages) == PAGES_KEPT


def test_a_row_is_never_shown_twice(model: FeedModel[Record]) -> None:
    """Ids that are shown already are passed over."""
    model.show(ids(1, 2, 3))
    model.append(ids(2, 3, 4))
    model.append(ids(4))

    assert [model.id_at(row) for row in range(model.rowCount())] == [4, 3, 2, 1]
    assert model.newest == 4


def test_selection_stays_on_its_message(model: FeedModel[Record]) -> None:
    """An arrival moves the row, not what it shows."""
    model.show(ids(1, 2))
    chosen = QPersistentModelIndex(model.index(0, 0))
    model.append(ids(3))

    assert (chosen.row(), chosen.data()) == (1, "text 2")
    assert model.row_of(2) == 1


def test_unknown_id_has_no_row(model: FeedModel[Record]) -> None:
    """A message that the filter leaves out is not in the list."""
    model.show(ids(2, 4))

    assert [model.row_of(one) for one in (1, 2, 3, 4, 5)] == [None, 1, None, 0, None]


def test_missing_record_is_an_empty_row(model: FeedModel[Record], records: Records) -> None:
    """A record that another program took away leaves an empty row, and its neighbours alone."""
    records.missing = {2}
    model.show(ids(1, 2, 3))

    assert [text(model, row) for row in range(3)] == ["text 3", "", "text 1"]
    assert model.record(1) is None
    assert model.record(0) == Record(3, "text 3")


def test_reread(model: FeedModel[Record], records: Records) -> None:
    """What is to be shown in another way is read anew, all of it or the newest page."""
    model.show(ids(*range(1, PAGE + 2)))
    assert (text(model, 0), text(model, 1)) == (f"text {PAGE + 1}", f"text {PAGE}")
    records.word = "word"

    model.reread_newest()
    assert (text(model, 0), text(model, 1)) == (f"word {PAGE + 1}", f"text {PAGE}")
    model.reread()
    assert text(model, 1) == f"word {PAGE}"


def test_reread_of_nothing(model: FeedModel[Record]) -> None:
    """An empty list can be read anew."""
    model.reread()
    model.reread_newest()

    assert model.rowCount() == 0


def test_tooltip_is_never_html(model: FeedModel[Record], records: Records) -> None:
    """A message cannot put a picture or a link into a tooltip."""
    records.word = "<img src=x>"
    model.show(ids(1))

    assert "&lt;img src=x&gt; 1" in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole) is None


def test_headers(model: FeedModel[Record]) -> None:
    """Numbers and their header stand on the right."""
    horizontal = Qt.Orientation.Horizontal

    assert [model.headerData(column, horizontal) for column in range(2)] == ["Text", "Number"]
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    alignment = model.headerData(1, horizontal, Qt.ItemDataRole.TextAlignmentRole)
    assert alignment & Qt.AlignmentFlag.AlignRight


def shown(model: FeedModel[Record]) -> list[int]:
    """What the rows say, from the oldest; each is read from its page."""
    rows = range(model.rowCount() - 1, -1, -1)
    texts = [text(model, row) for row in rows]
    assert texts == [f"text {model.id_at(row)}" for row in rows]
    return [model.id_at(row) for row in rows]


KEYED = st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=8)


@given(KEYED, st.sampled_from([1, 2, 256]))
def test_sorted_by_keys(batches: list[list[int]], runs: int) -> None:
    """Whatever comes in whatever order, rows are sorted by key, and those alike by id."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed, "RUNS", runs)
        patch.setattr(feed, "PAGE", 3)
        model = FeedModel(COLUMNS, Records())
        known: list[tuple[int, int]] = []
        for batch in batches:
            fresh = [(key, len(known) + place) for place, key in enumerate(batch, 1)]
            known += fresh
            fresh.sort()
            model.append(ids(*(one for _, one in fresh)), ids(*(key for key, _ in fresh)))
            assert shown(model) == [one for _, one in sorted(known)]
            assert model.newest == len(known)
        for _, one in known:
            assert model.id_at(model.row_of(one) or 0) == one
        assert model.row_of(len(known) + 1) is None


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12), st.booleans())
def test_completing(older: int, part: int, newer: int, keyed: bool) -> None:
    """A part that is shown stays where it is; what is older and newer goes around it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed, "PAGE", 3)
        model = FeedModel(COLUMNS, Records())
        whole = ids(*range(1, older + part + newer + 1))
        keys = ids(*range(101, 101 + len(whole))) if keyed else ids()
        model.show(whole[older : older + part], keys[older : older + part])
        shown(model)
        model.complete(whole, keys)
        assert shown(model) == list(whole)
        model.append(ids(90), ids(999) if keyed else ids())
        assert shown(model) == [*whole, 90]


def test_completing_with_another_list(model: FeedModel[Record]) -> None:
    """A list that does not hold what is shown is shown instead."""
    model.show(ids(1, 2, 5))
    model.complete(ids(1, 2, 3, 5))
    assert shown(model) == [1, 2, 3, 5]
    model.complete(ids(7, 8))
    assert shown(model) == [7, 8]
