"""Files that are there whole or not at all."""

import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ibconsole.files import (
    FileLock,
    atomic_write,
    draft_file,
    file_lock,
    holder_note,
    publish_draft,
    require_absent,
)
from tests.unit.archive.processes import process, read_words

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
        assert read_words(child) == ["True"]
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

    with pytest.raises(OSError, match="file"):
        FileLock(tmp_path / "file" / "one.lock").take()


def test_a_file_is_private_and_whole(tmp_path: Path) -> None:
    """What is written is there, for its owner alone, and no draft beside it."""
    path = tmp_path / "deep" / "file.json"
    atomic_write(path, b"one")
    atomic_write(path, b"two")

    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["file.json"]


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk costs what was to be written, not what was there."""
    path = tmp_path / "file.json"
    atomic_write(path, b"one")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        atomic_write(path, b"two")

    assert path.read_bytes() == b"one"
    assert [one.name for one in tmp_path.iterdir()] == ["file.json"]


def test_one_at_a_time(tmp_path: Path) -> None:
    """Who has to wait for too long is told; afterwards the file is free again."""
    path = tmp_path / "file.json"
    with file_lock(path, 1), pytest.raises(TimeoutError), file_lock(path, 0.01):
        raise AssertionError

    with file_lock(path, 0):
        pass


def test_whole_or_not_at_all(tmp_path: Path) -> None:
    """Until it is named, a draft has no name that anybody would take for it."""
    target = tmp_path / "file"
    with draft_file(target) as draft:
        draft.write_bytes(b"half")
        assert not target.exists()
    assert list(tmp_path.iterdir()) == []

    with draft_file(target) as draft:
        draft.write_bytes(b"whole")
        publish_draft(draft, target)
    assert target.read_bytes() == b"whole"
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_no_other_file_s_place(tmp_path: Path) -> None:
    """A file that came meanwhile stays, unless its place may be taken."""
    target = tmp_path / "file"
    with draft_file(target) as draft:
        target.write_bytes(b"theirs")
        with pytest.raises(FileExistsError):
            publish_draft(draft, target)
        assert target.read_bytes() == b"theirs"
        draft.write_bytes(b"ours")
        publish_draft(draft, target, replace=True)
    assert target.read_bytes() == b"ours"


def test_a_link_that_leads_nowhere_is_a_name_too(tmp_path: Path) -> None:
    """Nothing is written through somebody's link."""
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError):
        require_absent(tmp_path / "link")
    require_absent(tmp_path / "other")


def test_where_links_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On such a file system the draft is renamed, and still takes no other file's place."""

    def refuse(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    with draft_file(tmp_path / "file") as draft:
        publish_draft(draft, tmp_path / "file")
    with (
        draft_file(tmp_path / "file") as draft,
        pytest.raises(FileExistsError),
    ):
        publish_draft(draft, tmp_path / "file")
