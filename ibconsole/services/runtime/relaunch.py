"""The command line that starts this program again as a process of its own."""

import sys
from collections.abc import Sequence


def relaunch_command(*arguments: str) -> Sequence[str]:
    """Return the command: a packaged program runs itself, any other its Python interpreter."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-m", "ibconsole", *arguments]
