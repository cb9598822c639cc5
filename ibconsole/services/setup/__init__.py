"""The inbound setup of an account: its cache, its route, previews, changes in several requests."""

from ibconsole.services.setup.cache import SetupCache
from ibconsole.services.setup.multi_step import (
    Exists,
    Place,
    Progress,
    Replacement,
    State,
    Step,
    create_actions,
    delete_actions,
    draft_of,
)
from ibconsole.services.setup.request_preview import preview_new_action
from ibconsole.services.setup.route import NO_CONFIGURATION, UNKNOWN, Ends, Route, Stop, find_route

__all__ = [
    "NO_CONFIGURATION",
    "UNKNOWN",
    "Ends",
    "Exists",
    "Place",
    "Progress",
    "Replacement",
    "Route",
    "SetupCache",
    "State",
    "Step",
    "Stop",
    "create_actions",
    "delete_actions",
    "draft_of",
    "find_route",
    "preview_new_action",
]
