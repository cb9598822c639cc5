"""How the file is opened."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from ibconsole.archive import Archive, ArchiveError, ArchiveUnwritable, Reader
from ibconsole.archive.connection import (
    fetch,
    make_private_directory,
    open_writer,
    require_safe_sqlite,
    transaction,
    use_write_ahead_log,
)
from tests.unit.archive.processes import arrival

ANYONE = """
import os, sys
from pathlib import Path
from ibconsole.archive import Archive, ArchiveUnwritable
from tests.unit.archive.processes import arrival
if os.getuid() == 0:
    os.setgroups([])
    os.setuid(65534)
try:
    with Archive(Path(sys.argv[1])) as archive:
        archive.add_forwards([arrival(b"x")])
except ArchiveUnwritable as error:
    print(error)
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_modes(path: Path) -> None:
    """Directories that we make are 0700, files 0600, also while the archive is in use."""
    before = os.umask(0)
    try:
        with Archive(path / "deep" / "archive.sqlite3") as archive, Reader(archive._path):
            archive.add_forwards([arrival(b"x")])
            places = [path, *sorted(path.rglob("*"))]
            modes = {(place.is_dir(), mode(place)) for place in places}
    finally:
        os.umask(before)

    assert modes == {(True, 0o700), (False, 0o600)}
    assert {place.suffix for place in places} >= {".sqlite3-wal", ".sqlite3-shm", ".lock"}


def test_mode_of_an_existing_file(path: Path) -> None:
    """An archive that others could read is closed to them when it is opened."""
    Archive(path).close()
    path.chmod(0o644)
    Archive(path).close()

    assert mode(path) == 0o600


def test_existing_directory(tmp_path: Path) -> None:
    """A directory that was there keeps its mode."""
    tmp_path.chmod(0o755)
    make_private_directory(tmp_path / "a" / "b")

    assert [mode(each) for each in (tmp_path, tmp_path / "a", tmp_path / "a" / "b")] == [
        0o755,
        0o700,
        0o700,
    ]


def test_durable(path: Path) -> None:
    """What commits is synced to the disk."""
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


def test_no_shared_file() -> None:
    """A place that several processes cannot share is refused."""
    db = apsw.Connection(":memory:")
    with pytest.raises(ArchiveError, match="cannot be shared"):
        use_write_ahead_log(db)
    db.close()


def test_unsafe_sqlite() -> None:
    """A version of SQLite that can lose what was committed is never used."""
    require_safe_sqlite("3.51.3")
    require_safe_sqlite("4.0.0")
    with pytest.raises(RuntimeError, match=r"3\.51\.2 can lose"):
        require_safe_sqlite("3.51.2")


def test_transaction(path: Path) -> None:
    """A transaction that fails leaves nothing, and the connection usable."""
    db = open_writer(path)
    with pytest.raises(apsw.SQLError), transaction(db):
        fetch(db, "CREATE TABLE t (a); INSERT INTO nowhere VALUES (1)")
    with transaction(db):
        db.execute("CREATE TABLE u (a)")

    assert fetch(db, "SELECT name FROM sqlite_schema") == [("u",)]
    db.close()


def test_reader_writes_nothing(archive: Archive, reader: Reader) -> None:
    """A reader cannot change the archive."""
    with pytest.raises(apsw.ReadOnlyError):
        reader._db.execute("DELETE FROM message")


def test_no_archive_yet(path: Path) -> None:
    """Reading where nothing was ever received says so, and makes no file."""
    with pytest.raises(ArchiveError, match="nothing was received"):
        Reader(path)

    assert not path.exists()


def test_directory_in_the_way(tmp_path: Path) -> None:
    """An archive that cannot be opened is an error that says so."""
    (tmp_path / "file").touch()

    with pytest.raises(ArchiveUnwritable, match="cannot be written"):
        Archive(tmp_path)
    with pytest.raises(ArchiveUnwritable, match="cannot be written"):
        Archive(tmp_path / "file" / "archive.sqlite3")


@pytest.mark.skipif(sys.platform == "win32", reason="modes mean little there")
@pytest.mark.parametrize("there", [False, True])
def test_read_only_directory(tmp_path_factory: pytest.TempPathFactory, *, there: bool) -> None:
    """A place where one may not write is told as such, with or without an archive in it."""
    directory = tmp_path_factory.mktemp("readonly")
    path = directory / "archive.sqlite3"
    if there:
        Archive(path).close()
        path.chmod(0o444)
    openable = [directory, *directory.parents[:2]]
    before = [mode(each) for each in openable]
    for each in openable[1:]:
        each.chmod(0o755)
    directory.chmod(0o555)
    try:
        told = subprocess.run(
            [sys.executable, "-c", ANYONE, str(path)],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
            cwd=Path(__file__).parents[3],
        ).stdout
    finally:
        for each, was in zip(openable, before, strict=True):
            each.chmod(was)

    assert "cannot be written" in told
    assert "unharmed" in told
