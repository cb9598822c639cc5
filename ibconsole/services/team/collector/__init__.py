"""The collector: a listener and pulls for any number of connections, as a service of a server.

It needs neither a desktop nor a keyring. Everything that it does is in one file, and its secrets
are in files of their own.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.services.team.collector.collector import RunningCollector
    from ibconsole.services.team.collector.configuration import (
        CollectedConnection,
        CollectorConfiguration,
        ListeningAddress,
        ScheduledPull,
        SecretSource,
        TeamShare,
        paths_of,
    )
    from ibconsole.services.team.collector.credentials import CollectorSecrets, read_secrets
    from ibconsole.services.team.collector.json_log import logging_as_json
    from ibconsole.services.team.collector.reading import read_configuration
    from ibconsole.services.team.collector.service_manager import ServiceManager
    from ibconsole.services.team.collector.sharing import require_permitted_teams
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "collector": "RunningCollector",
            "configuration": (
                "CollectedConnection CollectorConfiguration ListeningAddress ScheduledPull"
                " SecretSource TeamShare paths_of"
            ),
            "credentials": "CollectorSecrets read_secrets",
            "json_log": "logging_as_json",
            "reading": "read_configuration",
            "service_manager": "ServiceManager",
            "sharing": "require_permitted_teams",
        },
    )

__all__ = [
    "CollectedConnection",
    "CollectorConfiguration",
    "CollectorSecrets",
    "ListeningAddress",
    "RunningCollector",
    "ScheduledPull",
    "SecretSource",
    "ServiceManager",
    "TeamShare",
    "logging_as_json",
    "paths_of",
    "read_configuration",
    "read_secrets",
    "require_permitted_teams",
]
