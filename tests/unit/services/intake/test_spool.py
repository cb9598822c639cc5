"""Pieces of an answer reach the disk in order, whatever the disk does meanwhile."""

from pathlib import Path

import pytest

from ibconsole.archive.errors import ArchiveUnwritable
from ibconsole.services.intake import spool as spooling
from ibconsole.services.intake.spill_file import SpilledPull, SpillFile, read_rescued
from ibconsole.services.intake.spool import NotStored, Spool

PIECES = [b"one ", b"two ", b"three ", b"four"]


class Moody:
    """A disk that refuses at these calls."""

    def __init__(self, *refused: int) -> None:
        self._refused = refused
        self._calls = 0
        self.body = b""

    async def append_body(self, delivery: int, data: bytes) -> None:
        self._calls += 1
        if self._calls in self._refused:
            raise ArchiveUnwritable("The disk is full.")
        self.body += data

    async def partial_body(self, delivery: int) -> bytes:
        return self.body


def rescue(directory: Path) -> SpillFile:
    return SpillFile(SpilledPull(None, "https://x", None, 1), (directory,))


def files(directory: Path) -> list[Path]:
    return list(directory.iterdir())


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "_PAUSE", 0.0)


@pytest.mark.parametrize("refused", [(), (1,), (2,), (4,), (2, 3, 4), (1, 2, 3, 5, 7)])
async def test_order_is_kept(tmp_path: Path, refused: tuple[int, ...]) -> None:
    """Whenever the disk refuses and for how long, the body is whole in the end."""
    disk, told = Moody(*refused), list[str]()
    spool = Spool(disk, 1, rescue(tmp_path), told.append)
    for piece in PIECES:
        await spool.take(piece)
    await spool.settle()

    assert disk.body == b"".join(PIECES)
    assert bool(told) == bool(refused)
    assert files(tmp_path) == []


async def test_a_disk_that_takes_nothing_more(tmp_path: Path) -> None:
    """What arrived is named in a file of its own, the beginning on the full disk included."""
    spool = Spool(Moody(*range(2, 99)), 1, rescue(tmp_path), lambda _: None, patience=0.0)
    for piece in PIECES:
        await spool.take(piece)

    [kept] = files(tmp_path)
    with pytest.raises(NotStored, match=kept.name):
        await spool.settle()
    assert read_rescued(kept)[1] == b"".join(PIECES)


async def test_no_disk_takes_anything(tmp_path: Path) -> None:
    """That something is lost is said, and only where it is."""
    spool = Spool(Moody(*range(2, 99)), 1, rescue(tmp_path / "no"), lambda _: None, patience=0.0)
    for piece in PIECES:
        await spool.take(piece)

    with pytest.raises(NotStored, match="what was not on disk yet is lost"):
        await spool.settle()


async def test_there_is_an_end_to_what_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer without end does not fill the memory."""
    monkeypatch.setattr(spooling, "_HELD_MOST", 8)
    spool = Spool(Moody(1, 2, 3), 1, rescue(tmp_path), lambda _: None)
    await spool.take(PIECES[0])

    with pytest.raises(NotStored, match="The rest of the answer was not received"):
        await spool.take(PIECES[2])
    [kept] = files(tmp_path)
    assert read_rescued(kept)[1] == PIECES[0] + PIECES[2]
