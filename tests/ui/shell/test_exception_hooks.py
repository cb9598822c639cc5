import asyncio
import logging
import sys
import threading

import pytest
from PySide6.QtCore import QMessageLogContext, QtMsgType
from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.exception_hooks import ExceptionHooks, log_qt_message


async def test_unhandled_exceptions_are_reported(qtbot: QtBot, qapp: object) -> None:
    """Exceptions of slots, threads and the event loop are reported on the window's thread."""
    reported: list[tuple[str, str, bool]] = []
    hooks = ExceptionHooks()
    main = threading.current_thread()
    hooks.raised.connect(
        lambda where, error: reported.append(
            (where, str(error), threading.current_thread() is main)
        )
    )
    loop = asyncio.get_running_loop()

    def fail() -> None:
        raise ValueError("thread")

    with hooks.installed(loop):
        sys.excepthook(KeyError, KeyError("slot"), None)
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
        thread = threading.Thread(target=fail, name="worker")
        thread.start()
        thread.join()
        loop.call_exception_handler({"message": "x", "exception": OSError("loop")})
        loop.call_exception_handler({"message": "only words"})
        qtbot.waitUntil(lambda: len(reported) == 3)

    assert sorted(reported) == [
        ("the thread worker", "thread", True),
        ("the window", "'slot'", True),
        ("the window's loop", "loop", True),
    ]
    assert sys.excepthook != hooks._on_exception


def test_messages_of_qt_go_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Qt's messages are logged with their severity instead of being printed."""
    with caplog.at_level(logging.INFO, logger="ibconsole"):
        log_qt_message(QtMsgType.QtWarningMsg, QMessageLogContext(), "a warning")

    assert [(one.levelname, one.message) for one in caplog.records] == [("INFO", "Qt: a warning")]
