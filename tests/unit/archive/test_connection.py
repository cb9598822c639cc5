"""Connections keep what is committed, and checkpoints lose none of it."""

import sys
from pathlib import Path

import apsw
import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.connection import (
    Checkpointer,
    fetch,
    open_reader,
    open_writer,
    require_safe_sqlite,
    snapshot,
    transaction,
    use_write_ahead_log,
)
from ibconsole.archive.errors import ArchiveError
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.archive.processes import process, read_words


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


def test_a_failed_transaction_leaves_no_trace(path: Path) -> None:
    """An error in the block undoes all of its writes, and the next transaction can begin."""
    db = open_writer(path)
    fetch(db, "CREATE TABLE one (value)")
    with pytest.raises(apsw.SQLError), transaction(db):
        fetch(db, "INSERT INTO one VALUES (1); INSERT INTO nowhere VALUES (1)")
    with transaction(db):
        fetch(db, "INSERT INTO one VALUES (2)")

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


def test_a_reader_cannot_write(archive: Archive, path: Path) -> None:
    """A connection for reading refuses every change."""
    db = open_reader(path)
    with pytest.raises(apsw.ReadOnlyError):
        fetch(db, "DELETE FROM delivery")
    db.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes.")
def test_files_are_private(path: Path) -> None:
    """The file and its companions can be read by their owner only, also if they existed."""
    Archive(path).close()
    path.chmod(0o644)
    with Archive(path) as archive:
        archive.add_forwards([arrival(b"x")])
        modes = {each.name: each.stat().st_mode & 0o777 for each in path.parent.glob("archive.*")}

    assert modes == dict.fromkeys(
        ["archive.sqlite3", "archive.sqlite3-wal", "archive.sqlite3-shm"], 0o600
    )


def test_unsafe_sqlite() -> None:
    """A version of SQLite that can lose commits of several processes is refused."""
    require_safe_sqlite("3.51.3")
    with pytest.raises(RuntimeError, match="install a newer apsw"):
        require_safe_sqlite("3.51.2")


def test_a_file_system_without_shared_memory() -> None:
    """Where a write-ahead log is not possible the archive is refused, with what to do."""
    db = apsw.Connection(":memory:")
    with pytest.raises(ArchiveError, match="keep the data directory on a local disk"):
        use_write_ahead_log(db)
    db.close()
