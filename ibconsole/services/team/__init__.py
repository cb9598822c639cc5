"""A team that shares what was received: shipping, reading, pulling by one alone, the collector."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.archive.outbox import SetAsideRow
    from ibconsole.services.team.account_pulling import AccountPulling
    from ibconsole.services.team.asking import (
        CollectorPull,
        CollectorRequest,
        NotAsked,
        OutcomeUnknown,
    )
    from ibconsole.services.team.backlogs import LocalBacklog, local_backlogs, ship_again
    from ibconsole.services.team.checking import (
        SeenTeam,
        check_team,
        look_at_team,
        summarize_team,
    )
    from ibconsole.services.team.examination import TeamExamination, check_line, examine_team
    from ibconsole.services.team.lane import ShipperIdentity
    from ibconsole.services.team.pulling import (
        PermitState,
        PermitStatus,
        TeamNotReached,
        TeamPullPermit,
    )
    from ibconsole.services.team.session_thread import SessionThread, TeamOpener, team_opener
    from ibconsole.services.team.shipping import (
        Shipper,
        default_label,
        forget_targets,
    )
    from ibconsole.services.team.shipping_run import ShippingLimits
    from ibconsole.team_archive import TeamSource
    from ibconsole.team_archive.administration import CheckState, TeamCheck
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "account_pulling": "AccountPulling",
            "ibconsole.archive.outbox": "SetAsideRow",
            "ibconsole.team_archive": "TeamSource",
            "ibconsole.team_archive.administration": "CheckState TeamCheck",
            "asking": "CollectorPull CollectorRequest NotAsked OutcomeUnknown",
            "backlogs": "LocalBacklog local_backlogs ship_again",
            "checking": "SeenTeam check_team look_at_team summarize_team",
            "examination": "TeamExamination check_line examine_team",
            "lane": "ShipperIdentity",
            "pulling": "PermitState PermitStatus TeamNotReached TeamPullPermit",
            "session_thread": "SessionThread TeamOpener team_opener",
            "shipping": "Shipper default_label forget_targets",
            "shipping_run": "ShippingLimits",
        },
    )

__all__ = [
    "AccountPulling",
    "CheckState",
    "CollectorPull",
    "CollectorRequest",
    "LocalBacklog",
    "NotAsked",
    "OutcomeUnknown",
    "PermitState",
    "PermitStatus",
    "SeenTeam",
    "SessionThread",
    "SetAsideRow",
    "Shipper",
    "ShipperIdentity",
    "ShippingLimits",
    "TeamCheck",
    "TeamExamination",
    "TeamNotReached",
    "TeamOpener",
    "TeamPullPermit",
    "TeamSource",
    "check_line",
    "check_team",
    "default_label",
    "examine_team",
    "forget_targets",
    "local_backlogs",
    "look_at_team",
    "ship_again",
    "summarize_team",
    "team_opener",
]
