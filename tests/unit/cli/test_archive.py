"""The commands that look after the archive."""

from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.records import Progress
from ibconsole.cli.archive import _Told
from tests.unit.archive.test_verifying import spoil
from tests.unit.cli.conftest import Command


def data(tmp_path: Path) -> Path:
    return tmp_path / "data" / "archive.sqlite3"


def test_verify(on_account: Command, ibconsole: Command, tmp_path: Path) -> None:
    """Exit code 0 and a sentence where all is well; 1, what it means and what to do if not."""
    on_account("pull", "--yes")

    well = ibconsole("archive", "verify")
    assert (well.code, well.err) == (0, "")
    assert "The archive is undamaged: 1 delivery and 7 messages were looked at" in well.out

    with Archive(data(tmp_path)) as archive:
        spoil(archive, "UPDATE content SET body = x'31'")
    ill = ibconsole("archive", "verify", "--json")
    assert ill.code == 1
    assert (ill.json["deliveries"]["damaged"], ill.json["damages"][0]["delivery"]) == (1, 1)
    assert "copy the whole data directory" in ill.err


def test_nothing_to_verify(ibconsole: Command) -> None:
    """Where there is no archive none is made up."""
    ended = ibconsole("archive", "verify")

    assert (ended.code, ended.out) == (1, "")
    assert "There is no archive at" in ended.err


def test_backup(on_account: Command, ibconsole: Command, tmp_path: Path) -> None:
    """A backup is made once, verifies like the archive, and no file is written over."""
    on_account("pull", "--yes")
    target = tmp_path / "copy.sqlite3"

    made = ibconsole("archive", "backup", str(target), "--json")
    assert made.code == 0
    assert made.json["file"] == str(target)
    assert f"The backup is {target}." in made.err
    assert ibconsole("archive", "verify", str(target)).code == 0

    again = ibconsole("archive", "backup", str(target))
    assert again.code == 1
    assert "exists already" in again.err


def test_redecode(on_account: Command, ibconsole: Command, tmp_path: Path) -> None:
    """All messages are brought up to date, once somebody has agreed."""
    on_account("pull", "--yes")
    right = ibconsole("messages", "list", "--json").out
    with Archive(data(tmp_path)) as archive:
        spoil(archive, "UPDATE message SET text = ''")

    asked = ibconsole("messages", "redecode")
    assert asked.code == 2
    assert "add --yes" in asked.err
    done = ibconsole("messages", "redecode", "--yes", "--json")
    assert done.code == 0
    assert done.json["deliveries"] == 1
    assert "1 body read again" in done.err
    assert ibconsole("messages", "list", "--json").out == right


def test_progress(capfd: pytest.CaptureFixture[str]) -> None:
    """A terminal is told each tenth once; a pipe is told nothing."""
    for shown in (True, False):
        told = _Told(shown=shown)
        for done in (0, 1, 10, 11, 19, 20):
            told(Progress("Copying", done, 100))
        told(Progress("Looking"))
        written = capfd.readouterr().err
        expected = "Copying…\nCopying… 10 %\nCopying… 20 %\nLooking…\n"
        assert written == (expected if shown else "")
