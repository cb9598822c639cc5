"""Says what a window would open on here, without opening one. Run as a process of its own."""

import json
import sys

from PySide6.QtCore import qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication

from ibconsole.ui.screen import has_display


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
