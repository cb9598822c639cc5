"""Every request that the program made: a growing list, and one of them in detail."""

from ibconsole.ui.activity.activity import ActivityPane, ActivityPresenter
from ibconsole.ui.activity.model import duration

__all__ = [
    "ActivityPane",
    "ActivityPresenter",
    "duration",
]
