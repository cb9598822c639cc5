"""Reads the command line, and opens the window only if that is what it asks for."""

import gc
import sys


def main() -> int:
    """Run the command line; its exit code."""
    from ibconsole.cli import OpenWindow
    from ibconsole.cli import main as run

    answer = run(sys.argv[1:])
    if not isinstance(answer, OpenWindow):
        return answer
    gc.disable()  # nothing is garbage yet, and the window collects for itself
    # Before PySide6, which reads the source of every module that is imported after it.
    import ibconsole.services  # noqa: F401
    from ibconsole import app

    return app.main(
        demo=answer.demo,
        screenshot=answer.screenshot,
        data_dir=answer.data_dir,
        account=answer.account,
        connection=answer.connection,
    )


if __name__ == "__main__":
    sys.exit(main())
