"""The spill file for an answer that the archive cannot store."""

from pathlib import Path

import pytest

from ibconsole.services.intake.spill_file import (
    InvalidSpillFile,
    SpilledPull,
    SpillFile,
    read_spill_file,
)

PULL = SpilledPull("3f1c", "https://x.example", 10, 1_700_000_000_000)


def test_a_round_trip(tmp_path: Path) -> None:
    """The pull and the bytes are read as they were written, line breaks included."""
    spill = SpillFile(PULL, (tmp_path,))
    spill.open(b'{"results":[\n')
    spill.write(b"\x00\xff\n]}")
    spill.close()

    assert spill.path
    assert spill.path.stat().st_mode & 0o777 == 0o600
    assert read_spill_file(spill.path) == (PULL, b'{"results":[\n\x00\xff\n]}')


def test_the_first_writable_directory(tmp_path: Path) -> None:
    """Directories that are not writable are skipped; having none is not an error."""
    (tmp_path / "a file").touch()
    spill = SpillFile(PULL, (tmp_path / "missing", tmp_path / "a file", tmp_path))
    spill.open(b"x")
    spill.close()
    nowhere = SpillFile(PULL, (tmp_path / "missing",))
    nowhere.open(b"x")
    nowhere.write(b"y")
    nowhere.close()

    assert spill.path
    assert spill.path.parent == tmp_path
    assert nowhere.path is None


def test_no_writable_directory() -> None:
    """A file that could not be created has no path."""
    spill = SpillFile(PULL, (Path("/dev/shm/none"),))  # noqa: S108 it does not exist
    spill.open(b"x")

    assert spill.path is None


def test_discard(tmp_path: Path) -> None:
    """A file whose contents reached the archive is removed."""
    spill = SpillFile(PULL, (tmp_path,))
    spill.open(b"x")
    spill.discard()
    spill.discard()

    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"{}", b"{}\n", b'{"is":1}\nx', b"\xff\xfe\n", b"[" * 9])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    """A file of another kind is refused."""
    path = tmp_path / "other"
    path.write_bytes(content)

    with pytest.raises(InvalidSpillFile, match="holds no rescued answer; nothing was stored"):
        read_spill_file(path)


def test_a_missing_file(tmp_path: Path) -> None:
    """A missing file is an error that says so."""
    with pytest.raises(InvalidSpillFile, match="cannot be read"):
        read_spill_file(tmp_path / "missing")
