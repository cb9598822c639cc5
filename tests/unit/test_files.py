"""Atomic files and file locks."""

import os
import socket
import stat
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ibconsole.files import (
    FileLock,
    NotRegularFile,
    atomic_write,
    draft_file,
    file_lock,
    holder_note,
    is_missing,
    is_stream,
    make_private_directory,
    move_aside,
    open_stream,
    publish_draft,
    read_up_to,
    require_absent,
    save,
)
from tests.unit.archive.processes import process, read_words

HOLDER = """
lock = FileLock(path)
say(lock.acquire("the other one"))
sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "locks" / "one.lock"


def test_one_holder(path: Path) -> None:
    """A lock has at most one holder, also within one process, and a note names it."""
    first, second = FileLock(path), FileLock(path)

    assert first.acquire("a long note of the first")
    assert not second.acquire("second")
    assert not first.acquire("again")
    assert holder_note(path) == "a long note of the first"
    first.write_note("the first")
    assert holder_note(path) == "the first"
    assert (first.held, second.held) == (True, False)

    first.release()
    first.release()

    assert second.acquire("second")
    assert holder_note(path) == "second"
    second.release()


def test_killed_holder(path: Path) -> None:
    """A lock is free as soon as its holder is killed."""
    with process(HOLDER, path) as child:
        assert read_words(child) == ["True"]
        assert not FileLock(path).acquire()
        assert holder_note(path) == "the other one"
    lock = FileLock(path)

    assert lock.acquire()
    lock.release()


def test_discarded(path: Path) -> None:
    """Only the holder of a lock removes its file."""
    holder, other = FileLock(path), FileLock(path)
    holder.acquire()
    other.discard()
    assert path.exists()

    holder.discard()

    assert not path.exists()
    assert not holder.held
    assert holder_note(path) == ""


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
def test_removed_while_waiting(path: Path) -> None:
    """A lock whose file was removed and created again excludes others by the new file."""
    old, new = FileLock(path), FileLock(path)
    old.acquire()
    path.unlink()

    assert new.acquire()
    assert not FileLock(path).acquire()
    old.release()
    assert not FileLock(path).acquire()
    new.release()


def test_concurrent_acquire_and_discard(path: Path) -> None:
    """There is one holder at a time, however often the file is removed and created again."""
    holders: list[int] = []

    def take_turns(number: int) -> int:
        lock, taken = FileLock(path), 0
        while taken < 50:
            if lock.acquire():
                holders.append(number)
                assert holders == [number]
                holders.clear()
                lock.discard()
                taken += 1
        return taken

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(take_turns, range(4))) == [50] * 4


def test_private(path: Path) -> None:
    """A lock file and its directory are accessible to their owner alone."""
    lock = FileLock(path)
    lock.acquire("half \ud800")
    modes = [each.stat().st_mode & 0o777 for each in (path.parent, path)]
    lock.release()

    assert modes == [0o700, 0o600]


def test_lock_that_cannot_be_created(tmp_path: Path) -> None:
    """A lock that cannot be created is an error that names the path, not a lock that is held."""
    (tmp_path / "file").touch()

    with pytest.raises(OSError, match="file"):
        FileLock(tmp_path / "file" / "one.lock").acquire()


def test_atomic_write(tmp_path: Path) -> None:
    """The file is complete and accessible to its owner alone, and no draft is left."""
    path = tmp_path / "deep" / "file.json"
    atomic_write(path, b"one")
    atomic_write(path, b"two")

    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["file.json"]


def test_threads_replace_a_file_at_once(tmp_path: Path) -> None:
    """Each thread writes a draft of its own: one of the contents is there, whole."""
    path, contents = tmp_path / "file.json", [bytes([65 + one]) * 9_000 for one in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(atomic_write, [path] * 40, contents * 10))

    assert path.read_bytes() in contents
    assert [one.name for one in tmp_path.iterdir()] == ["file.json"]


def test_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failed write the old file is unchanged."""
    path = tmp_path / "file.json"
    atomic_write(path, b"one")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        atomic_write(path, b"two")

    assert path.read_bytes() == b"one"
    assert [one.name for one in tmp_path.iterdir()] == ["file.json"]


def test_reading_a_limited_size(tmp_path: Path) -> None:
    """No more than the limit is read of a file, and a missing one is no error."""
    file = tmp_path / "settings.json"
    missing = read_up_to(file, 4)
    file.write_bytes(b"too long")

    assert missing is None
    assert read_up_to(file, 4) == b"too "


def test_damaged_files_are_moved_aside(tmp_path: Path) -> None:
    """A damaged file is kept under a new name each time, so that none replaces another."""
    file = tmp_path / "settings.json"
    kept = []
    for content in (b"first", b"second"):
        file.write_bytes(content)
        kept.append(move_aside(file))

    assert not file.exists()
    assert [path.read_bytes() for path in kept] == [b"first", b"second"]
    assert all(path.name.startswith("settings.json.broken-") for path in kept)


def test_file_lock(tmp_path: Path) -> None:
    """A wait that is too long is an error; afterwards the file is free again."""
    path = tmp_path / "file.json"
    with file_lock(path, 1), pytest.raises(TimeoutError), file_lock(path, 0.01):
        raise AssertionError

    with file_lock(path, 0):
        pass


def test_draft_is_complete_when_published(tmp_path: Path) -> None:
    """A file appears under its name only when its draft is complete."""
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


def test_existing_target(tmp_path: Path) -> None:
    """A file created in the meantime is kept, unless it may be replaced."""
    target = tmp_path / "file"
    with draft_file(target) as draft:
        target.write_bytes(b"theirs")
        with pytest.raises(FileExistsError):
            publish_draft(draft, target)
        assert target.read_bytes() == b"theirs"
        draft.write_bytes(b"ours")
        publish_draft(draft, target, replace=True)
    assert target.read_bytes() == b"ours"


def test_dangling_link(tmp_path: Path) -> None:
    """A dangling link counts as an existing file: nothing is written through it."""
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError):
        require_absent(tmp_path / "link")
    require_absent(tmp_path / "other")


def test_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without hard links the draft is renamed, and still replaces no other file."""

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


@pytest.fixture
def linked(tmp_path: Path) -> tuple[Path, Path]:
    """Return a link, and the file in another directory that it leads to."""
    (tmp_path / "elsewhere").mkdir()
    file, link = tmp_path / "elsewhere" / "file", tmp_path / "link"
    file.write_bytes(b"old")
    link.symlink_to(file)
    return link, file


@pytest.mark.parametrize("write", [save, atomic_write])
def test_a_link_is_followed(
    linked: tuple[Path, Path], write: Callable[[Path, bytes], None]
) -> None:
    """The target of a link is replaced, and the link stays; a missing target is created."""
    link, file = linked
    write(link, b"new")
    assert (link.is_symlink(), file.read_bytes()) == (True, b"new")
    file.unlink()

    write(link, b"again")

    assert (link.is_symlink(), file.read_bytes()) == (True, b"again")
    assert [path.name for path in file.parent.iterdir()] == ["file"]


@pytest.fixture(params=["directory", "pipe", "socket", "link to a device"])
def no_file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "x"
    if request.param == "directory":
        path.mkdir()
    elif request.param == "pipe":
        os.mkfifo(path)
    elif request.param == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
    else:
        path.symlink_to("/dev/null")
    return path


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs special files")
def test_only_regular_files_are_replaced(no_file: Path, tmp_path: Path) -> None:
    """A directory, a pipe, a socket and a device stay what they are."""
    before = no_file.lstat()
    draft = tmp_path / "draft"
    draft.touch()
    for replace in (
        lambda: atomic_write(no_file, b"x"),
        lambda: publish_draft(draft, no_file, replace=True),
    ):
        with pytest.raises(NotRegularFile):
            replace()

    assert os.path.samestat(before, no_file.lstat())
    assert {path.name for path in tmp_path.iterdir()} == {"x", "draft"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with a name")
def test_pipes_are_written_into(tmp_path: Path) -> None:
    """What the user saves into a pipe arrives at its reader."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as threads:
        received = threads.submit(pipe.read_bytes)
        save(pipe, b"data", on_wait=lambda: None)

    assert received.result() == b"data"
    assert is_stream(pipe)
    assert not is_stream(tmp_path)


def test_missing_files(tmp_path: Path) -> None:
    """Only a file that is certainly not there is missing: not one that cannot be looked at."""
    (tmp_path / "file").touch()
    loop = tmp_path / "loop"
    loop.symlink_to(loop)

    names = ("file", "other", "file/other", "loop/other")
    assert [is_missing(tmp_path / name) for name in names] == [False, True, True, False]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with a name")
def test_a_pipe_without_a_reader(tmp_path: Path) -> None:
    """A pipe that no process reads is refused, or waited for once that was said."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    with pytest.raises(OSError, match="no process reads from it"):
        save(pipe, b"text")

    with ThreadPoolExecutor() as executor:
        read = []
        save(pipe, b"text", on_wait=lambda: read.append(executor.submit(pipe.read_bytes)))
        assert read[0].result() == b"text"


def test_a_device_is_not_waited_for() -> None:
    """A device opens at once or fails; that is no pipe without a reader."""
    with open_stream(Path(os.devnull), lambda: pytest.fail("waited")) as stream:
        stream.write(b"text")


def test_a_file_in_the_way_of_a_directory(tmp_path: Path) -> None:
    """A file where a directory has to be is named as what it is."""
    (tmp_path / "file").touch()

    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(NotADirectoryError):
            make_private_directory(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with a name")
def test_small_files_are_read_from_regular_files_only(tmp_path: Path) -> None:
    """A pipe or a device in the place of a file is an error: reading it might never end."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(os.devnull)

    for name in ("pipe", "link"):
        with pytest.raises(NotRegularFile):
            read_up_to(tmp_path / name, 10)
        with pytest.raises(NotRegularFile):
            move_aside(tmp_path / name)


@pytest.mark.skipif(os.name == "nt", reason="Windows links need privileges")
def test_a_damaged_file_behind_a_link(tmp_path: Path) -> None:
    """A link to a damaged file stays, and the file itself is moved aside."""
    (tmp_path / "real").write_bytes(b"damaged")
    (tmp_path / "link").symlink_to("real")

    aside = move_aside(tmp_path / "link")

    assert aside.name.startswith("real.broken-")
    assert aside.read_bytes() == b"damaged"
    assert (tmp_path / "link").is_symlink()


def test_a_file_that_is_no_lock(tmp_path: Path) -> None:
    """A large file at the place of a lock, as behind a link, keeps its content."""
    (tmp_path / "lock").write_bytes(b"x" * 5_000)

    lock = FileLock(tmp_path / "lock")
    with pytest.raises(NotRegularFile):
        lock.acquire("note")

    assert not lock.held
    assert (tmp_path / "lock").stat().st_size == 5_000
