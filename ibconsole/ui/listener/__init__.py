"""The listener: its controls, its address, and the list of received requests."""

from ibconsole.ui.listener.columns import size
from ibconsole.ui.listener.listener import ListenerPane, ListenerPresenter

__all__ = [
    "ListenerPane",
    "ListenerPresenter",
    "size",
]
