"""Bounded looks at the latest messages, pulls and tests, for the diagnosis.

No query reads more than its limit of rows through an index, however large the archive is.
"""

from ibconsole.archive.statistics.recent import (
    ForwardedMessage,
    RecentMessage,
    RecentPull,
    SentPayload,
    forwarded_messages,
    latest_test_ids,
    recent_forwards,
    recent_messages,
    recent_pulls,
    sent_payloads,
)

__all__ = [
    "ForwardedMessage",
    "RecentMessage",
    "RecentPull",
    "SentPayload",
    "forwarded_messages",
    "latest_test_ids",
    "recent_forwards",
    "recent_messages",
    "recent_pulls",
    "sent_payloads",
]
