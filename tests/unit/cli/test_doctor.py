"""`ibconsole doctor` on real keyrings."""

from pathlib import Path

import pytest

from tests.keyrings import KeyringSession, needs_gnome_keyring
from tests.unit.cli.conftest import Command


@needs_gnome_keyring
def test_a_healthy_system(ibconsole: Command, bus: KeyringSession) -> None:
    """Exit code 0, the steps on stdout, the conclusion on stderr."""
    bus.unlock()

    result = ibconsole("doctor")

    assert (result.code, result.err) == (0, "Secret Service keeps secrets as it should.\n")
    assert result.out.count("\nok ") == 11
    for name in ("Directories", "Window", "Certificates", "Proxy", "Archive"):
        assert f"  {name}: " in result.out
    assert ibconsole("doctor", "--json").json["healthy"] is True


def test_a_missing_keyring(
    ibconsole: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1 and advice, also in the JSON."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nothing'}")

    result = ibconsole("doctor")

    assert result.code == 1
    assert "gnome-keyring" in result.out
    assert "No secure keyring is available." in result.err
    assert "not saved" not in result.err
    report = ibconsole("doctor", "--json").json
    assert [one["good"] for one in report["findings"]] == [True] * 6
    assert report["versions"]["ibconsole"]
    assert (report["healthy"], report["keyring"]) == (False, None)
    assert report["advice"]


@needs_gnome_keyring
def test_an_invalid_archive_is_a_problem(
    ibconsole: Command, bus: KeyringSession, tmp_path: Path
) -> None:
    """A problem is written to stderr and makes the exit code 1."""
    bus.unlock()
    (tmp_path / "archive.sqlite3").write_bytes(b"no archive" * 1_000)

    result = ibconsole("doctor", "--data-dir", str(tmp_path))

    assert result.code == 1
    assert "Archive: " in result.err
