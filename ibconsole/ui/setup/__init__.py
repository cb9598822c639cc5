"""Applications, configuration and actions: panes, presenters and changes."""

from ibconsole.ui.setup.actions import target_of, type_of
from ibconsole.ui.setup.applications import name_of
from ibconsole.ui.setup.changes import ChangesPresenter
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.presenter import SetupPresenter
from ibconsole.ui.setup.route import RouteView
from ibconsole.ui.setup.selection import SetupSelection

__all__ = [
    "ChangesPresenter",
    "RouteView",
    "SetupPanes",
    "SetupPresenter",
    "SetupSelection",
    "name_of",
    "target_of",
    "type_of",
]
