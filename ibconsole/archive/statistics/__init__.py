"""Bounded looks at the latest messages, pulls and tests, for the diagnosis and the watch.

No query reads more than its limit of rows through an index, however large the archive is.
"""

from ibconsole.archive.statistics.recent import (
    ForwardedMessage,
    PlatformObservations,
    RecentMessage,
    RecentPull,
    SentPayload,
    forwarded_messages,
    latest_test_ids,
    platform_observations,
    recent_forwards,
    recent_messages,
    recent_pulls,
    sent_payloads,
)
from ibconsole.archive.statistics.rhythm import (
    AnsweredForward,
    ArrivedMessage,
    answered_forwards,
    arrivals_between,
    arrived_messages,
    deliveries_between,
    filled_deliveries,
    first_arrival,
    first_filled,
    newest_of_applications,
)

__all__ = [
    "AnsweredForward",
    "ArrivedMessage",
    "ForwardedMessage",
    "PlatformObservations",
    "RecentMessage",
    "RecentPull",
    "SentPayload",
    "answered_forwards",
    "arrivals_between",
    "arrived_messages",
    "deliveries_between",
    "filled_deliveries",
    "first_arrival",
    "first_filled",
    "forwarded_messages",
    "latest_test_ids",
    "newest_of_applications",
    "platform_observations",
    "recent_forwards",
    "recent_messages",
    "recent_pulls",
    "sent_payloads",
]
