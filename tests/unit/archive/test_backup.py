"""Backups: complete and verified, or no file with the target's name."""

import os
import stat
import sys
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.backup import BackupDamaged, back_up
from ibconsole.archive.errors import ArchiveError, ArchiveUnwritable, JobCancelled
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import DeliveryCondition, Filter, Progress
from tests.unit.archive.deliveries import BODY, arrival, batch, check_progress, pull, tamper
from tests.unit.archive.processes import process, read_words

WRITER = """
with Archive(path) as archive:
    for number in range(100_000):
        delivery = archive.begin_pull(connection=None, base_url="https://x", limit=None)
        body = batch({"messageId": f"{number}", "text": "x" * 20_000})
        archive.append_answer(delivery, body[:10_000])
        archive.append_answer(delivery, body[10_000:])
        archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
        archive.decode(archive.add_forwards([arrival(batch({"text": "f"}))]))
        say(number)
"""


@pytest.mark.slow
def test_a_backup_while_a_writer_writes(path: Path, tmp_path: Path) -> None:
    """The copy is complete, of one instant, and an archive of its own; the writer never waits."""
    target = tmp_path / "backup.sqlite3"
    with process(WRITER, path) as writer:
        while int(read_words(writer)[0]) < 50:
            pass
        with Reader(path) as reader:
            before = reader.counts().newest_delivery
        written = 0

        def report(progress: Progress) -> None:
            nonlocal written
            if progress.stage == "Copying":
                written = int(read_words(writer)[0])  # the writer continues during the copy

        found = back_up(path, target, report)
        assert written > 50
        assert int(read_words(writer)[0]) > 50

    assert found.damaged == 0
    assert sum(found.deliveries.values()) >= before
    with Archive(target) as archive, Reader(target) as reader:
        archive.recover()
        verification = reader.verify(check_progress)
        assert verification.damaged == 0
        assert verification.deliveries[DeliveryCondition.UNDER_WAY] == 0
        assert len(reader.find(Filter())) == reader.counts().messages >= 100
        pull(archive, BODY)


def test_a_backup_is_one_private_file(archive: Archive, path: Path, tmp_path: Path) -> None:
    """A backup is one file that only its owner may read, without companions."""
    pull(archive, BODY)
    directory = tmp_path / "backups"
    directory.mkdir()

    back_up(path, directory / "one.sqlite3", check_progress)

    assert [each.name for each in directory.iterdir()] == ["one.sqlite3"]
    if sys.platform != "win32":
        assert stat.S_IMODE((directory / "one.sqlite3").stat().st_mode) == 0o600


def test_an_existing_file_is_left_alone(archive: Archive, path: Path, tmp_path: Path) -> None:
    """A backup never replaces a file that exists, nor the archive itself."""
    target = tmp_path / "mine.txt"
    target.write_bytes(b"mine")
    for there in (target, path):
        with pytest.raises(ArchiveError, match="exists already"):
            back_up(path, there, check_progress)

    def appear(progress: Progress) -> None:
        (tmp_path / "late.sqlite3").write_bytes(b"another program's")

    with pytest.raises(ArchiveError, match="exists already"):
        back_up(path, tmp_path / "late.sqlite3", appear)

    assert target.read_bytes() == b"mine"
    assert (tmp_path / "late.sqlite3").read_bytes() == b"another program's"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["data", "late.sqlite3", "mine.txt"]


@pytest.mark.parametrize("stage", ["Copying", "Looking at what was received"])
def test_cancelling(archive: Archive, path: Path, tmp_path: Path, stage: str) -> None:
    """A cancelled backup leaves no file, and the archive unharmed."""
    pull(archive, BODY)

    def cancel(progress: Progress) -> None:
        if progress.stage == stage:
            raise JobCancelled("enough")

    with pytest.raises(JobCancelled):
        back_up(path, tmp_path / "backup.sqlite3", cancel)

    assert [each.name for each in tmp_path.iterdir()] == ["data"]
    pull(archive, BODY)


def test_nowhere_to_write(archive: Archive, path: Path, tmp_path: Path) -> None:
    """A directory that does not exist is an error; it is not created."""
    with pytest.raises(ArchiveUnwritable, match="cannot be written"):
        back_up(path, tmp_path / "absent" / "backup.sqlite3", check_progress)
    with pytest.raises(ArchiveError, match="no archive"):
        back_up(tmp_path / "absent", tmp_path / "backup.sqlite3", check_progress)

    assert [each.name for each in tmp_path.iterdir()] == ["data"]


def test_a_damaged_copy(archive: Archive, path: Path, tmp_path: Path) -> None:
    """A damaged copy is kept under a name that does not look like a backup."""
    pull(archive, BODY)
    tamper(archive, "UPDATE chunk SET bytes = x'31'")

    with pytest.raises(BackupDamaged, match=r"SHA-256 differs.*backup\.sqlite3\.damaged"):
        back_up(path, tmp_path / "backup.sqlite3", check_progress)

    assert sorted(each.name for each in tmp_path.iterdir()) == ["backup.sqlite3.damaged", "data"]


def test_file_systems_without_links(
    archive: Archive, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On file systems without hard links the backup gets its name nevertheless."""

    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    back_up(path, tmp_path / "backup.sqlite3", check_progress)

    assert sorted(each.name for each in tmp_path.iterdir()) == ["backup.sqlite3", "data"]


KILLED = """
from ibconsole.archive import back_up
def report(progress):
    say(progress.stage, progress.done)
    if progress.done:
        sys.stdin.readline()
back_up(path, path.parent / "backup.sqlite3", report)
"""


@pytest.mark.slow
def test_killed_in_the_middle(archive: Archive, path: Path) -> None:
    """A killed backup leaves no file with the target's name."""
    for _ in range(40):
        archive.decode(archive.add_forwards([arrival(batch({"text": "x" * 100_000}))]))
    with process(KILLED, path) as child:
        assert read_words(child)[0] == "Copying"
        child.kill()

    assert not (path.parent / "backup.sqlite3").exists()
    with Reader(path) as reader:
        assert reader.verify(check_progress).damaged == 0
