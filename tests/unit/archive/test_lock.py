"""A lock that is a file."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ibconsole.archive import ArchiveUnwritable, FileLock, holder_note
from tests.unit.archive.processes import heard, process

HOLDER = """
lock = FileLock(path)
say(lock.take("the other one"))
sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "locks" / "one.lock"


def test_one_holder(path: Path) -> None:
    """A lock has one holder at most, in one process too, and says who."""
    first, second = FileLock(path), FileLock(path)

    assert first.take("a long note of the first")
    assert not second.take("second")
    assert not first.take("again")
    assert holder_note(path) == "a long note of the first"
    assert (first.held, second.held) == (True, False)

    first.release()
    first.release()

    assert second.take("second")
    assert holder_note(path) == "second"
    second.release()


def test_killed_holder(path: Path) -> None:
    """A lock is free as soon as its holder is dead, however it died."""
    with process(HOLDER, path) as child:
        assert heard(child) == ["True"]
        assert not FileLock(path).take()
        assert holder_note(path) == "the other one"
    lock = FileLock(path)

    assert lock.take()
    lock.release()


def test_discarded(path: Path) -> None:
    """Only its holder removes a lock file."""
    holder, other = FileLock(path), FileLock(path)
    holder.take()
    other.discard()
    assert path.exists()

    holder.discard()

    assert not path.exists()
    assert not holder.held
    assert holder_note(path) == ""


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
def test_removed_while_waiting(path: Path) -> None:
    """A lock whose file was removed and made anew excludes others by the new file."""
    old, new = FileLock(path), FileLock(path)
    old.take()
    path.unlink()

    assert new.take()
    assert not FileLock(path).take()
    old.release()
    assert not FileLock(path).take()
    new.release()


def test_many_who_take_and_discard(path: Path) -> None:
    """However often the file is removed and made anew, there is one holder at a time."""
    holders: list[int] = []

    def take_turns(number: int) -> int:
        lock, taken = FileLock(path), 0
        while taken < 50:
            if lock.take():
                holders.append(number)
                assert holders == [number]
                holders.clear()
                lock.discard()
                taken += 1
        return taken

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(take_turns, range(4))) == [50] * 4


def test_private(path: Path) -> None:
    """A lock file and its directory are nobody else's business."""
    lock = FileLock(path)
    lock.take("half \ud800")
    modes = [each.stat().st_mode & 0o777 for each in (path.parent, path)]
    lock.release()

    assert modes == [0o700, 0o600]


def test_impossible_place(tmp_path: Path) -> None:
    """A lock that cannot be made is an error that names the place, not a lock held by others."""
    (tmp_path / "file").touch()

    with pytest.raises(ArchiveUnwritable, match=r"file.one\.lock cannot be written"):
        FileLock(tmp_path / "file" / "one.lock").take()
