"""Bounded looks at the latest messages, pulls and tests, for the diagnosis.

No query reads more than its limit of rows through an index, however large the archive is.
"""

from ibconsole.archive.statistics.recent import (
    RecentMessage,
    RecentPull,
    latest_test_ids,
    recent_messages,
    recent_pulls,
)

__all__ = [
    "RecentMessage",
    "RecentPull",
    "latest_test_ids",
    "recent_messages",
    "recent_pulls",
]
