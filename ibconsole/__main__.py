"""Opens the window, or runs the command line where there is one. Loads no more than that takes."""

import gc
import os
import sys

_COMPLETION = "_IBCONSOLE_COMPLETE"  # a shell asks what could be typed next


def main() -> int:
    """Run what the arguments ask for; without any, the window. Its exit code."""
    _need_no_terminal()
    arguments = sys.argv[1:]
    if not arguments and _COMPLETION not in os.environ:
        return _window()  # as from an icon: nothing has to be understood first
    from ibconsole.cli import OpenWindow
    from ibconsole.cli import main as run

    answer = run(arguments)
    if not isinstance(answer, OpenWindow):
        return answer
    if answer.examined:
        from ibconsole.ui.shell import probe_display

        return probe_display()
    return _window(
        demo=answer.demo,
        screenshot=answer.screenshot,
        data_dir=answer.data_dir,
        account=answer.account,
        connection=answer.connection,
    )


def _window(**wanted: object) -> int:
    gc.disable()  # nothing is garbage yet, and the window collects for itself
    # Before PySide6, which reads the source of every module that is imported after it.
    from ibconsole.services.request_log import crash_log
    from ibconsole.services.runtime import find_paths

    data_dir = wanted.get("data_dir")
    places = find_paths(data_dir)  # type: ignore[arg-type]
    # The demo's own directory goes with it; what ended it must not.
    with crash_log(places.logs) as file:
        try:
            from ibconsole.wiring import main as open_window

            return open_window(**wanted)  # type: ignore[arg-type]
        except Exception:
            sys.stderr.write(f"ibconsole has ended; {file or 'this'} tells why.\n")
            raise


def _need_no_terminal() -> None:
    """Windows gives a program of its desktop no streams at all; whoever writes needs one."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123


if __name__ == "__main__":
    sys.exit(main())
