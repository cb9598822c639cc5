"""The paths of forward URLs, which must stay valid from day to day."""

import json
import logging
import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from ibconsole.files import FileLock
from ibconsole.listener.listener import Owner
from ibconsole.services.intake import forward_paths
from ibconsole.services.intake.forward_paths import ForwardPaths, ForwardPathsError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "listener.json"


def test_a_path_is_unguessable_private_and_kept(file: Path) -> None:
    """Each connection has its own, the same in every process; nobody guesses it."""
    paths = ForwardPaths(file)
    made = [paths.path_of(connection) for connection in ("a", "b", None)]

    again = ForwardPaths(file)
    assert [again.path_of(connection) for connection in ("a", "b", None)] == made
    assert len(set(made)) == 3
    assert all(len(path.removeprefix("/inbound/")) >= 16 for path in made)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_all_paths_are_known_at_once(file: Path) -> None:
    """A path says whose it is, whichever connection is at work and whoever made it."""
    paths, others = ForwardPaths(file), ForwardPaths(file)
    mine = paths.path_of("a")
    assert paths.owner_of(mine) == Owner("a")

    theirs, nobodys = others.path_of("b"), others.path_of(None)
    assert paths.owner_of(theirs) == Owner("b")
    assert paths.owner_of(nobodys) == Owner(None)
    assert paths.owner_of("/inbound/guessed") is None


def test_a_forgotten_path_is_a_strangers(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a connection goes its path, within a second in every process; a new one differs."""
    monkeypatch.setattr(forward_paths, "_LOOK", 0)
    paths, others = ForwardPaths(file), ForwardPaths(file)
    mine, theirs = paths.path_of("a"), paths.path_of("b")
    assert others.owner_of(mine) == Owner("a")

    paths.forget("a")
    paths.forget("never there")

    assert others.owner_of(mine) is None
    assert others.owner_of(theirs) == Owner("b")
    assert others.path_of("a") != mine


def test_the_only_path_of_older_versions_is_that_of_no_connection(file: Path) -> None:
    """Forward URLs that were set up before there was one per connection go on working."""
    file.parent.mkdir()
    file.write_text('{"path": "/inbound/old"}')
    paths = ForwardPaths(file)

    assert paths.path_of("a") != "/inbound/old"
    paths.forget("a")

    assert paths.owner_of("/inbound/old") == Owner(None)
    assert paths.path_of(None) == "/inbound/old"
    assert json.loads(file.read_text())["path"] == "/inbound/old"


def test_what_a_newer_version_wrote_stays(file: Path) -> None:
    """An older program takes nothing out of the file."""
    file.parent.mkdir()
    file.write_text('{"path": "/old", "more": [1]}')

    ForwardPaths(file).path_of("a")

    assert json.loads(file.read_text())["more"] == [1]


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"[]",
        b'{"path": 1}',
        b'{"path": "x"}',
        b"\xff",
        b'{"connections": []}',
        b'{"connections": {"a": "/with space"}}',
        b'{"path": "/question?mark"}',
    ],
)
def test_a_spoilt_file_is_set_aside(
    file: Path, spoilt: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be understood is kept under another name, and said; the listener can start."""
    file.parent.mkdir()
    file.write_bytes(spoilt)

    with caplog.at_level(logging.WARNING):
        assert ForwardPaths(file).path_of("b").startswith("/inbound/")

    [aside] = file.parent.glob("listener.json.broken-*")
    assert aside.read_bytes() == spoilt
    assert aside.name in caplog.text
    caplog.clear()


def test_one_spoilt_path_does_not_take_the_others_along(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What can still be understood of a spoilt file goes on working."""
    file.parent.mkdir()
    file.write_text('{"path": "/old", "connections": {"a": 1, "b": "/b"}}')
    paths = ForwardPaths(file)

    assert paths.path_of("a").startswith("/inbound/")
    assert (paths.path_of("b"), paths.path_of(None)) == ("/b", "/old")
    caplog.clear()


def test_a_listener_at_work_outlives_its_file(file: Path) -> None:
    """While the file is away, those paths are known that were before."""
    paths = ForwardPaths(file)
    mine = paths.path_of("a")
    file.unlink()

    assert paths.owner_of(mine) == Owner("a")


def test_a_file_that_cannot_be_read_is_no_empty_one(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is written in place of paths that are only out of reach, and that is said once."""
    paths = ForwardPaths(file)
    mine = paths.path_of("a")
    file.unlink()
    file.mkdir()

    with caplog.at_level(logging.ERROR):
        assert paths.owner_of(mine) == paths.owner_of(mine) == Owner("a")
    assert len(caplog.records) == 1
    caplog.clear()
    with pytest.raises(ForwardPathsError, match="left as they are"):
        ForwardPaths(file).path_of("b")


def test_a_path_that_cannot_be_kept_is_none(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forward URL is not handed out unless it will be valid tomorrow."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ForwardPathsError, match="No space left"):
        ForwardPaths(file).path_of("a")
    assert not file.exists()


def test_who_waits_too_long_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stuck process does not make every other one hang."""
    monkeypatch.setattr(forward_paths, "_PATIENCE", 0.05)
    lock = FileLock(file.with_suffix(".lock"))
    assert lock.take()

    with pytest.raises(ForwardPathsError, match="Another ibconsole"):
        ForwardPaths(file).path_of("a")
    lock.release()


def _make(file: Path, number: int) -> None:
    for count in range(10):
        ForwardPaths(file).path_of(f"{number}-{count}")
        ForwardPaths(file).path_of("shared")


def test_processes_do_not_undo_one_another(file: Path) -> None:
    """A window and a terminal may make paths at once; for one connection they make one."""
    context = multiprocessing.get_context("spawn")
    makers = [context.Process(target=_make, args=(file, number)) for number in range(3)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join(30)

    assert len(json.loads(file.read_text())["connections"]) == 31
