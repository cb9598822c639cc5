"""One console for both roots: the engine's side, and its commands as the window awaits them.

Composes the other services; nothing in `services` imports it but the demo.
"""

from ibconsole.services.console.console import Console
from ibconsole.services.console.remote import (
    AnotherConnection,
    ForwardTesting,
    Keeping,
    Receiving,
    Setup,
)
from ibconsole.services.console.remote_connections import Connecting

__all__ = [
    "AnotherConnection",
    "Connecting",
    "Console",
    "ForwardTesting",
    "Keeping",
    "Receiving",
    "Setup",
]
