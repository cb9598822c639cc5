"""The receiving end of forwards: stores each request, then answers it."""

from ibconsole.listener.listener import Listener, Owner

__all__ = [
    "Listener",
    "Owner",
]
