"""Pieces of an answer reach the archive in order, whatever the disk does meanwhile."""

from pathlib import Path

import pytest

from ibconsole.archive.errors import ArchiveUnwritable
from ibconsole.services.intake.spill_file import SpilledPull, SpillFile, read_spill_file
from ibconsole.services.intake.spool import NotStored, Spool, SpoolLimits

PIECES = [b"one ", b"two ", b"three ", b"four"]
AT_ONCE = SpoolLimits(retry_interval=0.0)
NEVER = SpoolLimits(timeout=0.0, retry_interval=0.0)


class FailingWriter:
    """An archive whose calls with these numbers fail."""

    def __init__(self, *failing: int) -> None:
        self._failing = failing
        self._calls = 0
        self.body = b""

    async def append_answer(self, delivery: int, data: bytes) -> None:
        self._calls += 1
        if self._calls in self._failing:
            raise ArchiveUnwritable("The disk is full.")
        self.body += data

    async def partial_answer(self, delivery: int) -> bytes:
        return self.body


def spill_file(directory: Path) -> SpillFile:
    return SpillFile(SpilledPull(None, "https://x", None, 1), (directory,))


def files(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def ignore(_: str) -> None:
    """Ignore a sentence."""


@pytest.mark.parametrize("failing", [(), (1,), (2,), (4,), (2, 3, 4), (1, 2, 3, 5, 7)])
async def test_the_order_is_kept(tmp_path: Path, failing: tuple[int, ...]) -> None:
    """The body is complete in the end, whenever and for how long the disk fails."""
    writer, delays = FailingWriter(*failing), list[str]()
    spool = Spool(writer, 1, spill_file(tmp_path), delays.append, limits=AT_ONCE)
    for piece in PIECES:
        await spool.append(piece)
    await spool.flush()

    assert writer.body == b"".join(PIECES)
    assert bool(delays) == bool(failing)
    assert files(tmp_path) == []


async def test_a_disk_that_stays_full(tmp_path: Path) -> None:
    """The error names a spill file that holds the whole answer, its stored beginning included."""
    spool = Spool(FailingWriter(*range(2, 99)), 1, spill_file(tmp_path), ignore, limits=NEVER)
    for piece in PIECES:
        await spool.append(piece)

    [kept] = files(tmp_path)
    with pytest.raises(NotStored, match=kept.name):
        await spool.flush()
    assert read_spill_file(kept)[1] == b"".join(PIECES)


async def test_no_writable_disk(tmp_path: Path) -> None:
    """The error says that data is lost if no directory is writable."""
    nowhere = spill_file(tmp_path / "missing")
    spool = Spool(FailingWriter(*range(2, 99)), 1, nowhere, ignore, limits=NEVER)
    for piece in PIECES:
        await spool.append(piece)

    with pytest.raises(NotStored, match="what was not on disk yet is lost"):
        await spool.flush()


async def test_the_buffer_is_limited(tmp_path: Path) -> None:
    """A very long answer does not fill the memory; what arrived of it is in the spill file."""
    limits = SpoolLimits(retry_interval=0.0, buffered_bytes=8)
    spool = Spool(FailingWriter(1, 2, 3), 1, spill_file(tmp_path), ignore, limits=limits)
    await spool.append(PIECES[0])

    with pytest.raises(NotStored, match="The rest of the answer was not received"):
        await spool.append(PIECES[2])
    [kept] = files(tmp_path)
    assert read_spill_file(kept)[1] == PIECES[0] + PIECES[2]
