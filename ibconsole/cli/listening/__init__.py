"""The commands `listen`, with the answers that it gives, and `leases`."""

from ibconsole.cli.listening.leases import leases
from ibconsole.cli.listening.listen import listen

__all__ = ["leases", "listen"]
