"""Exception hooks: report unhandled exceptions of slots, threads and the event loop."""

import asyncio
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal

log = logging.getLogger(__name__)


class ExceptionHooks(QObject):
    """Emits `raised` with the place and the exception, always on the window's thread."""

    raised = Signal(str, object)

    @contextmanager
    def installed(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """Replace the hooks of the interpreter and the loop for the block, then restore them."""
        hooks = sys.excepthook, threading.excepthook, loop.get_exception_handler()
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        loop.set_exception_handler(self._on_loop_exception)
        try:
            yield
        finally:
            sys.excepthook, threading.excepthook, before = hooks
            loop.set_exception_handler(before)

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, _: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            log.info("Interrupted by the keyboard.")
            return
        self.raised.emit("the window", error)

    def _on_thread_exception(self, arguments: threading.ExceptHookArgs) -> None:
        name = arguments.thread.name if arguments.thread else "unknown"
        if arguments.exc_value is not None:
            self.raised.emit(f"the thread {name}", arguments.exc_value)

    def _on_loop_exception(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            self.raised.emit("the window's loop", error)
        else:
            log.error("The window's loop: %s", context.get("message", "something failed"))


def log_qt_message(kind: QtMsgType, _: QMessageLogContext, message: str) -> None:
    """Write a message of Qt to the log; on the terminal it would look like one of ibconsole's."""
    levels = {QtMsgType.QtCriticalMsg: logging.ERROR, QtMsgType.QtFatalMsg: logging.CRITICAL}
    log.log(levels.get(kind, logging.INFO), "Qt: %s", message)
