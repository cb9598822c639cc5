"""The watch: alarms about an application or a connection, from the archive and this process.

Never pulls, and sends no request to an endpoint.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.watch.alarm_book import AlarmEvent, AlarmState
    from ibconsole.services.watch.alarm_command import AlarmCommand, AlarmReport
    from ibconsole.services.watch.certificates import CertificateCheck
    from ibconsole.services.watch.desktop_notification import (
        find_notification_problem,
        show_notification,
    )
    from ibconsole.services.watch.facts import DEFAULT_KINDS, SourceFacts, WatchPlan
    from ibconsole.services.watch.watcher import Watcher, WatchInputs, WatchOutputs
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "alarm_book": "AlarmEvent AlarmState",
            "alarm_command": "AlarmCommand AlarmReport",
            "certificates": "CertificateCheck",
            "desktop_notification": "find_notification_problem show_notification",
            "facts": "DEFAULT_KINDS SourceFacts WatchPlan",
            "watcher": "WatchInputs WatchOutputs Watcher",
        },
    )

__all__ = [
    "DEFAULT_KINDS",
    "AlarmCommand",
    "AlarmEvent",
    "AlarmReport",
    "AlarmState",
    "CertificateCheck",
    "SourceFacts",
    "WatchInputs",
    "WatchOutputs",
    "WatchPlan",
    "Watcher",
    "find_notification_problem",
    "show_notification",
]
