"""The base of every service: the engine's thread, paths, status values and small parsers.

Does not depend on any capability: the other packages of services build on this one.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.runtime.engine import Engine
    from ibconsole.services.runtime.parsing import (
        InvalidDuration,
        InvalidTime,
        format_duration,
        parse_duration,
        parse_size,
        parse_time,
    )
    from ibconsole.services.runtime.paths import Paths, find_paths, relaunch_command
    from ibconsole.services.runtime.process_end import on_console_end, stop_signals
    from ibconsole.services.runtime.resolver_threads import ResolverThreads
    from ibconsole.services.runtime.status import (
        Alarm,
        AlarmKind,
        AnswersStatus,
        ArchiveStatus,
        ConnectionStatus,
        LeaseState,
        LeaseStatus,
        ListenerState,
        ListenerStatus,
        Lock,
        LockCause,
        ProtectionStatus,
        PullLoopMode,
        PullLoopState,
        PullLoopStatus,
        PullState,
        PullStatus,
        RefusalReason,
        Status,
        latest_pull,
    )
    from ibconsole.services.runtime.team_status import TeamLink, TeamState, TeamStatus
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "process_end": "on_console_end stop_signals",
            "engine": "Engine",
            "parsing": (
                "InvalidDuration InvalidTime format_duration parse_duration parse_size parse_time"
            ),
            "paths": "Paths find_paths relaunch_command",
            "resolver_threads": "ResolverThreads",
            "status": (
                "Alarm AlarmKind AnswersStatus ArchiveStatus ConnectionStatus LeaseState "
                "LeaseStatus ListenerState ListenerStatus Lock LockCause ProtectionStatus "
                "PullLoopMode PullLoopState PullLoopStatus PullState PullStatus RefusalReason "
                "Status latest_pull"
            ),
            "team_status": "TeamLink TeamState TeamStatus",
        },
    )

__all__ = [
    "Alarm",
    "AlarmKind",
    "AnswersStatus",
    "ArchiveStatus",
    "ConnectionStatus",
    "Engine",
    "InvalidDuration",
    "InvalidTime",
    "LeaseState",
    "LeaseStatus",
    "ListenerState",
    "ListenerStatus",
    "Lock",
    "LockCause",
    "Paths",
    "ProtectionStatus",
    "PullLoopMode",
    "PullLoopState",
    "PullLoopStatus",
    "PullState",
    "PullStatus",
    "RefusalReason",
    "ResolverThreads",
    "Status",
    "TeamLink",
    "TeamState",
    "TeamStatus",
    "find_paths",
    "format_duration",
    "latest_pull",
    "on_console_end",
    "parse_duration",
    "parse_size",
    "parse_time",
    "relaunch_command",
    "stop_signals",
]
