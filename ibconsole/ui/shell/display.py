"""Detection of a display, without which Qt aborts the process, and a probe of its properties."""

import json
import os
import re
import socket
import sys
from pathlib import Path

from PySide6.QtCore import qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication

_LOCAL_X = re.compile(r"(?:unix)?:(\d+)(?:\.\d+)?$")


def probe_display() -> int:
    """Print the properties of the display as one JSON object, empty without a display.

    Returns the exit code. Qt ends the process if the display cannot be opened, so this runs in
    a process of its own.
    """
    properties = _display_properties() if has_display() else {}
    sys.stdout.write(json.dumps(properties) + "\n")
    sys.stdout.flush()
    return 0


def _display_properties() -> dict[str, object]:
    app = QGuiApplication(["ibconsole"])
    screen = app.primaryScreen()
    size = screen.size()
    return {
        "qt": qVersion(),
        "platform": app.platformName(),
        "screens": len(app.screens()),
        "size": f"{size.width()}x{size.height()}",
        "scale": screen.devicePixelRatio(),
        "fonts": len(QFontDatabase.families()),
    }


def has_display() -> bool:
    """Return whether a window can be shown. Windows and macOS always have a display."""
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform:
        return platform not in {"offscreen", "minimal"}
    if not sys.platform.startswith("linux"):
        return True
    if os.environ.get("WAYLAND_DISPLAY"):
        return True
    return _has_x_server(os.environ.get("DISPLAY", ""))


def _has_x_server(display: str) -> bool:
    """Return whether an X server answers for this DISPLAY; another host is not verified."""
    local = _LOCAL_X.fullmatch(display)
    if not local:
        return bool(display)
    path = Path(f"/tmp/.X11-unix/X{local[1]}")  # noqa: S108 the sockets of X servers
    # Servers listen on a file, an abstract name, or both.
    return any(_accepts_connections(address) for address in (str(path), f"\0{path}"))


def _accepts_connections(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(address)
        except OSError:
            return False
    return True
