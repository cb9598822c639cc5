"""How this program is started once more, as a process of its own."""

import sys
from collections.abc import Sequence


def command_line(*arguments: str) -> Sequence[str]:
    """The command: a packaged program is run by itself, any other by its interpreter."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-m", "ibconsole", *arguments]
