"""The life of an application on one axis: a chart, its events and figures, and comparisons."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.timeline.compare_presenter import ComparePresenter
    from ibconsole.ui.timeline.event_tables import EventViews
    from ibconsole.ui.timeline.pane import TimelinePane
    from ibconsole.ui.timeline.presenter import TimelinePresenter
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "compare_presenter": "ComparePresenter",
            "event_tables": "EventViews",
            "pane": "TimelinePane",
            "presenter": "TimelinePresenter",
        },
    )

__all__ = [
    "ComparePresenter",
    "EventViews",
    "TimelinePane",
    "TimelinePresenter",
]
