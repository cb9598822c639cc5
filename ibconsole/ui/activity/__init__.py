"""The log of requests to the platform: a growing list, and one request in detail."""

from ibconsole.ui.activity.pane import ActivityPane
from ibconsole.ui.activity.presenter import ActivityPresenter

__all__ = [
    "ActivityPane",
    "ActivityPresenter",
]
