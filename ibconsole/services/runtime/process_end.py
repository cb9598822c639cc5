"""The signals and the console events that ask the program to end.

The end of a terminal or of a session (SIGHUP) ends a command as SIGTERM does, and so does every
other signal that would end the process at once: what a pull's answer still brings would be lost.
Windows sends no such signals: it calls a function in a thread of its own, and ends the process
when that returns, or after some seconds. The part for Windows is checked for types, but was never
run.
"""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_ALWAYS = ("SIGINT", "SIGTERM")
# By default these end the process, and none of them reports an error of the program itself.
# Python ignores SIGPIPE and SIGXFSZ, which become an OSError.
_UNLESS_IGNORED = (
    *("SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF"),
    *("SIGXCPU", "SIGIO", "SIGPOLL", "SIGPWR", "SIGSTKFLT", "SIGEMT", "SIGLOST"),
)


def stop_signals() -> tuple[int, ...]:
    """Return the signals that end the program in an orderly way, on this system.

    Without those that are ignored, except for SIGINT and SIGTERM: `nohup` has started the program
    then. Without those that a library outside of Python handles, as a profiler does.
    """
    numbers = dict.fromkeys((*_numbers(_UNLESS_IGNORED), *_real_time_signals()))
    kept = (one for one in numbers if signal.getsignal(one) not in {signal.SIG_IGN, None})
    return (*_numbers(_ALWAYS), *kept)


def _numbers(names: tuple[str, ...]) -> Iterator[int]:
    members = signal.Signals.__members__
    return (members[name] for name in names if name in members)


def _real_time_signals() -> range:
    members = signal.Signals.__members__
    if "SIGRTMIN" not in members:
        return range(0)
    return range(members["SIGRTMIN"], members["SIGRTMAX"] + 1)


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
