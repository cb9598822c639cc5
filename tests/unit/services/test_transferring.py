"""Exporting and importing beside a window that stays alive."""

from pathlib import Path

import pytest

from ibconsole.archive import Archive, ArchiveError, Progress
from ibconsole.services import Transfers, Wish
from tests.unit.archive.processes import arrival, batch


async def test_out_and_in(tmp_path: Path) -> None:
    """What one archive exports another takes in, and both tell how far they are."""
    here, there = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    with Archive(here) as archive:
        archive.decode(archive.add_forwards([arrival(batch({"messageId": "1"}))]))
    told = list[Progress]()

    exported = await Transfers(here).export(tmp_path / "file", Wish(revealed=True), told.append)
    outcome = await Transfers(there).take(tmp_path / "file", told.append)

    assert exported.messages == outcome.taken.messages == 1
    assert {progress.stage for progress in told} == {"Exporting", "Importing"}


async def test_failures_are_sentences(tmp_path: Path) -> None:
    """What goes wrong in the thread is raised where it was asked for."""
    with pytest.raises(ArchiveError, match="no archive"):
        await Transfers(tmp_path / "none").export(tmp_path / "file", Wish(), lambda _: None)
    assert not (tmp_path / "file").exists()
