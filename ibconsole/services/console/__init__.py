"""The console, which composes the other services, and its commands for the window.

Used by both composition roots; within `services`, only the demo imports it.
"""

from ibconsole.services.console.console import Console
from ibconsole.services.console.remote import (
    ConnectionChanged,
    RemoteForwardTest,
    RemoteIntake,
    RemoteSetup,
    RetentionControl,
)
from ibconsole.services.console.remote_connections import RemoteConnections

__all__ = [
    "ConnectionChanged",
    "Console",
    "RemoteConnections",
    "RemoteForwardTest",
    "RemoteIntake",
    "RemoteSetup",
    "RetentionControl",
]
