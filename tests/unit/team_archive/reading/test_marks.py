"""Marks of all sessions with a server can be compared, and are found again."""

from ibconsole.team_archive.reading.marks import Marks


def test_marks_grow() -> None:
    """Each transaction that ends makes a higher mark, whatever its number."""
    snapshots = ["10:10:", "10:12:10", "11:13:11", "13:13:", "14:14:"]
    marks = [Marks().add(one) for one in snapshots]

    assert marks == sorted(set(marks))


def test_unknown_marks() -> None:
    """A mark whose snapshot is not known any more misses nothing."""
    known = Marks()
    for snapshot in ("100:100:", "100:105:100,102", "7:900:7"):
        mark = known.add(snapshot)
        oldest = int(snapshot.partition(":")[0])

        assert known.since(mark) == {"since": snapshot, "since_from": str(oldest)}
        assert int(Marks().since(mark)["since_from"]) <= oldest
    for number in range(1, 400):
        known.add(f"{number}:{number}:")
    assert known.snapshot(Marks().add("399:399:")) == "399:399:"
