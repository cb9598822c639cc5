"""The intake of messages: the pull, the pull loop, the listener and the archive writer.

The parts that keep an arrived message from being lost are here: spool, spill file and writer.
"""

from ibconsole.services.intake.archive_writer import ArchiveWriter, open_archive
from ibconsole.services.intake.forward_paths import ForwardPaths
from ibconsole.services.intake.listener import (
    DEFAULT_PORT,
    ListenerFailed,
    ListenerService,
    StoredForward,
)
from ibconsole.services.intake.pull import CompetingConsumers, Puller, PullReport
from ibconsole.services.intake.pull_loop import OnReport, PullLoop, PullLoopResult
from ibconsole.services.intake.spill_file import adopt

__all__ = [
    "DEFAULT_PORT",
    "ArchiveWriter",
    "CompetingConsumers",
    "ForwardPaths",
    "ListenerFailed",
    "ListenerService",
    "OnReport",
    "PullLoop",
    "PullLoopResult",
    "PullReport",
    "Puller",
    "StoredForward",
    "adopt",
    "open_archive",
]
