import os
import signal

import pytest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.signal_handlers import SessionEnd, close_on_signals


@pytest.mark.skipif(os.name == "nt", reason="Windows delivers no signals to a process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGALRM])
def test_signals_close_the_window(
    plain_window: QMainWindow, qtbot: QtBot, number: signal.Signals
) -> None:
    """Each signal closes the window; afterwards the previous handlers are restored."""
    before = signal.getsignal(number)
    with close_on_signals(plain_window.close):
        assert signal.getsignal(number) != before
        os.kill(os.getpid(), number)
        qtbot.waitUntil(lambda: not plain_window.isVisible())

    assert signal.getsignal(number) == before


class Session:
    """A desktop session that is about to end."""

    cancelled = False

    def allowsInteraction(self) -> bool:  # noqa: N802 Qt's name
        return True

    def cancel(self) -> None:
        self.cancelled = True


@pytest.mark.parametrize("pulling", [True, False])
def test_the_session_waits_for_a_pull(plain_window: QMainWindow, *, pulling: bool) -> None:
    """The end of the session is delayed by a running pull, after which the window closes."""
    session = Session()
    end = SessionEnd(plain_window.close, lambda: pulling)
    with end.watched():
        end.commit(session)  # type: ignore[arg-type]  # Qt alone creates a session

    assert session.cancelled is pulling
    assert plain_window.isVisible() is not pulling
