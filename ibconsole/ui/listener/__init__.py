"""The listener: starting and stopping it, its address, and the requests that arrived."""

from ibconsole.ui.listener.columns import size
from ibconsole.ui.listener.listener import ListenerPane, ListenerPresenter

__all__ = [
    "ListenerPane",
    "ListenerPresenter",
    "size",
]
