from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.ui.tables.slices import CHUNK, Slices, Steps, equal, filtered, mapped, sorted_rows

MANY = 3 * CHUNK + 7


def result_of(steps: Steps[object]) -> tuple[object, int]:
    """Return the result of a computation, and the number of its pauses."""
    pauses = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value, pauses
        pauses += 1


def steps_of(name: str, done: list[str], count: int) -> Iterator[None]:
    for _ in range(count):
        yield
    done.append(name)


def test_computations_pause_after_each_chunk() -> None:
    """Long lists are computed in steps, with the result of one step."""
    numbers = list(range(MANY))
    texts = [f"{number}" for number in numbers]

    assert result_of(mapped(str, numbers)) == (texts, 3)
    assert result_of(filtered(numbers, "77", texts)) == ([n for n in numbers if "77" in f"{n}"], 3)
    assert result_of(mapped(str, numbers[:CHUNK])) == (texts[:CHUNK], 0)
    assert result_of(equal(numbers, list(numbers))) == (True, 3)
    assert result_of(equal(numbers, [*numbers[:-1], 0])) == (False, 3)
    assert result_of(equal(numbers, numbers[1:])) == (False, 0)


@pytest.mark.parametrize("count", [0, 1, CHUNK, CHUNK + 1, MANY])
@pytest.mark.parametrize("descending", [False, True])
def test_sorting_in_steps_is_stable(count: int, *, descending: bool) -> None:
    """Rows are sorted as Python sorts them: equal keys stay in their order."""
    keys = [number * 7919 % 101 for number in range(count)]

    rows, _ = result_of(sorted_rows(keys, descending=descending))

    expected = sorted(range(count), key=keys.__getitem__, reverse=descending)
    assert list(rows) == expected  # type: ignore[call-overload]


def test_a_new_computation_replaces_the_former_one(qtbot: QtBot) -> None:
    """Of computations that are started one after the other, only the last one ends."""
    done: list[str] = []
    work = Slices(seconds=0)

    for name in ("first", "second", "last"):
        work.run(steps_of(name, done, 5))
    assert work.busy
    qtbot.waitUntil(lambda: not work.busy)
    assert done == ["last"]


def test_a_short_computation_is_complete_at_once(qtbot: QtBot) -> None:
    """A computation without a pause needs no event loop."""
    done: list[str] = []
    work = Slices()

    work.run(steps_of("short", done, 0))

    assert (done, work.busy) == (["short"], False)


def test_a_computation_can_be_finished_at_once() -> None:
    """What is left of a computation can be done without waiting; a complete one stays so."""
    done: list[str] = []
    work = Slices(seconds=0)

    work.run(steps_of("one", done, 5))
    work.finish()
    work.finish()
    assert (done, work.busy) == (["one"], False)


def test_a_computation_can_begin_later(qtbot: QtBot) -> None:
    """A computation that is not urgent leaves the present turn of the loop to others."""
    done: list[str] = []
    work = Slices()

    work.schedule(steps_of("one", done, 0))
    assert (done, work.busy) == ([], True)
    qtbot.waitUntil(lambda: not work.busy)
    assert done == ["one"]
