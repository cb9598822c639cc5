"""The inbound setup of an account: its cache, its route, previews, changes in several requests."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.setup.cache import SetupCache
    from ibconsole.services.setup.creation import (
        ActionCreation,
        preview_new_action,
    )
    from ibconsole.services.setup.inbound_route import (
        ConfigurationState,
        InboundRoute,
        RouteNotRead,
        RouteReader,
        canonical_bytes,
        read_route,
        read_routes,
        route_bytes,
        route_of,
    )
    from ibconsole.services.setup.multi_step import (
        REPLACEMENT_STEPS,
        ActionReplacement,
        ChangeProgress,
        ChangeStep,
        ConfigurationId,
        ExistingActions,
        StepState,
        delete_actions,
        draft_of,
    )
    from ibconsole.services.setup.route import (
        NO_CONFIGURATION,
        UNKNOWN,
        Destination,
        DestinationKind,
        Route,
        find_route,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "cache": "SetupCache",
            "creation": "ActionCreation preview_new_action",
            "multi_step": (
                "REPLACEMENT_STEPS ActionReplacement ChangeProgress ChangeStep "
                "ConfigurationId ExistingActions StepState delete_actions "
                "draft_of"
            ),
            "route": "NO_CONFIGURATION UNKNOWN Destination DestinationKind Route find_route",
            "inbound_route": (
                "ConfigurationState RouteNotRead RouteReader InboundRoute canonical_bytes "
                "read_route read_routes route_bytes route_of"
            ),
        },
    )

__all__ = [
    "NO_CONFIGURATION",
    "REPLACEMENT_STEPS",
    "UNKNOWN",
    "ActionCreation",
    "ActionReplacement",
    "ChangeProgress",
    "ChangeStep",
    "ConfigurationId",
    "ConfigurationState",
    "Destination",
    "DestinationKind",
    "ExistingActions",
    "InboundRoute",
    "Route",
    "RouteNotRead",
    "RouteReader",
    "SetupCache",
    "StepState",
    "canonical_bytes",
    "delete_actions",
    "draft_of",
    "find_route",
    "preview_new_action",
    "read_route",
    "read_routes",
    "route_bytes",
    "route_of",
]
