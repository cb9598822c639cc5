"""The history of a setup: the values of timelines and of comparisons."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.setup.history.timeline_events import (
        HOUR_MS,
        ChangeOrigin,
        ChangesSinceItWorked,
        ComparedValue,
        EventKind,
        HourCount,
        SetupComparison,
        Side,
        Timeline,
        TimelineEvent,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "timeline_events": (
                "HOUR_MS ChangesSinceItWorked ComparedValue SetupComparison EventKind HourCount "
                "ChangeOrigin Side Timeline TimelineEvent"
            ),
        },
    )

__all__ = [
    "HOUR_MS",
    "ChangeOrigin",
    "ChangesSinceItWorked",
    "ComparedValue",
    "EventKind",
    "HourCount",
    "SetupComparison",
    "Side",
    "Timeline",
    "TimelineEvent",
]
