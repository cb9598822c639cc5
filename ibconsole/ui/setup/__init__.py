"""Applications, configuration and actions: three panes that form one chain, and its changes."""

from ibconsole.ui.setup.actions import target_of, type_of
from ibconsole.ui.setup.applications import name_of
from ibconsole.ui.setup.changes import ChangesPresenter
from ibconsole.ui.setup.route import RouteView
from ibconsole.ui.setup.setup import SetupPanes, SetupPresenter

__all__ = [
    "ChangesPresenter",
    "RouteView",
    "SetupPanes",
    "SetupPresenter",
    "name_of",
    "target_of",
    "type_of",
]
