"""Whether there is a display at all; Qt itself would abort the program if there is none."""

import json
import os
import re
import socket
import sys
from pathlib import Path

from PySide6.QtCore import qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication


def examine_window() -> int:
    """Print one JSON object, empty where there is no display; Qt may end the process instead."""
    told = _look() if has_display() else {}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    return 0


def _look() -> dict[str, object]:
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


_LOCAL_X = re.compile(r"(?:unix)?:(\d+)(?:\.\d+)?$")


def has_display() -> bool:
    """Whether a window could be shown. Windows and macOS always have a display."""
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform:
        return platform not in {"offscreen", "minimal"}
    if not sys.platform.startswith("linux"):
        return True
    if os.environ.get("WAYLAND_DISPLAY"):
        return True
    return _answers(os.environ.get("DISPLAY", ""))


def _answers(display: str) -> bool:
    """Whether an X server is behind this name; one on another host is believed."""
    local = _LOCAL_X.fullmatch(display)
    if not local:
        return bool(display)
    path = Path(f"/tmp/.X11-unix/X{local[1]}")  # noqa: S108 where X servers listen
    # Servers listen on a file, an abstract name, or both.
    return any(_connects(address) for address in (str(path), f"\0{path}"))


def _connects(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as knock:
        knock.settimeout(1)
        try:
            knock.connect(address)
        except OSError:
            return False
    return True
