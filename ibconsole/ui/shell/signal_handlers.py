"""Lets the system end the program as its user would."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget


@contextmanager
def closed_by_signals(window: QWidget) -> Iterator[None]:
    """SIGINT and SIGTERM close the window as its user would; a pull under way ends first.

    Python sees a signal when its code runs next: the window's timers see to that.
    """

    def close(*_: object) -> None:
        QTimer.singleShot(0, window.close)

    before = {number: signal.signal(number, close) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
