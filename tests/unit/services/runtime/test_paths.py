"""The directories that the program writes to, and the command that starts it again."""

import sys
from pathlib import Path

import pytest

from ibconsole.services.runtime.paths import NoDirectory, find_paths, relaunch_command


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


def test_home_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A leading ~ is expanded, also where no shell did so, as in a unit or a .desktop file."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("IBCONSOLE_DATA_DIR", "~/ib")

    assert find_paths().data == tmp_path / "ib"
    assert find_paths(Path("~/other")).data == tmp_path / "other"


@pytest.mark.parametrize("text", ["ib", "./ib", '"/ib"', "~no-such-user/ib"])
def test_unusable_directory_in_the_environment(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path, and the home of an unknown user, are refused in one sentence."""
    monkeypatch.setenv("IBCONSOLE_DATA_DIR", text)

    with pytest.raises(NoDirectory, match=r"IBCONSOLE_DATA_DIR.*Nothing was written"):
        find_paths()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows every user's directories")
def test_without_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data directory is enough for everything; without one there is one sentence."""
    monkeypatch.setenv("HOME", "relative")
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "IBCONSOLE_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)

    assert find_paths(tmp_path).pull_locks == tmp_path / "locks"
    with pytest.raises(NoDirectory, match="--data-dir"):
        find_paths()


def unknown(number: int) -> None:
    raise KeyError(number)


def test_an_unusable_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the user's directory of locks cannot be, they are in the data directory."""
    file = tmp_path / "file"
    file.touch(mode=0o400)
    monkeypatch.setenv("XDG_STATE_HOME", str(file / "state"))

    assert find_paths(tmp_path).pull_locks == tmp_path / "locks"


def test_from_a_checkout() -> None:
    """A checkout is run as a module of its interpreter."""
    assert relaunch_command("--demo") == [sys.executable, "-m", "ibconsole", "--demo"]


def test_packaged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A packaged program is run by its own executable."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/usr/lib/ibconsole/ibconsole")

    assert relaunch_command("--demo") == ["/usr/lib/ibconsole/ibconsole", "--demo"]
