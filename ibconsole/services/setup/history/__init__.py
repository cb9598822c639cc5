"""The history of a setup: what was read and changed, when, and by whom."""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.setup.history.recorded_setup import RecordedSetup
    from ibconsole.services.setup.history.recorder import SetupRecorder, application_contents
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "recorded_setup": "RecordedSetup",
            "recorder": "SetupRecorder application_contents",
        },
    )

__all__ = [
    "RecordedSetup",
    "SetupRecorder",
    "application_contents",
]
