"""The end of the window that the system asks for: by a signal, or because the session ends."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QSessionManager

from ibconsole.services.runtime import on_console_end, stop_signals


class _StopRequest(QObject):
    """Carries a request to close from any thread to the window's thread."""

    made = Signal()


@contextmanager
def close_on_signals(close_all: Callable[[], object]) -> Iterator[None]:
    """Close all windows on a signal, as the user would: a running pull ends first.

    The signals are those of `stop_signals`, and the end of the console. Python runs a handler
    with its next bytecode, which the timers of the window cause soon.
    """
    request = _StopRequest()
    request.made.connect(close_all, Qt.ConnectionType.QueuedConnection)

    def close(*_: object) -> None:
        QTimer.singleShot(0, close_all)

    before = {number: signal.signal(number, close) for number in stop_signals()}
    try:
        with on_console_end(request.made.emit):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class SessionEnd:
    """Lets a running pull end first when the desktop session is about to end.

    Asks the desktop to wait, which Windows and X11 offer, and closes all windows after the pull.
    Without a pull everything is on disk, and Qt itself ends the program.
    """

    def __init__(self, close_all: Callable[[], object], is_pulling: Callable[[], bool]) -> None:
        self._close_all = close_all
        self._is_pulling = is_pulling

    def commit(self, session: QSessionManager) -> None:
        """Take Qt's question whether the session may end."""
        if not self._is_pulling():
            return
        self._close_all()
        if session.allowsInteraction():
            session.cancel()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Answer the question while the block runs."""
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication), "there is a window"  # noqa: S101
        # Qt waits for the answer only if the slot runs at once.
        direct = Qt.ConnectionType.DirectConnection
        app.commitDataRequest.connect(self.commit, direct)
        try:
            yield
        finally:
            app.commitDataRequest.disconnect(self.commit)
