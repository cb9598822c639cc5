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
    assert ended.out.count("\nok ") == 5
    assert ibconsole("doctor", "--json").json["healthy"] is True


def test_absent(ibconsole: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, and what to do."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'nothing'}")

    ended = ibconsole("doctor")

    assert ended.code == 1
    assert "gnome-keyring" in ended.out
    assert "no keyring" in ended.err
    found = ibconsole("doctor", "--json").json
    assert (found["healthy"], found["keyring"]) == (False, None)
    assert found["advice"]
