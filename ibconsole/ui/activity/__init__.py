"""The log of requests to the platform: a growing list, and one request in detail."""

from ibconsole.ui.activity.activity import ActivityPane, ActivityPresenter
from ibconsole.ui.activity.model import duration

__all__ = [
    "ActivityPane",
    "ActivityPresenter",
    "duration",
]
