"""The listener: its controls, its address, and the list of received requests."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.listener.pane import ListenerPane
    from ibconsole.ui.listener.presenter import ListenerPresenter
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "pane": "ListenerPane",
            "presenter": "ListenerPresenter",
        },
    )

__all__ = [
    "ListenerPane",
    "ListenerPresenter",
]
