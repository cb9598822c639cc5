"""The inspector of the selected record: summary, JSON and raw bytes."""

from ibconsole.ui.inspector.inspector import Inspector
from ibconsole.ui.inspector.message_menu import MessageMenu
from ibconsole.ui.inspector.presenter import InspectorPresenter

__all__ = [
    "Inspector",
    "InspectorPresenter",
    "MessageMenu",
]
