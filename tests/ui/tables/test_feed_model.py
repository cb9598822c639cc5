"""A growing list shows what the archive holds, newest first."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.modeltest import ModelTester

from ibconsole.ui.tables.feed_model import CACHED_PAGES, PAGE, FeedColumn, FeedModel


@dataclass(frozen=True)
class Record:
    id: int
    text: str


COLUMNS: Sequence[FeedColumn[Record]] = (
    FeedColumn("Text", lambda record: record.text, lambda record: record.text),
    FeedColumn("Number", lambda record: str(record.id), right=True),
)


class Records:
    """An archive that has every id except the missing ones, and counts what was read."""

    def __init__(self) -> None:
        self.read_counts: list[int] = []
        self.missing: set[int] = set()
        self.word = "text"

    def __call__(self, ids: Sequence[int]) -> list[Record]:
        self.read_counts.append(len(ids))
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
    """Rows stay correct when batches end within a page."""
    for start in range(1, 3 * PAGE, 100):
        model.append(ids(*range(start, start + 100)))
        assert text(model, 0) == f"text {start + 99}"

    assert text(model, model.rowCount() - 1) == "text 1"


def test_an_arrival_keeps_cached_pages(model: FeedModel[Record], records: Records) -> None:
    """A new message causes one read at most, wherever the user has scrolled."""
    model.show(ids(*range(1, 4 * PAGE + 1)))
    for row in range(model.rowCount()):
        text(model, row)
    records.read_counts.clear()
    model.append(ids(4 * PAGE + 1))
    for row in range(model.rowCount()):
        text(model, row)

    assert records.read_counts == [1]


def test_the_cache_is_bounded(model: FeedModel[Record]) -> None:
    """Scrolling through all rows does not fill the memory."""
    model.show(ids(*range(1, (CACHED_PAGES + 5) * PAGE)))
    for row in range(0, model.rowCount(), PAGE):
        text(model, row)

    assert len(model.pages) == CACHED_PAGES


def test_a_row_is_never_shown_twice(model: FeedModel[Record]) -> None:
    """Ids that are shown already are ignored."""
    model.show(ids(1, 2, 3))
    model.append(ids(2, 3, 4))
    model.append(ids(4))

    assert [model.id_at(row) for row in range(model.rowCount())] == [4, 3, 2, 1]
    assert model.newest == 4


def test_selection_stays_on_its_message(model: FeedModel[Record]) -> None:
    """An arrival moves a row, and the selection moves with it."""
    model.show(ids(1, 2))
    selected = QPersistentModelIndex(model.index(0, 0))
    model.append(ids(3))

    assert (selected.row(), selected.data()) == (1, "text 2")
    assert model.row_of(2) == 1


def test_unknown_id_has_no_row(model: FeedModel[Record]) -> None:
    """A message that is filtered out has no row."""
    model.show(ids(2, 4))

    assert [model.row_of(one) for one in (1, 2, 3, 4, 5)] == [None, 1, None, 0, None]


def test_missing_record_is_an_empty_row(model: FeedModel[Record], records: Records) -> None:
    """A record that another process deleted leaves an empty row; its neighbours stay."""
    records.missing = {2}
    model.show(ids(1, 2, 3))

    assert [text(model, row) for row in range(3)] == ["text 3", "", "text 1"]
    assert model.record(1) is None
    assert model.record(0) == Record(3, "text 3")


def test_refresh(model: FeedModel[Record], records: Records) -> None:
    """After a change of presentation, all pages or the newest one are read again."""
    model.show(ids(*range(1, PAGE + 2)))
    assert (text(model, 0), text(model, 1)) == (f"text {PAGE + 1}", f"text {PAGE}")
    records.word = "word"

    model.refresh_newest()
    assert (text(model, 0), text(model, 1)) == (f"word {PAGE + 1}", f"text {PAGE}")
    model.refresh()
    assert text(model, 1) == f"word {PAGE}"


def test_refreshing_an_empty_list(model: FeedModel[Record]) -> None:
    """An empty list can be refreshed."""
    model.refresh()
    model.refresh_newest()

    assert model.rowCount() == 0


def test_tooltip_is_never_html(model: FeedModel[Record], records: Records) -> None:
    """A message cannot put an image or a link into a tooltip."""
    records.word = "<img src=x>"
    model.show(ids(1))

    assert "&lt;img src=x&gt; 1" in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole) is None


def test_headers(model: FeedModel[Record]) -> None:
    """Numbers and their header are aligned to the right."""
    horizontal = Qt.Orientation.Horizontal

    assert [model.headerData(column, horizontal) for column in range(2)] == ["Text", "Number"]
    assert model.headerData(0, Qt.Orientation.Vertical) is None
    alignment = model.headerData(1, horizontal, Qt.ItemDataRole.TextAlignmentRole)
    assert alignment & Qt.AlignmentFlag.AlignRight


def shown(model: FeedModel[Record]) -> list[int]:
    """Return the ids of the rows, from the oldest; each row must show the text of its id."""
    rows = range(model.rowCount() - 1, -1, -1)
    texts = [text(model, row) for row in rows]
    assert texts == [f"text {model.id_at(row)}" for row in rows]
    return [model.id_at(row) for row in rows]


KEYED = st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=8)


@given(KEYED, st.sampled_from([1, 2, 256]))
def test_sorted_by_keys(batches: list[list[int]], max_runs: int) -> None:
    """In any order of arrival, rows are sorted by key, and rows of equal keys by id."""
    model = FeedModel(COLUMNS, Records(), page_size=3, max_runs=max_runs)
    added: list[tuple[int, int]] = []
    for batch in batches:
        fresh = [(key, len(added) + number) for number, key in enumerate(batch, 1)]
        added += fresh
        fresh.sort()
        model.append(ids(*(one for _, one in fresh)), ids(*(key for key, _ in fresh)))
        assert shown(model) == [one for _, one in sorted(added)]
        assert model.newest == len(added)
    for _, one in added:
        assert model.id_at(model.row_of(one) or 0) == one
    assert model.row_of(len(added) + 1) is None


@given(st.integers(0, 12), st.lists(st.integers(0, 12), max_size=4), st.booleans())
def test_older_rows(newest: int, parts: list[int], keyed: bool) -> None:
    """Older rows follow those that are shown, which stay in place; newer ones precede them."""
    model = FeedModel(COLUMNS, Records(), page_size=3)
    whole = ids(*range(1, newest + sum(parts) + 1))
    keys = ids(*range(101, 101 + len(whole))) if keyed else ids()
    start = len(whole) - newest
    model.show(whole[start:], keys[start:])
    shown(model)
    for part in parts:
        model.add_older(whole[start - part : start], keys[start - part : start], len(whole))
        start -= part
        assert shown(model) == list(whole[start:])
    model.append(ids(90), ids(999) if keyed else ids())
    assert shown(model) == [*whole, 90]


def test_ids_below_the_newest_are_merged() -> None:
    """Ids are not given out in the order of commits: one below the newest is listed, once."""
    model = FeedModel(COLUMNS, Records())
    model.show(ids(3, 2), ids(7, 8))
    model.add_older(ids(5), ids(1), 5)
    model.append(ids(5, 4, 6, 2), ids(1, 2, 3, 8))

    assert (shown(model), model.newest) == ([5, 4, 6, 3, 2], 6)


class SlowRecords:
    """A database elsewhere: it reads nothing at once, and answers when the test says so."""

    def __init__(self, model: FeedModel[Record]) -> None:
        self.model, self.asked = model, 0
        model.records_wanted.connect(lambda: setattr(self, "asked", self.asked + 1))

    def answer(self, missing: Sequence[int] = ()) -> int:
        wanted = self.model.take_wanted()
        self.model.add_records(wanted, [Record(i, f"text {i}") for i in wanted if i not in missing])
        return len(wanted)


@pytest.fixture
def late_model(qtmodeltester: ModelTester) -> FeedModel[Record]:
    model = FeedModel(COLUMNS, lambda _: None)
    qtmodeltester.check(model)
    return model


def test_late_records_fill_their_rows(late_model: FeedModel[Record]) -> None:
    """A row is empty until its record has come from elsewhere, and each page is asked for once."""
    slow = SlowRecords(late_model)
    late_model.show(ids(*range(1, 2 * PAGE + 1)))
    assert (text(late_model, 0), text(late_model, 1), slow.asked) == ("", "", 1)
    assert late_model.record(0) is None
    assert slow.answer() == PAGE
    assert (text(late_model, 0), late_model.record(1)) == ("text 128", Record(127, "text 127"))

    assert text(late_model, PAGE) == ""
    slow.answer()
    assert len(shown(late_model)) == 2 * PAGE
    assert late_model.take_wanted() == ids()


def test_late_records_below_new_rows(late_model: FeedModel[Record]) -> None:
    """Records that were fetched before rows were added above them are shown in their rows."""
    late_model.show(ids(1, 2), ids(10, 30))
    text(late_model, 0)
    wanted = late_model.take_wanted()
    late_model.append(ids(3, 4), ids(20, 40))
    assert [text(late_model, row) for row in range(4)] == [""] * 4
    late_model.add_records(wanted, [Record(2, "text 2"), Record(1, "text 1")])
    assert [text(late_model, row) for row in range(4)] == ["", "text 2", "", "text 1"]
    late_model.add_records(ids(4, 3), [Record(4, "text 4"), Record(3, "text 3")])

    assert shown(late_model) == [1, 3, 2, 4]


def test_late_records_out_of_sight(late_model: FeedModel[Record]) -> None:
    """A user who scrolls past many pages waits for the last ones only."""
    slow = SlowRecords(late_model)
    late_model.show(ids(*range(1, 100 * PAGE + 1)))
    for row in range(0, late_model.rowCount(), PAGE):
        text(late_model, row)

    assert slow.answer() == 4 * PAGE
    assert text(late_model, late_model.rowCount() - 1) == "text 1"
    assert text(late_model, 0) == ""
    assert slow.answer() == PAGE
    assert text(late_model, 0) == "text 6400"


def test_late_record_that_is_gone(late_model: FeedModel[Record]) -> None:
    """A record that no longer exists leaves an empty row, and is not asked for again."""
    slow = SlowRecords(late_model)
    late_model.show(ids(1, 2, 3))
    text(late_model, 0)
    slow.answer(missing=[2])

    assert [text(late_model, row) for row in range(3)] == ["text 3", "", "text 1"]
    assert (slow.answer(), slow.asked) == (0, 1)


def test_late_records_of_another_list(late_model: FeedModel[Record]) -> None:
    """A list that is replaced, as by that of another database, shows none of the former records."""
    slow = SlowRecords(late_model)
    late_model.show(ids(1))
    text(late_model, 0)
    slow.answer()
    late_model.show(ids(1))

    assert text(late_model, 0) == ""
