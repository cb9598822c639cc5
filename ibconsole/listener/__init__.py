"""The receiving end of forwards: stores each request, then answers it."""

from ibconsole.listener.listener import Listener, Owner
from ibconsole.listener.path_spelling import PathTable

__all__ = [
    "Listener",
    "Owner",
    "PathTable",
]
