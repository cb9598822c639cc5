"""The log of requests to the platform: a growing list, and one request in detail."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.activity.pane import ActivityPane
    from ibconsole.ui.activity.presenter import ActivityPresenter
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "pane": "ActivityPane",
            "presenter": "ActivityPresenter",
        },
    )

__all__ = [
    "ActivityPane",
    "ActivityPresenter",
]
