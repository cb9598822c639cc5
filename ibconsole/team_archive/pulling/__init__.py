"""One puller for an account in the whole team: the lock, its epochs, and requests to the holder.

The lock is an advisory lock of a session, so that the server returns it when the session ends, for
whatever reason. No pull is ever repeated by the program: a request that a collector took and did
not finish is unknown, and users look at what arrived.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.team_archive.pulling.lock import (
        SILENCE,
        AccountSession,
        PullHolder,
        PullLock,
        PullLockLost,
        find_holder,
    )
    from ibconsole.team_archive.pulling.requests import (
        LONGEST_WAIT,
        PullOutcome,
        PullRequest,
        PullRequests,
        PullRequestState,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "lock": "AccountSession PullHolder PullLock PullLockLost SILENCE find_holder",
            "requests": "LONGEST_WAIT PullOutcome PullRequest PullRequestState PullRequests",
        },
    )

__all__ = [
    "LONGEST_WAIT",
    "SILENCE",
    "AccountSession",
    "PullHolder",
    "PullLock",
    "PullLockLost",
    "PullOutcome",
    "PullRequest",
    "PullRequestState",
    "PullRequests",
    "find_holder",
]
