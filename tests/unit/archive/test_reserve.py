"""Disk space is reserved for a batch, which cannot be pulled a second time."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import ArchiveUnwritable
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Via
from ibconsole.archive.reserve import DiskReserve
from tests.unit.archive.deliveries import batch
from tests.unit.archive.processes import process, read_words

MB = 1 << 20
BODY = batch(*({"messageId": str(number), "text": "x" * 1000} for number in range(3000)))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("Only root may mount a small file system.")
    yield disk
    subprocess.run(["/bin/umount", disk], check=True)


def fill(disk: Path) -> None:
    with (disk / "others").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(64 * 1024))
        except OSError:
            return


def test_allocating_and_releasing(tmp_path: Path) -> None:
    """The space is allocated on the disk, in a private file, and released once."""
    reserve = DiskReserve(tmp_path / "new" / "reserve", MB)
    reserve.allocate()
    reserve.allocate()

    found = (tmp_path / "new" / "reserve").stat()
    assert (found.st_size, found.st_mode & 0o777) == (MB, 0o600)
    assert found.st_blocks * 512 >= MB
    assert reserve.release()
    assert not reserve.release()
    assert not any((tmp_path / "new").iterdir())


def test_no_space_for_the_reserve(small_disk: Path) -> None:
    """If the space cannot be allocated, that is an error, and none of it stays allocated."""
    with pytest.raises(ArchiveUnwritable, match="No space left"):
        DiskReserve(small_disk / "reserve", 20 * MB).allocate()

    assert not any(small_disk.iterdir())


def test_no_space_besides_the_reserve(small_disk: Path) -> None:
    """A disk that is full with the reserve is too small for a pull."""
    with pytest.raises(ArchiveUnwritable, match="nearly full: 4 MB are free, and a pull wants 8"):
        DiskReserve(small_disk / "reserve", 8 * MB).allocate()


def test_no_pull_begins_without_space(small_disk: Path) -> None:
    """A pull for whose answer there is no space is not stored as an intent."""
    path = small_disk / "archive.sqlite3"
    with Archive(path, reserved=8 * MB) as archive, Reader(path) as reader:
        with pytest.raises(ArchiveUnwritable, match="nearly full"):
            archive.begin_pull(connection=None, base_url="https://x.example", limit=None)

        assert list(reader.find_deliveries(Via.PULL)) == []


def test_the_disk_fills_up_during_a_pull(small_disk: Path) -> None:
    """If the disk fills up during a pull, its batch is stored completely nevertheless."""
    path = small_disk / "archive.sqlite3"
    small = BODY[:200_000]
    with Archive(path, reserved=5 * MB) as archive, Reader(path) as reader:
        delivery = archive.begin_pull(connection=None, base_url="https://x.example", limit=None)
        archive.append_answer(delivery, small[:1000])
        fill(small_disk)
        for start in range(1000, len(small), 20_000):
            archive.append_answer(delivery, small[start : start + 20_000])
        decoded = archive.finish_pull(
            delivery, status=200, headers=[], complete=False, problem="Cut."
        )

        assert reader.delivery_body(delivery) == small
        assert len(decoded.message_ids) > 150
        with pytest.raises(ArchiveUnwritable):
            archive.begin_pull(connection=None, base_url="https://x.example", limit=None)


PULLING = """
archive = Archive(path)
say(archive.begin_pull(connection="c", base_url="https://x", limit=5))
sys.stdin.readline()
"""


def test_the_reserve_of_a_dead_process(tmp_path: Path) -> None:
    """Recovery releases the space that a killed process reserved."""
    path = tmp_path / "archive.sqlite3"
    with process(PULLING, path) as child:
        read_words(child)
        assert list((tmp_path / "locks").glob("*.reserve"))
    with Archive(path) as archive:
        archive.recover()

        assert list((tmp_path / "locks").glob("*.reserve")) == []
