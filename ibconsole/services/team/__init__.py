"""A team that shares what was received: shipping, reading, pulling by one alone, the collector."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.team.checking import (
        SeenTeam,
        check_team,
        describe_team,
        look_at_team,
    )
else:
    __getattr__ = lazy_names(
        __name__, {"checking": "SeenTeam check_team describe_team look_at_team"}
    )

__all__ = ["SeenTeam", "check_team", "describe_team", "look_at_team"]
