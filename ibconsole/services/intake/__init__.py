"""The intake of messages: the pull, the pull loop, the listener and the archive writer.

The parts that keep an arrived message from being lost are here: spool, spill file and writer.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.intake.archive_writer import ArchiveWriter, open_archive
    from ibconsole.services.intake.forward_paths import ForwardPaths, ForwardPathsError
    from ibconsole.services.intake.listener import (
        DEFAULT_PORT,
        ListenerFailed,
        ListenerService,
        StoredForward,
    )
    from ibconsole.services.intake.permit import (
        OtherPuller,
        PermitLost,
        PulledElsewhere,
        PullPermit,
        PullTurn,
    )
    from ibconsole.services.intake.pull import CompetingConsumers, PullBusy, Puller, PullReport
    from ibconsole.services.intake.pull_loop import (
        DEFAULT_INTERVAL,
        LARGEST_BATCH,
        OnReport,
        PullLoop,
        PullLoopResult,
    )
    from ibconsole.services.intake.spill_file import adopt
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "archive_writer": "ArchiveWriter open_archive",
            "forward_paths": "ForwardPaths ForwardPathsError",
            "listener": "DEFAULT_PORT ListenerFailed ListenerService StoredForward",
            "permit": "OtherPuller PermitLost PullPermit PullTurn PulledElsewhere",
            "pull": "CompetingConsumers PullBusy PullReport Puller",
            "pull_loop": "DEFAULT_INTERVAL LARGEST_BATCH OnReport PullLoop PullLoopResult",
            "spill_file": "adopt",
        },
    )

__all__ = [
    "DEFAULT_INTERVAL",
    "DEFAULT_PORT",
    "LARGEST_BATCH",
    "ArchiveWriter",
    "CompetingConsumers",
    "ForwardPaths",
    "ForwardPathsError",
    "ListenerFailed",
    "ListenerService",
    "OnReport",
    "OtherPuller",
    "PermitLost",
    "PullBusy",
    "PullLoop",
    "PullLoopResult",
    "PullPermit",
    "PullReport",
    "PullTurn",
    "PulledElsewhere",
    "Puller",
    "StoredForward",
    "adopt",
    "open_archive",
]
