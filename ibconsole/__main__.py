"""The entry point: opens the window, or runs a command. Loads only what that needs."""

import gc
import io
import os
import sys
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

from ibconsole.interrupts import end_on_interrupt

_COMPLETION = "_IBCONSOLE_COMPLETE"  # set by a shell that completes a command line
_PATIENCE = 5.0  # seconds for a window that is open, or being opened, before another is opened


def main() -> int:
    """Run the command of the arguments, or without any the window; return the exit code."""
    end_on_interrupt()
    _replace_missing_streams()
    _never_fail_on_stderr()
    arguments = sys.argv[1:]
    if not arguments and _COMPLETION not in os.environ:
        return _window(yields=True)  # as from an icon: there are no arguments to parse
    if arguments and _is_link(arguments[0]):
        return _open_link(arguments)  # as a desktop does, without waiting for the commands
    gc.disable()  # imports create no garbage; a fifth of the time of --help
    from ibconsole.cli import OpenWindow
    from ibconsole.cli import main as run

    gc.freeze()
    gc.enable()
    answer = run(arguments)
    if not isinstance(answer, OpenWindow):
        return answer
    if answer.probe_display:
        from ibconsole.ui.shell import probe_display

        return probe_display()
    return _window(
        yields=answer == OpenWindow(data_dir=answer.data_dir, link=answer.link),
        demo=answer.demo,
        screenshot=answer.screenshot,
        data_dir=answer.data_dir,
        account=answer.account,
        connection=answer.connection,
        read_only=answer.read_only,
        link=answer.link,
        case=answer.case,
    )


def _is_link(argument: str) -> bool:
    return argument[:10].lower() == "ibconsole:"


def _open_link(arguments: list[str]) -> int:
    """Show a link in the window that is open, else in one that is opened.

    Valid or not: the window says so, because a desktop shows nothing that is printed. A desktop
    gives nothing but the link; what comes with it, such as options in a link that was made to break
    out of its quotes, is not obeyed.
    """
    if len(arguments) > 1:
        sys.stderr.write("A link takes no other arguments, so nothing was opened.\n")
        return 2
    return _window(yields=True, link=arguments[0])


def _window(*, yields: bool = False, **options: object) -> int:
    """Open the window; with `yields` the one that is open already shows the link in its place."""
    end_on_interrupt()  # until the window handles signals
    gc.disable()  # there is no garbage yet, and the window runs its own collections
    from ibconsole.errors import UserError
    from ibconsole.files import FileLock
    from ibconsole.services.request_log import crash_log
    from ibconsole.services.runtime import find_paths

    data_dir = options.get("data_dir")
    log: AbstractContextManager[object]
    lock = None
    try:
        paths = find_paths(data_dir)  # type: ignore[arg-type]
        if not options.get("demo") and not options.get("case"):
            # Before the imports, which take a second: another start meanwhile waits for this one.
            options["lock"] = lock = FileLock(paths.window_lock)
            with suppress(OSError):  # a directory that is not usable is reported by the window
                lock.acquire()
            if yields and not lock.held and _hand_over(lock.path, str(options.get("link", ""))):
                return 0
        # Not in the demo's own directory, which is deleted when the demo ends.
        log = crash_log(paths.logs)
    except UserError as error:
        if not options.get("demo") and not options.get("case"):
            sys.stderr.write(f"{error}\n")
            return 1
        log = nullcontext()  # which needs no directory of the user
    with log as file, ExitStack() as stack:
        if lock:
            stack.callback(lock.discard)
        try:
            from ibconsole.wiring import main as open_window

            return open_window(**options)  # type: ignore[arg-type]
        except Exception:  # any bug: tell the user where its traceback is, then let it end us
            sys.stderr.write(
                f"ibconsole has crashed; the cause is in {file or 'this traceback'}.\n"
            )
            raise


def _hand_over(lock: "Path", link: str) -> bool:
    """Give a link to the window that is open; false if there is none, or if it does not answer."""
    from ibconsole.errors import UserError
    from ibconsole.services.links import hand_over, request_of

    try:
        taken = hand_over(lock, request_of(link), seconds=_PATIENCE)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return False
    if taken and not link:
        sys.stderr.write("ibconsole is open already; --new-window opens another window.\n")
    return taken


def _replace_missing_streams() -> None:
    """Give a program without standard streams some that are empty, or fail when written to.

    Otherwise the next file that is opened would be taken for them. On Windows, which gives none to
    a desktop program, what is written disappears.
    """
    null = os.devnull
    if sys.stdin is None:
        sys.stdin = open(null, encoding="utf-8")  # noqa: SIM115, PTH123
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            file = null if sys.platform == "win32" else os.open(null, os.O_RDONLY)
            setattr(sys, name, open(file, "w", encoding="utf-8"))  # noqa: SIM115, PTH123


class _Notices(io.RawIOBase):
    """An unbuffered stderr that loses what it cannot write, as a log does, and never fails."""

    def __init__(self, raw: io.RawIOBase, owner: object) -> None:
        self._raw = raw
        self._owner = owner  # which would close the raw stream if nothing referred to it

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._raw.isatty()

    def fileno(self) -> int:
        return self._raw.fileno()

    def write(self, data: bytes) -> int:  # type: ignore[override]
        try:
            return self._raw.write(data) or 0
        except (OSError, ValueError):
            return len(data)


def _never_fail_on_stderr() -> None:
    stderr = sys.stderr
    buffer = getattr(stderr, "buffer", None)
    raw = getattr(buffer, "raw", buffer)
    if raw is not None:
        sys.stderr = io.TextIOWrapper(
            _Notices(raw, owner=stderr),
            encoding=stderr.encoding,
            errors="backslashreplace",
            write_through=True,
        )


if __name__ == "__main__":
    sys.exit(main())
