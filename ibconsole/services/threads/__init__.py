"""Threads: all messages of an installation, of a subscriber, or of a pair, in the order of time.

With what was answered and sent again, and what is remarkable: silences, duplicates, what is
missing.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.threads.arranging import (
        FollowedThread,
        Redelivered,
        RemarkKind,
        Silence,
        ThreadEntry,
        ThreadRemark,
        arrange,
        duration,
    )
    from ibconsole.services.threads.describing import (
        HEADERS,
        describe_thread,
        lag_of,
        remark_names,
        thread_object,
        thread_rows,
    )
    from ibconsole.services.threads.finding import MOST, ThreadFinder
    from ibconsole.services.threads.opened_thread import OpenedThread, ThreadSource
    from ibconsole.services.threads.subjects import (
        NothingToFollow,
        RelatedIds,
        ThreadKind,
        ThreadSubject,
        related_ids,
        subject_of,
        why_not_followed,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "arranging": (
                "FollowedThread Redelivered RemarkKind Silence ThreadEntry ThreadRemark arrange "
                "duration"
            ),
            "describing": ("HEADERS describe_thread lag_of remark_names thread_object thread_rows"),
            "finding": "MOST ThreadFinder",
            "opened_thread": "OpenedThread ThreadSource",
            "subjects": (
                "NothingToFollow RelatedIds ThreadKind ThreadSubject related_ids subject_of "
                "why_not_followed"
            ),
        },
    )

__all__ = [
    "HEADERS",
    "MOST",
    "FollowedThread",
    "NothingToFollow",
    "OpenedThread",
    "Redelivered",
    "RelatedIds",
    "RemarkKind",
    "Silence",
    "ThreadEntry",
    "ThreadFinder",
    "ThreadKind",
    "ThreadRemark",
    "ThreadSource",
    "ThreadSubject",
    "arrange",
    "describe_thread",
    "duration",
    "lag_of",
    "related_ids",
    "remark_names",
    "subject_of",
    "thread_object",
    "thread_rows",
    "why_not_followed",
]
