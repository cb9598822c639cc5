"""What every service runs on: the engine's thread, paths, status values, and small parsers.

Knows no capability: the rooms next to it build on this one, never the other way round.
"""

from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.parsing import read_moment
from ibconsole.services.runtime.paths import Paths, find_paths
from ibconsole.services.runtime.relaunch import command_line
from ibconsole.services.runtime.resolver_threads import ResolverThreads
from ibconsole.services.runtime.status import (
    ArchiveStatus,
    ConnectionStatus,
    ListenerState,
    ListenerStatus,
    PullState,
    PullStatus,
    RepeatMode,
    RepeatState,
    RepeatStatus,
    Status,
)

__all__ = [
    "ArchiveStatus",
    "ConnectionStatus",
    "Engine",
    "ListenerState",
    "ListenerStatus",
    "Paths",
    "PullState",
    "PullStatus",
    "RepeatMode",
    "RepeatState",
    "RepeatStatus",
    "ResolverThreads",
    "Status",
    "command_line",
    "find_paths",
    "read_moment",
]
