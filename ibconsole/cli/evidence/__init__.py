"""Evidence in the terminal: HTTP archives."""

from ibconsole.cli.evidence.har import har

__all__ = ["har"]
