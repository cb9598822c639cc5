"""The inspector of the selected record: summary, JSON and raw bytes."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.inspector.inspector import Inspector
    from ibconsole.ui.inspector.message_menu import MessageMenu
    from ibconsole.ui.inspector.presenter import InspectorPresenter
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "inspector": "Inspector",
            "message_menu": "MessageMenu",
            "presenter": "InspectorPresenter",
        },
    )

__all__ = [
    "Inspector",
    "InspectorPresenter",
    "MessageMenu",
]
