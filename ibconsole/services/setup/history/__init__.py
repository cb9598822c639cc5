"""The history of a setup: what was read and changed, when, and by whom."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.setup.history.attribution import (
        AttributedChange,
        OwnCall,
        calls_of,
        changes_of,
    )
    from ibconsole.services.setup.history.differences import (
        ChangeKind,
        SetupChange,
        SetupState,
        application_changes,
        compare,
        route_changes,
    )
    from ibconsole.services.setup.history.history_reader import (
        NotInHistory,
        StoredApplication,
        TimelineReader,
        find_recorded,
        find_stored_application,
        state_at,
        state_of,
    )
    from ibconsole.services.setup.history.history_source import DiskHistory, HistorySource
    from ibconsole.services.setup.history.recorded_setup import RecordedSetup
    from ibconsole.services.setup.history.recorder import SetupRecorder, application_contents
    from ibconsole.services.setup.history.timeline import (
        changes_since,
        forward_urls,
        read_timeline,
        timeline_of,
        what_changed_since_it_worked,
    )
    from ibconsole.services.setup.history.timeline_events import (
        HOUR_MS,
        ChangeOrigin,
        ChangesSinceItWorked,
        EventKind,
        HourCount,
        Timeline,
        TimelineEvent,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "attribution": "AttributedChange OwnCall calls_of changes_of",
            "differences": (
                "ChangeKind SetupChange SetupState application_changes compare route_changes"
            ),
            "history_reader": (
                "NotInHistory StoredApplication TimelineReader find_recorded "
                "find_stored_application state_at state_of"
            ),
            "history_source": "DiskHistory HistorySource",
            "recorded_setup": "RecordedSetup",
            "recorder": "SetupRecorder application_contents",
            "timeline": (
                "changes_since forward_urls read_timeline timeline_of what_changed_since_it_worked"
            ),
            "timeline_events": (
                "HOUR_MS ChangeOrigin ChangesSinceItWorked EventKind HourCount "
                "Timeline TimelineEvent"
            ),
        },
    )

__all__ = [
    "HOUR_MS",
    "AttributedChange",
    "ChangeKind",
    "ChangeOrigin",
    "ChangesSinceItWorked",
    "DiskHistory",
    "EventKind",
    "HistorySource",
    "HourCount",
    "NotInHistory",
    "OwnCall",
    "RecordedSetup",
    "SetupChange",
    "SetupRecorder",
    "SetupState",
    "StoredApplication",
    "Timeline",
    "TimelineEvent",
    "TimelineReader",
    "application_changes",
    "application_contents",
    "calls_of",
    "changes_of",
    "changes_since",
    "compare",
    "find_recorded",
    "find_stored_application",
    "forward_urls",
    "read_timeline",
    "route_changes",
    "state_at",
    "state_of",
    "timeline_of",
    "what_changed_since_it_worked",
]
