"""The window's composition root: puts the packages together. Only `__main__` imports it."""

from ibconsole.wiring.window import main

__all__ = [
    "main",
]
