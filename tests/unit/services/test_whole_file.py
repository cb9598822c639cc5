"""Files that are whole at any instant, and are written by one process at a time."""

import os
import stat
from pathlib import Path

import pytest

from ibconsole.services.whole_file import alone_with, write_whole


def test_a_file_is_private_and_whole(tmp_path: Path) -> None:
    """What is written is there, for its owner alone, and no draft beside it."""
    path = tmp_path / "deep" / "file.json"
    write_whole(path, b"one")
    write_whole(path, b"two")

    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["file.json"]


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk costs what was to be written, not what was there."""
    path = tmp_path / "file.json"
    write_whole(path, b"one")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"two")

    assert path.read_bytes() == b"one"
    assert [one.name for one in tmp_path.iterdir()] == ["file.json"]


def test_one_at_a_time(tmp_path: Path) -> None:
    """Who has to wait for too long is told; afterwards the file is free again."""
    path = tmp_path / "file.json"
    with alone_with(path, 1), pytest.raises(TimeoutError), alone_with(path, 0.01):
        raise AssertionError

    with alone_with(path, 0):
        pass
