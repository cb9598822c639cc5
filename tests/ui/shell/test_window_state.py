import stat
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from ibconsole.ui.shell.window_state import WindowState
from ibconsole.ui.toolkit.theme import Scheme


def test_choices_are_there_the_next_day(tmp_path: Path) -> None:
    """Colours and sizes survive the end of the program, readable by their owner alone."""
    path = tmp_path / "data" / "window.ini"
    first = WindowState(path)
    first.scheme = Scheme.DARK
    first.utc = True
    first.keep_number("limit", 25)
    first.keep_state("window", QByteArray(b"\x00\x01"))
    first.save()

    again = WindowState(path)
    assert again.scheme is Scheme.DARK
    assert again.utc
    assert again.number("limit", 10) == 25
    assert again.number("unknown", 10) == 10
    assert again.state("window") == QByteArray(b"\x00\x01")
    assert again.state("unknown").isEmpty()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "spoilt", [b"", b"scheme=purple\n", b"\xff\xfe[[[", b"[General]\nscheme=\n[numbers]\nlimit=x"]
)
def test_a_spoilt_file_costs_only_choices(tmp_path: Path, spoilt: bytes) -> None:
    """What cannot be understood is as if it had never been chosen."""
    path = tmp_path / "window.ini"
    path.write_bytes(spoilt)

    assert WindowState(path).scheme is Scheme.SYSTEM
    assert not WindowState(path).utc
    assert WindowState(path).number("limit", 10) == 10


def test_the_address_to_listen_on_is_remembered(tmp_path: Path) -> None:
    """Where the listener was to listen is chosen again the next day; at first nothing is."""
    path = tmp_path / "window.ini"
    remembered = WindowState(path)
    assert remembered.listener_host == ""

    remembered.listener_host = "10.0.0.7"
    remembered.save()
    assert WindowState(path).listener_host == "10.0.0.7"
