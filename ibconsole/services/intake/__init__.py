"""Everything that brings messages in: the pull, repeated pulls, the listener, the archive writer.

What keeps an arrived message from being lost is here: the spool, the spill file, the writer.
"""

from ibconsole.services.intake.archive_writer import ArchiveWriter
from ibconsole.services.intake.forward_paths import ForwardPaths
from ibconsole.services.intake.listener import (
    DEFAULT_PORT,
    ListenerFailed,
    ListenerService,
    StoredForward,
)
from ibconsole.services.intake.pull import Puller, PullReport
from ibconsole.services.intake.pull_loop import Pulled, PullLoop, RunResult
from ibconsole.services.intake.spill_file import adopt

__all__ = [
    "DEFAULT_PORT",
    "ArchiveWriter",
    "ForwardPaths",
    "ListenerFailed",
    "ListenerService",
    "PullLoop",
    "PullReport",
    "Pulled",
    "Puller",
    "RunResult",
    "StoredForward",
    "adopt",
]
