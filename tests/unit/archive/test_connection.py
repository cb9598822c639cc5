"""Connections keep what is committed, and checkpoints lose none of it."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.connection import (
    Checkpointer,
    copy_privately,
    fetch,
    open_reader,
    open_writer,
    require_safe_sqlite,
    snapshot,
    transaction,
    use_write_ahead_log,
)
from ibconsole.archive.errors import ArchiveError, ArchiveUnwritable
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from ibconsole.files import make_private_directory
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.archive.processes import process, read_words

# Root may write everywhere, so as root the script becomes another user first.
UNPRIVILEGED_WRITER = """
import os, sys
from pathlib import Path
from ibconsole.archive import Archive, ArchiveUnwritable
from tests.unit.archive.deliveries import arrival
if os.getuid() == 0:
    os.setgroups([])
    os.setuid(65534)
try:
    with Archive(Path(sys.argv[1])) as archive:
        archive.add_forwards([arrival(b"x")])
except ArchiveUnwritable as error:
    print(error)
"""

needs_modes = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes.")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_checkpoint_copies_the_log_into_the_file(archive: Archive, path: Path) -> None:
    """After a checkpoint the file alone has what was committed, while its writer is open."""
    archive.decode(archive.add_forwards([arrival(batch({"text": "needle in the log"}))]))
    assert b"needle in the log" not in path.read_bytes()
    checkpointer = Checkpointer(path)
    checkpointer.run()
    assert b"needle in the log" in path.read_bytes()
    checkpointer.close()
    checkpointer.close()


def test_checkpoints_while_another_process_writes(archive: Archive, path: Path) -> None:
    """Everything that is committed during checkpoints is stored, and undamaged."""
    checkpointer = Checkpointer(path)
    script = """
with Archive(path) as archive:
    say("ready")
    for number in range(150):
        archive.decode(archive.add_forwards([arrival(batch({"messageId": str(number)}))]))
    say("done")
"""
    with process(script, path) as child:
        assert read_words(child) == ["ready"]
        runs = 0
        while child.poll() is None:
            checkpointer.run()
            runs += 1
    checkpointer.close()
    assert runs > 5
    with Reader(path) as reader:
        assert len(reader.find(Filter())) == 150
        assert reader.verify(lambda _: None).damages == ()


def test_durable(path: Path) -> None:
    """Every commit is synced to the disk, so that it survives a power failure."""
    db = open_writer(path)
    found = {
        name: db.pragma(name)
        for name in ("journal_mode", "synchronous", "fullfsync", "foreign_keys", "busy_timeout")
    }
    db.close()

    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "fullfsync": 1,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }


def test_transaction(path: Path) -> None:
    """An error in a transaction undoes all of its writes, and the next transaction can begin."""
    db = open_writer(path)
    fetch(db, "CREATE TABLE one (value)")
    with pytest.raises(apsw.SQLError), transaction(db):
        fetch(
            db,
            "CREATE TABLE two (value); INSERT INTO one VALUES (1); INSERT INTO nowhere VALUES (1)",
        )
    with transaction(db):
        fetch(db, "CREATE TABLE three (value); INSERT INTO one VALUES (2)")

    assert fetch(db, "SELECT name FROM sqlite_schema ORDER BY name") == [("one",), ("three",)]
    assert fetch(db, "SELECT value FROM one") == [(2,)]
    db.close()


def test_a_snapshot_does_not_change(path: Path) -> None:
    """Queries of one snapshot read the same state, though another connection commits."""
    writer = open_writer(path)
    fetch(writer, "CREATE TABLE one (value)")
    reader = open_reader(path)
    with snapshot(reader):
        before = fetch(reader, "SELECT count(*) FROM one")
        fetch(writer, "INSERT INTO one VALUES (1)")
        during = fetch(reader, "SELECT count(*) FROM one")

    assert before == during == [(0,)]
    assert fetch(reader, "SELECT count(*) FROM one") == [(1,)]
    reader.close()
    writer.close()


def test_reader_writes_nothing(reader: Reader, path: Path) -> None:
    """A connection for reading refuses every change, also that of a `Reader`."""
    db = open_reader(path)
    with pytest.raises(apsw.ReadOnlyError):
        fetch(db, "DELETE FROM delivery")
    db.close()
    with pytest.raises(apsw.ReadOnlyError):
        reader._db.execute("DELETE FROM message")


def test_no_archive_yet(path: Path) -> None:
    """If nothing was received yet, reading is an error that says so, and creates no file."""
    with pytest.raises(ArchiveError, match="nothing was received"):
        Reader(path)

    assert not path.exists()


@needs_modes
def test_modes(path: Path) -> None:
    """Created directories are 0700 and files 0600, also while the archive is in use."""
    before = os.umask(0)
    try:
        with Archive(path / "deep" / "archive.sqlite3") as archive, Reader(archive._path):
            archive.add_forwards([arrival(b"x")])
            entries = [path, *sorted(path.rglob("*"))]
            modes = {(entry.is_dir(), mode(entry)) for entry in entries}
    finally:
        os.umask(before)

    assert modes == {(True, 0o700), (False, 0o600)}
    assert {entry.suffix for entry in entries} >= {".sqlite3-wal", ".sqlite3-shm", ".lock"}


@needs_modes
def test_mode_of_an_existing_file(path: Path) -> None:
    """An archive that other users could read becomes private when it is opened, and stays so."""
    Archive(path).close()
    path.chmod(0o644)
    with Archive(path) as archive:
        archive.add_forwards([arrival(b"x")])
        modes = {each.name: mode(each) for each in path.parent.glob("archive.*")}

    assert modes == dict.fromkeys(
        ["archive.sqlite3", "archive.sqlite3-wal", "archive.sqlite3-shm"], 0o600
    )
    assert mode(path) == 0o600


@needs_modes
def test_existing_directory(tmp_path: Path) -> None:
    """A directory that exists keeps its mode; the directories created in it are private."""
    tmp_path.chmod(0o755)
    make_private_directory(tmp_path / "a" / "b")

    assert [mode(each) for each in (tmp_path, tmp_path / "a", tmp_path / "a" / "b")] == [
        0o755,
        0o700,
        0o700,
    ]


def test_directory_in_the_way(tmp_path: Path) -> None:
    """An archive at a path that cannot be a file is an error that says it cannot be written."""
    (tmp_path / "file").touch()

    with pytest.raises(ArchiveUnwritable, match="cannot be written"):
        Archive(tmp_path)
    with pytest.raises(ArchiveUnwritable, match="cannot be written"):
        Archive(tmp_path / "file" / "archive.sqlite3")


@needs_modes
@pytest.mark.parametrize("exists", [False, True])
def test_read_only_directory(tmp_path_factory: pytest.TempPathFactory, *, exists: bool) -> None:
    """In a directory without write access, an existing or new archive cannot be written."""
    directory = tmp_path_factory.mktemp("readonly")
    path = directory / "archive.sqlite3"
    if exists:
        Archive(path).close()
        path.chmod(0o444)
    changed = [directory, *directory.parents[:2]]
    before = [mode(each) for each in changed]
    for each in changed[1:]:
        each.chmod(0o755)
    directory.chmod(0o555)
    try:
        output = subprocess.run(
            [sys.executable, "-c", UNPRIVILEGED_WRITER, str(path)],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
            cwd=Path(__file__).parents[3],
        ).stdout
    finally:
        for each, original in zip(changed, before, strict=True):
            each.chmod(original)

    assert "cannot be written" in output
    assert "unharmed" in output


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files")
@pytest.mark.parametrize("kept", [(), ("-wal",), ("-shm",)])
def test_reading_on_a_full_disk(tmp_path: Path, kept: tuple[str, ...]) -> None:
    """An archive is read where the index that processes share finds no room, also again."""
    import resource  # noqa: PLC0415 does not exist on Windows

    path, copy = tmp_path / "a.sqlite3", tmp_path / "b.sqlite3"
    with Archive(path) as archive:
        archive.add_forwards([arrival(b"{}")])
        for suffix in ("", "-wal"):  # the log has what is not in the file yet
            shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
    if "-wal" not in kept:
        Archive(copy).close()
    if "-shm" in kept:  # what an attempt on the full disk has left
        Path(f"{copy}-shm").write_bytes(b"\0\0\0")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        with Reader(copy) as reader, Reader(copy) as again:
            counts = [one.counts().forwards for one in (reader, again)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert counts == [1, 1]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with a name")
def test_a_pipe_is_no_archive(tmp_path: Path) -> None:
    """A pipe in the place of an archive is an error, not something to wait for."""
    os.mkfifo(tmp_path / "a.sqlite3")

    with pytest.raises(ArchiveError, match="no regular file"):
        Reader(tmp_path / "a.sqlite3")


def test_unsafe_sqlite() -> None:
    """A version of SQLite that can lose commits of several processes is refused."""
    require_safe_sqlite("3.51.3")
    require_safe_sqlite("4.0.0")
    with pytest.raises(RuntimeError, match=r"3\.51\.2 can lose .*; install a newer apsw"):
        require_safe_sqlite("3.51.2")


def test_no_shared_file() -> None:
    """A file that several processes cannot share is refused, with the advice where to keep it."""
    db = apsw.Connection(":memory:")
    with pytest.raises(
        ArchiveError, match=r"cannot be shared .*; keep the data directory on a local disk"
    ):
        use_write_ahead_log(db)
    db.close()


@pytest.mark.parametrize("in_memory", [0, 1 << 30])
def test_private_copy(path: Path, in_memory: int) -> None:
    """A private copy has everything, and can be written without a file next to the archive."""
    Archive(path).close()
    db = open_reader(path)
    before = sorted(path.parent.iterdir())
    copy = copy_privately(db, path, in_memory=in_memory)
    copy.execute("CREATE TABLE later (a)")

    tables = {name for (name,) in fetch(copy, "SELECT name FROM sqlite_schema")}
    assert tables > {name for (name,) in fetch(db, "SELECT name FROM sqlite_schema")}
    assert sorted(path.parent.iterdir()) == before
    copy.close()
    db.close()


def test_no_space_for_a_private_copy(path: Path) -> None:
    """A large private copy is not begun where it has no room; the sentence says what it needs."""
    Archive(path).close()
    db = open_reader(path)
    with pytest.raises(ArchiveUnwritable, match=r"too little space: [0-9]+ MB are needed"):
        copy_privately(db, path, in_memory=0, factor=1 << 40)
    db.close()
