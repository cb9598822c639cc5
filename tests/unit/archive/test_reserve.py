"""Room on the disk for a batch that nobody can ask for again."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import ArchiveUnwritable
from ibconsole.archive.reader import Reader
from ibconsole.archive.reserve import Reserve
from tests.unit.archive.processes import batch, heard, process

MB = 1 << 20
BODY = batch(*({"messageId": str(number), "text": "x" * 1000} for number in range(3000)))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 12 MB of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("Only root may make a disk that is full.")
    yield disk
    subprocess.run(["/bin/umount", disk], check=True)


def fill(disk: Path) -> None:
    with (disk / "others").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(64 * 1024))
        except OSError:
            return


def test_space_is_held_and_given_back(tmp_path: Path) -> None:
    """The space is really taken, by nobody else to be read, and can be given back once."""
    reserve = Reserve(tmp_path / "new" / "reserve", MB)
    reserve.hold()
    reserve.hold()

    found = (tmp_path / "new" / "reserve").stat()
    assert (found.st_size, found.st_mode & 0o777) == (MB, 0o600)
    assert found.st_blocks * 512 >= MB
    assert reserve.release()
    assert not reserve.release()
    assert not any((tmp_path / "new").iterdir())


def test_no_room_for_the_reserve(small_disk: Path) -> None:
    """Where the space cannot be had that is said, and none is kept from others."""
    with pytest.raises(ArchiveUnwritable, match="No space left"):
        Reserve(small_disk / "reserve", 20 * MB).hold()

    assert not any(small_disk.iterdir())


def test_no_room_beside_the_reserve(small_disk: Path) -> None:
    """A disk that the reserve alone would fill is too small for a pull."""
    with pytest.raises(ArchiveUnwritable, match="nearly full: 4 MB are free, and a pull wants 8"):
        Reserve(small_disk / "reserve", 8 * MB).hold()


def test_no_pull_begins_without_room(small_disk: Path) -> None:
    """The intent is not even noted where what may come has no room."""
    path = small_disk / "archive.sqlite3"
    with Archive(path, reserved=8 * MB) as archive, Reader(path) as reader:
        with pytest.raises(ArchiveUnwritable, match="nearly full"):
            archive.begin_pull(connection=None, base_url="https://x.example", limit=None)

        assert list(reader.find_deliveries("pull")) == []


def test_the_disk_fills_up_in_the_middle(small_disk: Path) -> None:
    """A batch that is on its way when others fill the disk is stored whole all the same."""
    path = small_disk / "archive.sqlite3"
    small = BODY[:200_000]
    with Archive(path, reserved=5 * MB) as archive, Reader(path) as reader:
        delivery = archive.begin_pull(connection=None, base_url="https://x.example", limit=None)
        archive.append_body(delivery, small[:1000])
        fill(small_disk)
        for start in range(1000, len(small), 20_000):
            archive.append_body(delivery, small[start : start + 20_000])
        decoded = archive.finish_pull(
            delivery, status=200, headers=[], complete=False, problem="Cut."
        )

        assert reader.delivery_body(delivery) == small
        assert len(decoded.message_ids) > 150
        with pytest.raises(ArchiveUnwritable):
            archive.begin_pull(connection=None, base_url="https://x.example", limit=None)


KEPT = """
archive = Archive(path)
say(archive.begin_pull(connection="c", base_url="https://x", limit=5))
sys.stdin.readline()
"""


def test_the_reserve_of_the_dead_is_freed(tmp_path: Path) -> None:
    """Whoever opens the archive next frees what a killed process had kept."""
    path = tmp_path / "archive.sqlite3"
    with process(KEPT, path) as child:
        heard(child)
        assert list((tmp_path / "locks").glob("*.reserve"))
    with Archive(path) as archive:
        archive.recover()

        assert list((tmp_path / "locks").glob("*.reserve")) == []
