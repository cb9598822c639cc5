"""Handlers for SIGINT and SIGTERM while the window is open."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget


@contextmanager
def close_on_signals(window: QWidget) -> Iterator[None]:
    """Close the window on SIGINT and SIGTERM, as the user would: a running pull ends first.

    Python runs a handler with its next bytecode, which the timers of the window cause soon.
    """

    def close(*_: object) -> None:
        QTimer.singleShot(0, window.close)

    before = {number: signal.signal(number, close) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
