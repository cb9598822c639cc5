"""A team that shares what was received: shipping, reading, pulling by one alone, the collector."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.team.asking import (
        CollectorPull,
        CollectorRequest,
        NotAsked,
        OutcomeUnknown,
    )
    from ibconsole.services.team.checking import (
        SeenTeam,
        check_team,
        describe_team,
        look_at_team,
    )
    from ibconsole.services.team.pulling import (
        PermitState,
        PermitStatus,
        PulledElsewhere,
        TeamNotReached,
        TeamPullPermit,
    )
    from ibconsole.services.team.session_thread import SessionThread, TeamOpener, team_opener
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "asking": "CollectorPull CollectorRequest NotAsked OutcomeUnknown",
            "checking": "SeenTeam check_team describe_team look_at_team",
            "pulling": "PermitState PermitStatus PulledElsewhere TeamNotReached TeamPullPermit",
            "session_thread": "SessionThread TeamOpener team_opener",
        },
    )

__all__ = [
    "CollectorPull",
    "CollectorRequest",
    "NotAsked",
    "OutcomeUnknown",
    "PermitState",
    "PermitStatus",
    "PulledElsewhere",
    "SeenTeam",
    "SessionThread",
    "TeamNotReached",
    "TeamOpener",
    "TeamPullPermit",
    "check_team",
    "describe_team",
    "look_at_team",
    "team_opener",
]
