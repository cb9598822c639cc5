from ibconsole.ui.tables.slices import Steps
from ibconsole.ui.tables.snapshot import Snapshot
from tests.ui.tables.fruits import APPLE, COLUMNS, PEAR, PLUM, Fruit


def snapshot_of(*records: Fruit) -> Snapshot[Fruit]:
    return Snapshot(list(records), COLUMNS, lambda fruit: fruit.name, lambda fruit: fruit.name)


def finish(steps: Steps[object]) -> object:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def test_records_are_found_before_and_after_preparation() -> None:
    """A record is found by its identity at any time; of equal identities, the first one."""
    snapshot = snapshot_of(APPLE, PEAR, Fruit("apple", 11))
    before = [snapshot.row_of(name) for name in ("apple", "Pear", "plum")]

    finish(snapshot.identities())

    after = [snapshot.row_of(name) for name in ("apple", "Pear", "plum")]
    assert before == after == [0, 1, None]


def test_arrangements() -> None:
    """Each filter and order applies to all records, whatever was asked before."""
    snapshot = snapshot_of(PLUM, PEAR, APPLE)

    assert list(finish(snapshot.arranged(-1, "", descending=False))) == [0, 1, 2]  # type: ignore[call-overload]
    assert finish(snapshot.arranged(0, "pl", descending=False)) == [2, 0]
    assert finish(snapshot.arranged(1, "", descending=True)) == [0, 2, 1]
    assert finish(snapshot.arranged(0, "", descending=False)) == [2, 1, 0]


def test_released_records() -> None:
    """A released snapshot holds no record."""
    snapshot = snapshot_of(APPLE, PEAR)

    finish(snapshot.release())

    assert snapshot.records == []
