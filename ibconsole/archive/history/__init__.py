"""The setups of accounts over time, in the archive."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.archive.history.points import (
        ReadSpan,
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
            "points": (
                "ReadSpan SeenRoute SetupPart SetupPoint current_applications delete_history "
                "point_at points_of store_applications store_routes"
            ),
        },
    )

__all__ = [
    "ReadSpan",
    "SeenRoute",
    "SetupPart",
    "SetupPoint",
    "current_applications",
    "delete_history",
    "point_at",
    "points_of",
    "store_applications",
    "store_routes",
]
