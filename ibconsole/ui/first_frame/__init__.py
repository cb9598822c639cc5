"""The first frame of the window: drawn at once, before services and panes are imported.

It shows the panes as they were when the window was closed, and names that were known then,
labelled with that time. Imports nothing that takes long: each millisecond here delays the window.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.first_frame.frame import FirstFrame
    from ibconsole.ui.first_frame.last_seen import (
        MAX_APPLICATIONS,
        Area,
        LastSeen,
        read_last_seen,
        write_last_seen,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "frame": "FirstFrame",
            "last_seen": "MAX_APPLICATIONS Area LastSeen read_last_seen write_last_seen",
        },
    )

__all__ = [
    "MAX_APPLICATIONS",
    "Area",
    "FirstFrame",
    "LastSeen",
    "read_last_seen",
    "write_last_seen",
]
