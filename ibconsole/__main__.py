"""The entry point: opens the window, or runs a command. Loads only what that needs."""

import gc
import os
import sys

_COMPLETION = "_IBCONSOLE_COMPLETE"  # set by a shell that completes a command line


def main() -> int:
    """Run the command of the arguments, or without any the window; return the exit code."""
    _replace_missing_streams()
    arguments = sys.argv[1:]
    if not arguments and _COMPLETION not in os.environ:
        return _window()  # as from an icon: there are no arguments to parse
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
        demo=answer.demo,
        screenshot=answer.screenshot,
        data_dir=answer.data_dir,
        account=answer.account,
        connection=answer.connection,
    )


def _window(**options: object) -> int:
    gc.disable()  # there is no garbage yet, and the window runs its own collections
    from ibconsole.services.request_log import crash_log
    from ibconsole.services.runtime import find_paths

    data_dir = options.get("data_dir")
    paths = find_paths(data_dir)  # type: ignore[arg-type]
    # Not in the demo's own directory, which is deleted when the demo ends.
    with crash_log(paths.logs) as file:
        try:
            from ibconsole.wiring import main as open_window

            return open_window(**options)  # type: ignore[arg-type]
        except Exception:  # any bug: tell the user where its traceback is, then let it end us
            sys.stderr.write(
                f"ibconsole has crashed; the cause is in {file or 'this traceback'}.\n"
            )
            raise


def _replace_missing_streams() -> None:
    """Open missing streams on the null device: Windows gives a desktop program none."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123


if __name__ == "__main__":
    sys.exit(main())
