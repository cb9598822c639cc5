"""The directories that the program writes to, and the command that starts it again."""

import sys
from pathlib import Path

import pytest

from ibconsole.services.runtime.paths import find_paths, relaunch_command


def test_the_chosen_directory_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--data-dir wins over IBCONSOLE_DATA_DIR, which wins over the system's directory."""
    monkeypatch.setenv("IBCONSOLE_DATA_DIR", str(tmp_path / "environment"))

    assert find_paths(tmp_path / "chosen").data == tmp_path / "chosen"
    assert find_paths().data == tmp_path / "environment"

    monkeypatch.delenv("IBCONSOLE_DATA_DIR")
    assert find_paths().data.name == "ibconsole"


def test_everything_is_in_the_data_directory(tmp_path: Path) -> None:
    """With a chosen data directory, nothing but the pull locks is written elsewhere."""
    paths = find_paths(tmp_path)

    written = (paths.archive, paths.locks, paths.listener, paths.window, paths.settings, paths.logs)
    assert all(tmp_path in path.parents for path in written)


def test_from_a_checkout() -> None:
    """A checkout is run as a module of its interpreter."""
    assert relaunch_command("--demo") == [sys.executable, "-m", "ibconsole", "--demo"]


def test_packaged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A packaged program is run by its own executable."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/usr/lib/ibconsole/ibconsole")

    assert relaunch_command("--demo") == ["/usr/lib/ibconsole/ibconsole", "--demo"]
