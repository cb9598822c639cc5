"""The collector's program: every command of the terminal, for servers without a desktop."""

import sys

from ibconsole.cli import OpenWindow, main
from ibconsole.interrupts import end_on_interrupt


def run() -> int:
    """Run the command of the arguments; return the exit code."""
    end_on_interrupt()
    answer = main(sys.argv[1:] or ["--help"])
    if isinstance(answer, OpenWindow):
        sys.stderr.write("This program has no window: install the package ibconsole for it.\n")
        return 2
    return answer


if __name__ == "__main__":
    sys.exit(run())
