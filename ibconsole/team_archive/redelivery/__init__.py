"""Giving back in a team: claims before a message is sent, and the standing of all others.

Two computers of a team must not give the same message to the same URL. Each claims a message here
before it stores a job, and looks at what the others' ledgers say.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.team_archive.redelivery.claims import (
        ClaimedMessage,
        KeptMessages,
        RedeliveryClaims,
    )
    from ibconsole.team_archive.redelivery.received import (
        ReceivedCriteria,
        StoredIds,
        count_received_elsewhere,
    )
    from ibconsole.team_archive.redelivery.standings import (
        MessageElsewhere,
        OtherLedgers,
        StandingElsewhere,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "claims": "ClaimedMessage KeptMessages RedeliveryClaims",
            "received": "ReceivedCriteria StoredIds count_received_elsewhere",
            "standings": "MessageElsewhere OtherLedgers StandingElsewhere",
        },
    )

__all__ = [
    "ClaimedMessage",
    "KeptMessages",
    "MessageElsewhere",
    "OtherLedgers",
    "ReceivedCriteria",
    "RedeliveryClaims",
    "StandingElsewhere",
    "StoredIds",
    "count_received_elsewhere",
]
