"""The command `listen`, and the answers that it gives."""

from ibconsole.cli.listening.listen import listen

__all__ = ["listen"]
