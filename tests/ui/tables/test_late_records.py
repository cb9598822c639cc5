"""Records that are fetched when their rows are first shown."""

from array import array
from dataclasses import dataclass

from ibconsole.ui.tables.late_records import MAX_RECORDS, LateRecords


@dataclass(frozen=True)
class Record:
    id: int


def test_the_memory_is_bounded() -> None:
    """Scrolling through millions of rows keeps the records that were fetched last."""
    late = LateRecords[Record]()
    numbers = range(MAX_RECORDS + 100)
    for start in range(0, len(numbers), 50):
        page = numbers[start : start + 50]
        late.add(page, [Record(one) for one in page])

    assert late.find([0, 99]) == ([], True)
    assert late.find([100, numbers[-1]]) == ([Record(100), Record(numbers[-1])], False)


def test_an_id_is_fetched_once() -> None:
    """What is being fetched is not fetched a second time, until everything is forgotten."""
    late = LateRecords[Record]()
    late.find([1, 2])
    assert late.take() == array("q", [1, 2])
    late.find([2, 3])
    assert late.take() == array("q", [3])

    late.clear()
    late.find([2])
    assert late.take() == array("q", [2])
