"""Opens the window, or runs the command line where there is one. Loads no more than that takes."""

import gc
import sys


def main() -> int:
    """Run what the arguments ask for; without any, the window. Its exit code."""
    arguments = sys.argv[1:]
    if not arguments:  # as from an icon: nothing has to be understood first
        return _window()
    from ibconsole.cli import OpenWindow
    from ibconsole.cli import main as run

    answer = run(arguments)
    if not isinstance(answer, OpenWindow):
        return answer
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
    import ibconsole.services  # noqa: F401
    from ibconsole import app

    return app.main(**wanted)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
