"""The queue of what the archive writer has to decode."""

from itertools import cycle

from ibconsole.services.intake.write_queue import IdQueue


def test_ids_leave_in_order() -> None:
    """Ids with gaps between them are returned in their order, each until removed."""
    ids = [number for number in range(2_000) if number % 7 and number % 5]
    queue = IdQueue()
    for number in ids:
        queue.add(number)

    assert queue
    for count in cycle((1, 40, 7)):
        if not ids:
            break
        assert queue.first(count) == ids[:count]
        queue.remove_first(len(ids[:count]))
        del ids[:count]
    assert not queue
    assert queue.first(3) == []


def test_consecutive_ids_take_no_memory_each() -> None:
    """Millions of forwards may wait for decoding: consecutive ids are one range."""
    queue = IdQueue()
    for number in range(1_000):
        queue.add(number)
    queue.remove_first(300)
    queue.add(1_000)

    assert list(queue._ranges) == [range(300, 1_001)]
