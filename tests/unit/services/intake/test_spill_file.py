"""A file for an answer that the archive's disk does not take."""

from pathlib import Path

import pytest

from ibconsole.services.intake.spill_file import NoRescue, SpilledPull, SpillFile, read_rescued

FACTS = SpilledPull("3f1c", "https://x.example", 10, 1_700_000_000_000)


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    """Facts and bytes come back as they were, line breaks and all."""
    rescue = SpillFile(FACTS, (tmp_path,))
    rescue.open(b'{"results":[\n')
    rescue.write(b"\x00\xff\n]}")
    rescue.close()

    assert rescue.path
    assert rescue.path.stat().st_mode & 0o777 == 0o600
    assert read_rescued(rescue.path) == (FACTS, b'{"results":[\n\x00\xff\n]}')


def test_the_first_directory_that_takes_it(tmp_path: Path) -> None:
    """A directory that takes nothing is passed over; none at all is no error."""
    (tmp_path / "a file").touch()
    rescue = SpillFile(FACTS, (tmp_path / "missing", tmp_path / "a file", tmp_path))
    rescue.open(b"x")
    rescue.close()
    nowhere = SpillFile(FACTS, (tmp_path / "missing",))
    nowhere.open(b"x")
    nowhere.write(b"y")
    nowhere.close()

    assert rescue.path
    assert rescue.path.parent == tmp_path
    assert nowhere.path is None


def test_a_disk_that_fills_up_under_the_rescue() -> None:
    """A file that is not whole is none, and is not named."""
    rescue = SpillFile(FACTS, (Path("/dev/shm/none"),))  # noqa: S108 it is not there
    rescue.open(b"x")

    assert rescue.path is None


def test_it_goes_when_it_is_not_needed(tmp_path: Path) -> None:
    """What reached the archive after all does not lie about."""
    rescue = SpillFile(FACTS, (tmp_path,))
    rescue.open(b"x")
    rescue.discard()
    rescue.discard()

    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"{}", b"{}\n", b'{"is":1}\nx', b"\xff\xfe\n", b"[" * 9])
def test_other_files_are_not_taken_for_one(tmp_path: Path, content: bytes) -> None:
    """Nothing is stored of a file that is something else."""
    path = tmp_path / "other"
    path.write_bytes(content)

    with pytest.raises(NoRescue, match="holds no rescued answer; nothing was stored"):
        read_rescued(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """That is said."""
    with pytest.raises(NoRescue, match="cannot be read"):
        read_rescued(tmp_path / "missing")
