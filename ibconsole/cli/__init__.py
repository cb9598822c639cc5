"""The command line interface to the services. Never imports Qt."""

from ibconsole.cli.main import OpenWindow, main

__all__ = [
    "OpenWindow",
    "main",
]
