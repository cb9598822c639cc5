"""Setups are stored once, with the times between which they changed."""

from contextlib import ExitStack
from pathlib import Path

import apsw
import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.connection import fetch
from ibconsole.archive.errors import ArchiveError
from ibconsole.archive.history.points import (
    SeenRoute,
    SetupPart,
    SetupPoint,
    current_applications,
    point_at,
    points_of,
    store_applications,
    store_routes,
)
from ibconsole.archive.reader import Reader
from ibconsole.clock import TimeSpan
from tests.unit.archive.processes import process, read_words

APP, ROUTE = SetupPart.APPLICATION, SetupPart.ROUTE


def see(path: Path, began: int, content: bytes, *, ended: int | None = None) -> None:
    """Store a route of application "a" that was read at this time."""
    span = TimeSpan(began, began + 1 if ended is None else ended)
    store_routes(path, "c", [SeenRoute("a", content, span)])


def times(path: Path, part: SetupPart = ROUTE) -> list[tuple[int, int, bytes | None]]:
    return [(one.seen_from, one.seen_until, one.content) for one in points_of(path, "c", "a", part)]


def rows(path: Path) -> int:
    db = apsw.Connection(str(path))
    [(count,)] = fetch(
        db, "SELECT (SELECT count(*) FROM setup_point) + (SELECT count(*) FROM setup_object)"
    )
    db.close()
    return int(count)


def test_a_change_came_between_two_readings(path: Path) -> None:
    """A state lasts from the end of its first reading to the beginning of its last."""
    for began, content in ((10, b"1"), (20, b"1"), (30, b"2"), (40, b"1")):
        see(path, began, content)

    assert times(path) == [(11, 20, b"1"), (31, 31, b"2"), (41, 41, b"1")]
    assert [one.is_current for one in points_of(path, "c", "a")] == [False, False, True]
    assert point_at(path, "c", "a", ROUTE) == SetupPoint(
        "a", ROUTE, 41, 41, is_current=True, content=b"1"
    )
    found = [point_at(path, "c", "a", ROUTE, at) for at in (10, 11, 30, 31)]
    assert [one and one.content for one in found] == [None, b"1", b"1", b"2"]
    assert points_of(path, "other", "a") == points_of(path, "c", "b") == []


def test_what_is_unchanged_takes_no_space(path: Path) -> None:
    """A thousand readings of the same setup add nothing, and no state is stored twice."""
    applications = {f"app {n}": f"{n % 3}".encode() for n in range(9)}
    for began in (10, 20, 30):
        store_applications(path, "c", applications, TimeSpan(began, began + 1))
        see(path, began, b"route")

    assert rows(path) == 9 + 1 + 3 + 1
    [point] = points_of(path, "c", "app 1")
    assert (point.seen_from, point.seen_until) == (11, 30)


def test_applications_that_come_and_go(path: Path) -> None:
    """One that is missing from a list did not exist then; a new one did not exist before."""
    for began, found in ((10, {}), (20, {"a": b"1"}), (30, {}), (40, {"a": b"1", "b": b"2"})):
        store_applications(path, "c", found, TimeSpan(began, began + 1))

    assert times(path, APP) == [(10, 10, None), (21, 21, b"1"), (31, 31, None), (41, 41, b"1")]
    assert sorted(current_applications(path)) == [("c", b"1"), ("c", b"2")]
    assert list(current_applications(path, "d")) == []


def test_the_first_list_says_nothing_of_before(path: Path) -> None:
    """What is seen for the first time may have existed for long."""
    store_applications(path, "c", {"a": b"1"}, TimeSpan(10, 11))
    store_applications(path, "c", {"a": b"2"}, TimeSpan(20, 21))

    assert times(path, APP) == [(11, 11, b"1"), (21, 21, b"2")]


def test_a_reading_that_comes_late_changes_nothing(path: Path) -> None:
    """Two processes may store in another order than they have read, or read at the same time."""
    see(path, 10, b"1")
    see(path, 30, b"2")
    see(path, 20, b"1")
    see(path, 25, b"1", ended=40)

    assert times(path) == [(11, 11, b"1"), (31, 31, b"2")]


def test_a_clock_that_was_set_back_loses_no_state(path: Path) -> None:
    """Times stay in order, and what was read last is current."""
    hour = 3_600_000
    see(path, 2 * hour, b"1")
    see(path, hour, b"2")

    assert times(path) == [(2 * hour + 1, 2 * hour + 1, b"1"), (2 * hour + 1, 2 * hour + 1, b"2")]
    assert (found := point_at(path, "c", "a", ROUTE))
    assert found.content == b"2"


def test_processes_share_the_history(path: Path) -> None:
    """Points of several processes make one sequence, and a kill leaves whole points."""
    script = """
from ibconsole.archive.history import *
from ibconsole.archive.reader import Reader
from ibconsole.clock import TimeSpan
say("ready")
for n in range(10 ** 6):
    at = int(sys.stdin.readline())
    store_routes(path, "c", [SeenRoute("a", b"%d" % (n % 2), TimeSpan(at, at))])
    say("stored")
"""
    Archive(path).close()
    with ExitStack() as stack:
        children = [stack.enter_context(process(script, path)) for _ in range(2)]
        for child in children:
            read_words(child)
        for at in range(8):
            for child in children:
                assert child.stdin
                child.stdin.write(f"{at}\n")
                child.stdin.flush()
            for child in children:
                read_words(child)

    found = times(path)
    assert [content for *_, content in found] == [b"%d" % (n % 2) for n in range(len(found))]
    assert [start for start, *_ in found] == sorted(start for start, *_ in found)


def test_an_archive_of_the_first_release(path: Path) -> None:
    """It is read as it is, without a history, and gets one with the first state that is stored."""
    script = (Path(__file__).parents[3] / "samples" / "archive_2.sql").read_text(encoding="utf-8")
    path.parent.mkdir()
    db = apsw.Connection(str(path))
    db.execute(script).fetchall()
    db.close()
    assert points_of(path, "c", "a") == []
    assert point_at(path, "c", "a", ROUTE) is None

    see(path, 10, b"1")

    assert times(path) == [(11, 11, b"1")]
    with Reader(path) as reader:
        assert reader.counts().messages


def test_the_history_of_a_connection_is_deleted(path: Path) -> None:
    """Nothing of it stays in the file, and what others refer to does."""
    store_applications(path, "c", {"a": b"1", "b": b"2"}, TimeSpan(10, 11))
    store_applications(path, "d", {"a": b"1"}, TimeSpan(10, 11))
    see(path, 10, b"a secret of the route")

    with Archive(path) as archive:
        archive.delete_setup("c")

    assert points_of(path, "c", "a") == []
    assert list(current_applications(path)) == [("d", b"1")]
    assert rows(path) == 2
    assert b"a secret of the route" not in path.read_bytes()


def test_a_missing_archive_has_no_history(path: Path) -> None:
    """Reading creates nothing."""
    with pytest.raises(ArchiveError, match="no archive"):
        points_of(path, "c", "a")
    assert not path.parent.exists()
