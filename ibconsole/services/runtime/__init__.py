"""What every service runs on: the engine's thread, paths, status values, and small parsers.

Knows no capability: the rooms next to it build on this one, never the other way round.
"""

from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.parsing import read_moment
from ibconsole.services.runtime.paths import Places, find_places
from ibconsole.services.runtime.relaunch import command_line
from ibconsole.services.runtime.resolver_threads import Lookups
from ibconsole.services.runtime.status import (
    ArchiveStatus,
    ConnectionStatus,
    ListenerStatus,
    PullStatus,
    RepeatStatus,
    Status,
)

__all__ = [
    "ArchiveStatus",
    "ConnectionStatus",
    "Engine",
    "ListenerStatus",
    "Lookups",
    "Places",
    "PullStatus",
    "RepeatStatus",
    "Status",
    "command_line",
    "find_places",
    "read_moment",
]
