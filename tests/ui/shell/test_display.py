import socket
import sys

import pytest

from ibconsole.ui.shell.display import has_display

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="other systems always have a display"
)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("display", ["", ":4711", ":4711.0", "unix:4711"])
def test_nobody_there(monkeypatch: pytest.MonkeyPatch, display: str) -> None:
    """A name behind which no X server answers is no display."""
    monkeypatch.setenv("DISPLAY", display)

    assert not has_display()


def test_an_x_server_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server is found by its abstract socket, too."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0/tmp/.X11-unix/X4712")
        server.listen()
        monkeypatch.setenv("DISPLAY", ":4712")

        assert has_display()


@pytest.mark.parametrize(
    ("name", "value", "there"),
    [
        ("DISPLAY", "far.example:0", True),
        ("WAYLAND_DISPLAY", "wayland-0", True),
        ("QT_QPA_PLATFORM", "offscreen", False),
        ("QT_QPA_PLATFORM", "vnc:size=800x600", True),
    ],
)
def test_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, there: bool
) -> None:
    """Wayland, another host's display and a chosen platform are believed."""
    monkeypatch.setenv(name, value)

    assert has_display() is there
