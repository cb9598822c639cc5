"""The paths of forward URLs, which stay valid permanently."""

import json
import logging
import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from ibconsole.clock import now_ms
from ibconsole.files import FileLock
from ibconsole.listener.listener import Owner
from ibconsole.services.intake.forward_paths import ForwardPaths, ForwardPathsError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "listener.json"


def test_a_path_is_unguessable_private_and_permanent(file: Path) -> None:
    """Each connection has an unguessable path of its own, the same in every process."""
    paths = ForwardPaths(file)
    created = [paths.path_of(connection) for connection in ("a", "b", None)]

    again = ForwardPaths(file)
    assert [again.path_of(connection) for connection in ("a", "b", None)] == created
    assert len(set(created)) == 3
    assert all(len(path.removeprefix("/inbound/")) >= 16 for path in created)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_paths_of_other_processes_are_known_at_once(file: Path) -> None:
    """A path identifies its connection, whichever process created it."""
    paths, others = ForwardPaths(file), ForwardPaths(file)
    mine = paths.path_of("a")
    assert paths.owner_of(mine) == Owner("a")

    theirs, unowned = others.path_of("b"), others.path_of(None)
    assert paths.owner_of(theirs) == Owner("b")
    assert paths.owner_of(unowned) == Owner(None)
    assert paths.owner_of("/inbound/guessed") is None


def test_all_paths_are_known(file: Path) -> None:
    """What must not be shown to others can be listed, ended borrowed routes included."""
    paths = ForwardPaths(file)
    created = {paths.path_of("a"), paths.path_of(None)}
    paths.lease_path("/inbound/leased", "a", until=now_ms())

    assert ForwardPaths(file).all_paths() == {*created, "/inbound/leased"}


def test_other_spellings_of_a_path_are_the_path(file: Path) -> None:
    """A slash at the end, doubled slashes and needless escapes name the same connection."""
    paths = ForwardPaths(file)
    mine = paths.path_of("a")
    token = mine.rpartition("/")[2]

    for spelling in (
        f"{mine}/",
        f"/{mine}",
        f"/inbound//{token}",
        f"/%69nbound/%{ord(token[0]):x}",
    ):
        rest = token[1:] if "%69" in spelling else ""
        assert paths.owner_of(spelling + rest) == Owner("a")
    assert paths.owner_of(f"{mine}/x") is None
    paths.remove("a")
    assert paths.owner_of(f"{mine}/") is None


def test_a_removed_path_is_unknown(file: Path) -> None:
    """A removed path is unknown to every process after `max_age`; a new one differs from it."""
    paths, others = ForwardPaths(file), ForwardPaths(file, max_age=0)
    mine, theirs = paths.path_of("a"), paths.path_of("b")
    assert others.owner_of(mine) == Owner("a")

    paths.remove("a")
    paths.remove("never there")

    assert others.owner_of(mine) is None
    assert others.owner_of(theirs) == Owner("b")
    assert others.path_of("a") != mine


def test_the_only_path_of_older_versions_is_that_of_no_connection(file: Path) -> None:
    """The single forward URL of older versions stays valid."""
    file.parent.mkdir()
    file.write_text('{"path": "/inbound/old"}')
    paths = ForwardPaths(file)

    assert paths.path_of("a") != "/inbound/old"
    paths.remove("a")

    assert paths.owner_of("/inbound/old") == Owner(None)
    assert paths.path_of(None) == "/inbound/old"
    assert json.loads(file.read_text())["path"] == "/inbound/old"


def test_fields_of_a_newer_version_stay(file: Path) -> None:
    """An older program removes no field that it does not know."""
    file.parent.mkdir()
    file.write_text('{"path": "/old", "more": [1]}')

    ForwardPaths(file).path_of("a")

    assert json.loads(file.read_text())["more"] == [1]


@pytest.mark.parametrize(
    "damaged",
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
def test_a_damaged_file_is_moved_aside(
    file: Path, damaged: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A damaged file is kept under another name, with a warning, and the listener can start."""
    file.parent.mkdir()
    file.write_bytes(damaged)

    with caplog.at_level(logging.WARNING):
        assert ForwardPaths(file).path_of("b").startswith("/inbound/")

    [aside] = file.parent.glob("listener.json.broken-*")
    assert aside.read_bytes() == damaged
    assert aside.name in caplog.text
    caplog.clear()


def test_one_damaged_path_leaves_the_others_valid(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The paths of a damaged file that can be understood stay valid."""
    file.parent.mkdir()
    file.write_text('{"path": "/old", "connections": {"a": 1, "b": "/b"}}')
    paths = ForwardPaths(file)

    assert paths.path_of("a").startswith("/inbound/")
    assert (paths.path_of("b"), paths.path_of(None)) == ("/b", "/old")
    caplog.clear()


def test_known_paths_survive_the_loss_of_the_file(file: Path) -> None:
    """While the file is missing, the paths that were known stay known."""
    paths = ForwardPaths(file)
    mine = paths.path_of("a")
    file.unlink()

    assert paths.owner_of(mine) == Owner("a")


def test_an_unreadable_file_is_not_replaced(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file that cannot be read is left as it is, and that is logged once."""
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


def test_a_path_that_cannot_be_saved_is_not_returned(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forward URL is only shown if it will stay valid."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ForwardPathsError, match="No space left"):
        ForwardPaths(file).path_of("a")
    assert not file.exists()


def test_the_wait_for_the_lock_ends(file: Path) -> None:
    """A process that holds the lock for too long causes an error, not a hang."""
    lock = FileLock(file.with_suffix(".lock"))
    assert lock.acquire()

    with pytest.raises(ForwardPathsError, match="Another ibconsole"):
        ForwardPaths(file, lock_timeout=0.05).path_of("a")
    lock.release()


def _create(file: Path, number: int) -> None:
    for count in range(10):
        ForwardPaths(file).path_of(f"{number}-{count}")
        ForwardPaths(file).path_of("shared")


@pytest.mark.slow
def test_processes_do_not_undo_one_another(file: Path) -> None:
    """Processes that create paths at once lose none, and create one for each connection."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_create, args=(file, number)) for number in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(30)

    assert len(json.loads(file.read_text())["connections"]) == 31


def test_paths_of_borrowed_routes_end_by_themselves(file: Path) -> None:
    """They are known to every process until then."""
    late = 0
    paths, others = ForwardPaths(file), ForwardPaths(file, clock=lambda: now_ms() + late)
    mine = paths.path_of("a")
    paths.lease_path("/inbound/lease-1", "a")
    paths.lease_path("/inbound/lease-2", "b", now_ms() + 60_000)
    assert others.owner_of("/inbound/lease-1/") == Owner("a")
    assert others.owner_of("/inbound/lease-2") == Owner("b")

    late = 61_000
    assert others.owner_of("/inbound/lease-1") == Owner("a")
    assert others.owner_of("/inbound/lease-2") is None
    others.lease_path("/inbound/lease-3", "a")
    assert "lease-2" not in file.read_text()
    assert paths.owner_of(mine) == Owner("a")


def test_damaged_paths_of_borrowed_routes_cost_no_others(file: Path) -> None:
    paths = ForwardPaths(file)
    mine = paths.path_of("a")
    stored = json.loads(file.read_bytes())
    for damaged in (7, {"no path": {"connection": "a"}, "/ok": {"connection": "b"}, "/x": 7}):
        file.write_text(json.dumps({**stored, "leases": damaged}))
        assert ForwardPaths(file).owner_of(mine) == Owner("a")
    assert ForwardPaths(file).owner_of("/ok") == Owner("b")
    assert ForwardPaths(file).owner_of("/x") is None
