import json
import os
import socket
import subprocess
import sys

import pytest

from ibconsole.ui.shell.display import has_display

only_linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="other systems always have a display"
)


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@only_linux
@pytest.mark.parametrize("display", ["", ":4711", ":4711.0", "unix:4711"])
def test_a_display_without_a_server_does_not_count(
    no_display: pytest.MonkeyPatch, display: str
) -> None:
    """A DISPLAY whose X server does not answer is no display."""
    no_display.setenv("DISPLAY", display)

    assert not has_display()


@only_linux
def test_an_x_server_is_found_by_its_abstract_socket(no_display: pytest.MonkeyPatch) -> None:
    """An X server that listens only on an abstract socket counts as a display."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0/tmp/.X11-unix/X4712")
        server.listen()
        no_display.setenv("DISPLAY", ":4712")

        assert has_display()


@only_linux
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DISPLAY", "far.example:0", True),
        ("WAYLAND_DISPLAY", "wayland-0", True),
        ("QT_QPA_PLATFORM", "offscreen", False),
        ("QT_QPA_PLATFORM", "vnc:size=800x600", True),
    ],
)
def test_the_environment_is_trusted(
    no_display: pytest.MonkeyPatch, name: str, value: str, *, expected: bool
) -> None:
    """Wayland, a display on another host and a chosen Qt platform are not verified."""
    no_display.setenv(name, value)

    assert has_display() is expected


@pytest.mark.parametrize(
    ("platform", "keys"),
    [("offscreen", set()), ("vnc:size=640x480:port=0", {"qt", "platform", "screens", "fonts"})],
)
def test_the_probe_prints_one_json_object(platform: str, keys: set[str]) -> None:
    """`--examine-window` prints the facts of the window system; none without a display."""
    done = subprocess.run(
        [sys.executable, "-m", "ibconsole", "--examine-window"],
        env={**os.environ, "QT_QPA_PLATFORM": platform},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert keys <= json.loads(done.stdout).keys()


def test_the_probe_of_a_missing_display_fails() -> None:
    """Qt ends the probing process and writes the reason to stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "ibconsole", "--examine-window"],
        env={**os.environ, "QT_QPA_PLATFORM": "xcb", "DISPLAY": ":999"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "display :999" in done.stderr
