"""The inspector of what is selected: summary, JSON and raw bytes."""

from ibconsole.ui.inspector.inspector import Inspector, InspectorPresenter
from ibconsole.ui.inspector.summary import Naming

__all__ = [
    "Inspector",
    "InspectorPresenter",
    "Naming",
]
