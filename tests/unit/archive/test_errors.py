"""Failures of the archive are sentences for the user; bugs are not."""

from pathlib import Path

import apsw
import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.connection import open_writer
from ibconsole.archive.errors import ArchiveError, ArchiveUnwritable, translated
from ibconsole.archive.reader import Reader
from ibconsole.errors import UserError
from tests.unit.archive.deliveries import arrival


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (apsw.FullError("x"), "the disk is full"),
        (apsw.ReadOnlyError("x"), "it is read-only"),
        (apsw.PermissionsError("x"), "access is denied"),
        (apsw.CantOpenError("x"), "it cannot be opened"),
        (apsw.BusyError("x"), "another program"),
        (apsw.LockedError("x"), "another program"),
        (apsw.ProtocolError("x"), "locks do not work"),
        (apsw.IOError("x"), "the disk reported an error"),
        (OSError(28, "No space left on device"), "No space left on device"),
    ],
)
def test_unwritable(cause: Exception, words: str) -> None:
    """Each failure of a disk is a sentence that also says what is unharmed."""
    with pytest.raises(ArchiveUnwritable, match=words) as caught, translated(Path("a.sqlite3")):
        raise cause

    assert "a.sqlite3 cannot be written" in str(caught.value)
    assert "unharmed" in str(caught.value)


def test_bugs_stay_bugs() -> None:
    """A bug, such as invalid SQL, is not reported as a failure of the disk."""
    with pytest.raises(apsw.SQLError) as caught, translated(Path("a")):
        raise apsw.SQLError("no such table")

    assert not isinstance(caught.value, UserError)


@pytest.mark.parametrize("opener", [Archive, Reader])
def test_no_database(tmp_path: Path, opener: type[Archive] | type[Reader]) -> None:
    """A file that is not an archive is refused and left unchanged."""
    path = tmp_path / "archive.sqlite3"
    path.write_bytes(b"These are the voyages. " * 500)

    with pytest.raises(ArchiveError, match="damaged, or is no archive"):
        opener(path)

    assert path.read_bytes() == b"These are the voyages. " * 500


def test_held_by_another(path: Path, archive: Archive) -> None:
    """An archive that another program keeps locked is an error, not a hang."""
    other = open_writer(path)
    other.execute("BEGIN IMMEDIATE")
    archive._db.set_busy_timeout(1)

    with pytest.raises(ArchiveUnwritable, match="another program has held it"):
        archive.add_forwards([arrival(b"x")])

    other.execute("ROLLBACK")
    other.close()
    assert archive.add_forwards([arrival(b"x")]) == [1]
