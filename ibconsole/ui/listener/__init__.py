"""The listener: its controls, its address, and the list of received requests."""

from ibconsole.ui.listener.pane import ListenerPane
from ibconsole.ui.listener.presenter import ListenerPresenter

__all__ = [
    "ListenerPane",
    "ListenerPresenter",
]
