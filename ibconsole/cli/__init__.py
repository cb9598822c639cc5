"""The same services from a terminal. Never imports Qt."""

from ibconsole.cli.main import OpenWindow, main

__all__ = [
    "OpenWindow",
    "main",
]
