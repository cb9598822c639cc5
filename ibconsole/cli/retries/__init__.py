"""The command `retries`, the retry simulation in the terminal."""

from ibconsole.cli.retries.retries import retries

__all__ = ["retries"]
