import os
import signal

import pytest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.signal_handlers import close_on_signals


@pytest.mark.skipif(os.name == "nt", reason="Windows delivers no signals to a process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_close_the_window(
    plain_window: QMainWindow, qtbot: QtBot, number: signal.Signals
) -> None:
    """SIGINT and SIGTERM close the window; afterwards the previous handlers are restored."""
    before = signal.getsignal(number)
    with close_on_signals(plain_window):
        assert signal.getsignal(number) != before
        os.kill(os.getpid(), number)
        qtbot.waitUntil(lambda: not plain_window.isVisible())

    assert signal.getsignal(number) == before
