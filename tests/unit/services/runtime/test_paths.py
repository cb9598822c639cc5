from pathlib import Path

import pytest

from ibconsole.services.runtime.paths import find_paths


def test_the_chosen_directory_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--data-dir, then the environment, then the system's own place."""
    monkeypatch.setenv("IBCONSOLE_DATA_DIR", str(tmp_path / "environment"))

    assert find_paths(tmp_path / "chosen").data == tmp_path / "chosen"
    assert find_paths().data == tmp_path / "environment"

    monkeypatch.delenv("IBCONSOLE_DATA_DIR")
    assert find_paths().data.name == "ibconsole"


def test_everything_lies_in_the_data_directory(tmp_path: Path) -> None:
    """Nothing is written elsewhere."""
    places = find_paths(tmp_path)

    written = (places.archive, places.locks, places.listener, places.window)
    assert all(tmp_path in path.parents for path in written)
