"""The signals and the console events that ask the program to end.

The end of a terminal or of a session (SIGHUP) ends a command as SIGTERM does. Windows sends no
such signals: it calls a function in a thread of its own, and ends the process when that returns,
or after some seconds. The part for Windows is checked for types, but was never run.
"""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


def stop_signals() -> tuple[signal.Signals, ...]:
    """Return the signals that end the program in an orderly way, on this system.

    Without SIGHUP if it is ignored: `nohup` has started the program then.
    """
    found = [signal.Signals[name] for name in _NAMES if name in signal.Signals.__members__]
    return tuple(
        one for one in found if one.name != "SIGHUP" or signal.getsignal(one) is not signal.SIG_IGN
    )


if sys.platform == "win32":
    import ctypes
    import threading

    # https://learn.microsoft.com/windows/console/handlerroutine
    _BREAK, _CLOSE, _LOGOFF, _SHUTDOWN = 1, 2, 5, 6
    _ROUTINE = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_uint32)

    @contextmanager
    def on_console_end(stop: Callable[[], object]) -> Iterator[None]:
        """Call `stop`, in any thread, when the console closes or the user logs off (Windows)."""

        def handle(event: int) -> int:
            if event not in {_BREAK, _CLOSE, _LOGOFF, _SHUTDOWN}:
                return 0
            stop()
            if event != _BREAK:
                threading.Event().wait()  # until the process has ended, by itself or by Windows
            return 1

        routine = _ROUTINE(handle)
        set_handler = ctypes.windll.kernel32.SetConsoleCtrlHandler
        set_handler(routine, 1)
        try:
            yield
        finally:
            set_handler(routine, 0)

else:

    @contextmanager
    def on_console_end(stop: Callable[[], object]) -> Iterator[None]:  # noqa: ARG001
        """Call `stop`, in any thread, when the console closes or the user logs off (Windows)."""
        yield
