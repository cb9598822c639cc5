"""One console for both roots: the engine's side, and its commands as the window awaits them.

Composes the other services; nothing in `services` imports it but the demo.
"""

from ibconsole.services.console.console import Console
from ibconsole.services.console.remote import (
    AnotherConnection,
    RemoteForwardTest,
    RemoteIntake,
    RemoteSetup,
    RetentionControl,
)
from ibconsole.services.console.remote_connections import RemoteConnections

__all__ = [
    "AnotherConnection",
    "Console",
    "RemoteConnections",
    "RemoteForwardTest",
    "RemoteIntake",
    "RemoteSetup",
    "RetentionControl",
]
