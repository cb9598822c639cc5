"""The next process completes what a crash interrupted; disk space is reserved for a pull."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import ArchiveUnwritable
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import RecoveryResult, Via
from ibconsole.archive.recovery import DiskReserve
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.archive.processes import process, read_words

BODY = batch({"messageId": "1"}, {"messageId": "2"})
MB = 1 << 20
LARGE_BODY = batch(*({"messageId": str(number), "text": "x" * 1000} for number in range(3000)))

ASKED = """
archive = Archive(path)
say(archive.begin_pull(connection="c", base_url="https://x", limit=5))
sys.stdin.readline()
"""
HALF = """
archive = Archive(path)
delivery = archive.begin_pull(connection="c", base_url="https://x", limit=5)
archive.append_answer(delivery, b'{"results":[{"messageId":"1"},')
archive.append_answer(delivery, b'{"messageId":"2"},{"mess')
say(delivery)
sys.stdin.readline()
"""
UNDECODED = """
archive = Archive(path)
delivery = archive.begin_pull(connection="c", base_url="https://x", limit=5)
archive.append_answer(delivery, batch({"messageId": "1"}))
archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
archive.add_forwards([arrival(batch({"messageId": "2"}))])
say(delivery)
sys.stdin.readline()
"""


def killed(script: str, path: Path) -> int:
    """Run the script, kill it, and return the delivery that it printed."""
    with process(script, path) as child:
        return int(read_words(child)[0])


def test_killed_before_the_answer(path: Path) -> None:
    """A pull that was interrupted before its answer is kept, with what may have been lost."""
    delivery = killed(ASKED, path)
    with Archive(path) as archive:
        recovery = archive.recover()

        [interrupted] = recovery.interrupted
        assert recovery.messages == 0
        assert (interrupted.id, interrupted.state) == (delivery, "decoded")
        assert (interrupted.interrupted, interrupted.complete) == (True, False)
        assert "before any of the answer arrived" in interrupted.problem
        assert archive.recover() == RecoveryResult((), 0)


def test_killed_while_the_answer_arrived(path: Path) -> None:
    """Every whole message of a partial answer is recovered; all of its bytes are kept."""
    delivery = killed(HALF, path)
    with Archive(path) as archive, Reader(path) as reader:
        recovery = archive.recover()

        [interrupted] = recovery.interrupted
        assert recovery.messages == 2
        assert (interrupted.id, interrupted.message_count) == (delivery, 2)
        assert interrupted.problem == (
            "The program ended while the answer arrived; its first 54 bytes are kept. The body"
            " was cut: 2 messages were recovered, how many the server announced is not known."
        )
        assert reader.delivery_body(delivery).endswith(b'{"mess')


def test_killed_before_decoding(path: Path) -> None:
    """A forward that was not decoded yet is decoded; it does not count as interrupted."""
    killed(UNDECODED, path)
    with Archive(path) as archive:
        assert archive.recover() == RecoveryResult((), 1)
        assert archive.recover() == RecoveryResult((), 0)


def test_running_process(path: Path) -> None:
    """A pull of a process that is running is not recovered, and that process can finish it."""
    with Archive(path) as busy, Archive(path) as other, Reader(path) as reader:
        delivery = busy.begin_pull(connection=None, base_url="https://x", limit=None)
        busy.append_answer(delivery, BODY[:30])
        [forward] = busy.add_forwards([arrival(BODY)])

        assert other.recover() == RecoveryResult((), 0)

        assert [each.state for each in reader.deliveries([delivery, forward])] == [
            "asking",
            "received",
        ]
        busy.append_answer(delivery, BODY[30:])
        busy.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
        assert [len(each.message_ids) for each in busy.decode([delivery, forward])] == [2, 2]


def test_a_process_that_ends_later(path: Path) -> None:
    """A running process takes over what another one leaves, and nothing of its own is decoded."""
    with Archive(path) as archive, Reader(path) as reader:
        [own] = archive.add_forwards([arrival(BODY)])
        assert archive.take_over() == RecoveryResult((), 0)
        delivery = killed(HALF, path)

        recovery = archive.take_over()

        assert [one.id for one in recovery.interrupted] == [delivery]
        assert recovery.messages == 2
        forward = reader.delivery(own)
        assert forward
        assert forward.state == "received"


def test_own_deliveries(path: Path) -> None:
    """Recovery decodes what this process has received, and does not affect its running pull."""
    with Archive(path) as archive, Reader(path) as reader:
        running = archive.begin_pull(connection=None, base_url="https://x", limit=None)
        archive.add_forwards([arrival(BODY)])

        assert archive.recover() == RecoveryResult((), 2)
        asking = reader.delivery(running)
        assert asking
        assert asking.state == "asking"


def test_closed_during_a_pull(path: Path) -> None:
    """A pull that was running when its archive was closed counts as interrupted."""
    with Archive(path) as closed:
        closed.begin_pull(connection=None, base_url="https://x", limit=None)
    with Archive(path) as archive:
        assert len(archive.recover().interrupted) == 1


def test_stale_locks(path: Path) -> None:
    """Lock files of dead writers are removed, and other locks in the directory are not."""
    killed(ASKED, path)
    locks = path.parent / "locks"
    foreign = locks / "pull-5f0c.lock"
    foreign.touch()
    with Archive(path) as archive:
        assert len(list(locks.glob("*.lock"))) == 3
        archive.recover()

        left = {lock.name for lock in locks.iterdir()}
        assert len(left) == 2
        assert foreign.name in left


def test_many_undecoded(path: Path) -> None:
    """All deliveries are decoded, however many are waiting."""
    with Archive(path) as closed:
        closed.add_forwards([arrival(BODY)] * 150)
    with Archive(path) as archive:
        assert archive.recover() == RecoveryResult((), 300)


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
    small = LARGE_BODY[:200_000]
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
