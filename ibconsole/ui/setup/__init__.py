"""Applications, configuration and actions: panes, presenters and changes."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.ui.setup.actions import target_of, type_of
    from ibconsole.ui.setup.applications import name_of
    from ibconsole.ui.setup.change_runner import CHANGE
    from ibconsole.ui.setup.changes import ChangesPresenter
    from ibconsole.ui.setup.panes import SetupPanes
    from ibconsole.ui.setup.presenter import SetupPresenter
    from ibconsole.ui.setup.route import RouteView
    from ibconsole.ui.setup.selection import SetupSelection
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "actions": "target_of type_of",
            "applications": "name_of",
            "change_runner": "CHANGE",
            "changes": "ChangesPresenter",
            "panes": "SetupPanes",
            "presenter": "SetupPresenter",
            "route": "RouteView",
            "selection": "SetupSelection",
        },
    )

__all__ = [
    "CHANGE",
    "ChangesPresenter",
    "RouteView",
    "SetupPanes",
    "SetupPresenter",
    "SetupSelection",
    "name_of",
    "target_of",
    "type_of",
]
