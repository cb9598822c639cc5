"""`ibconsole doctor` on real keyrings."""

from pathlib import Path

import pytest

from tests.keyrings import Session, needs_gnome_keyring
from tests.unit.cli.conftest import Command


@needs_gnome_keyring
def test_healthy(ibconsole: Command, bus: Session) -> None:
    """Exit code 0, the steps on stdout, the finding on stderr."""
    bus.unlock()

    ended = ibconsole("doctor")

    assert (ended.code, ended.err) == (0, "Secret Service keeps secrets as it should.\n")
    assert ended.out.count("\nok ") == 10
    for name in ("Directories", "Window", "Certificates", "Proxy", "Archive"):
        assert f"  {name}: " in ended.out
    assert ibconsole("doctor", "--json").json["healthy"] is True


def test_absent(ibconsole: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, and what to do."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nothing'}")

    ended = ibconsole("doctor")

    assert ended.code == 1
    assert "gnome-keyring" in ended.out
    assert "no keyring" in ended.err
    found = ibconsole("doctor", "--json").json
    assert [one["good"] for one in found["findings"]] == [True] * 5
    assert found["versions"]["ibconsole"]
    assert (found["healthy"], found["keyring"]) == (False, None)
    assert found["advice"]


@needs_gnome_keyring
def test_an_archive_that_is_none(ibconsole: Command, bus: Session, tmp_path: Path) -> None:
    """What is amiss is said on stderr, and makes the exit code."""
    bus.unlock()
    (tmp_path / "archive.sqlite3").write_bytes(b"no archive" * 1_000)

    ended = ibconsole("doctor", "--data-dir", str(tmp_path))

    assert ended.code == 1
    assert "Archive: " in ended.err
