"""The console, which composes the other services, and its commands for the window.

Used by both composition roots; within `services`, only the demo imports it.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.console.console import Console
    from ibconsole.services.console.current_diagnosis import RecordedAccount
    from ibconsole.services.console.remote import (
        ConnectionChanged,
        RemoteForwardTest,
        RemoteIntake,
        RemoteProtection,
        RemoteSetup,
        RetentionControl,
    )
    from ibconsole.services.console.remote_answers import AnswerFileUnusable, RemoteAnswers
    from ibconsole.services.console.remote_comparison import (
        ComparableAccount,
        ComparedApplication,
        RemoteComparison,
    )
    from ibconsole.services.console.remote_connections import RemoteConnections
    from ibconsole.services.console.remote_diagnosis import RemoteDiagnosis
    from ibconsole.services.console.remote_leases import RemoteLeases
    from ibconsole.services.console.remote_plans import RemotePlans
    from ibconsole.services.console.remote_redelivery import RemoteRedelivery
    from ibconsole.services.console.remote_setup_files import (
        FileRequest,
        RemoteSetupFiles,
        SetupExport,
    )
    from ibconsole.services.console.remote_team import NotShared, RemoteTeam
    from ibconsole.services.console.remote_watch import DesktopNotifications, RemoteWatch
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "console": "Console",
            "current_diagnosis": "RecordedAccount",
            "remote": (
                "ConnectionChanged RemoteForwardTest RemoteIntake RemoteProtection RemoteSetup "
                "RetentionControl"
            ),
            "remote_answers": "AnswerFileUnusable RemoteAnswers",
            "remote_comparison": "ComparableAccount ComparedApplication RemoteComparison",
            "remote_connections": "RemoteConnections",
            "remote_diagnosis": "RemoteDiagnosis",
            "remote_leases": "RemoteLeases",
            "remote_plans": "RemotePlans",
            "remote_redelivery": "RemoteRedelivery",
            "remote_setup_files": "FileRequest RemoteSetupFiles SetupExport",
            "remote_team": "NotShared RemoteTeam",
            "remote_watch": "DesktopNotifications RemoteWatch",
        },
    )

__all__ = [
    "AnswerFileUnusable",
    "ComparableAccount",
    "ComparedApplication",
    "ConnectionChanged",
    "Console",
    "DesktopNotifications",
    "FileRequest",
    "NotShared",
    "RecordedAccount",
    "RemoteAnswers",
    "RemoteComparison",
    "RemoteConnections",
    "RemoteDiagnosis",
    "RemoteForwardTest",
    "RemoteIntake",
    "RemoteLeases",
    "RemotePlans",
    "RemoteProtection",
    "RemoteRedelivery",
    "RemoteSetup",
    "RemoteSetupFiles",
    "RemoteTeam",
    "RemoteWatch",
    "RetentionControl",
    "SetupExport",
]
