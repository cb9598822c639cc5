"""Links in the terminal: shown by the window that is open, or by one that is opened for them."""

from ibconsole.cli.links.opening import LinkToOpen, open_link

__all__ = ["LinkToOpen", "open_link"]
