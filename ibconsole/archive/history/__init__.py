"""The setups of accounts over time, in the archive."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.archive.history.activity import (
        HourActivity,
        MessageActivity,
        StoredTest,
        latest_arrival,
        message_activity,
        stored_tests,
    )
    from ibconsole.archive.history.points import (
        SeenRoute,
        SetupPart,
        SetupPoint,
        current_applications,
        delete_history,
        point_at,
        points_of,
        store_applications,
        store_routes,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "activity": (
                "HourActivity MessageActivity StoredTest latest_arrival message_activity "
                "stored_tests"
            ),
            "points": (
                "SeenRoute SetupPart SetupPoint current_applications delete_history "
                "point_at points_of store_applications store_routes"
            ),
        },
    )

__all__ = [
    "HourActivity",
    "MessageActivity",
    "SeenRoute",
    "SetupPart",
    "SetupPoint",
    "StoredTest",
    "current_applications",
    "delete_history",
    "latest_arrival",
    "message_activity",
    "point_at",
    "points_of",
    "store_applications",
    "store_routes",
    "stored_tests",
]
