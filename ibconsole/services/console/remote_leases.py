"""Borrowed routes for the window: each command runs on the engine's loop and is awaited here."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ibconsole.errors import UserError
from ibconsole.hosts import host_of, is_loopback
from ibconsole.lazy import LazyModule
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote import ConnectionChanged
from ibconsole.services.forward_test import UrlContext
from ibconsole.services.request_log import request_purpose
from ibconsole.services.runtime import ConnectionStatus, Engine, LeaseStatus, ListenerState

if TYPE_CHECKING:
    from ibconsole.services import tunnels
    from ibconsole.services.setup.lease import LeaseRequest
else:
    tunnels = LazyModule("ibconsole.services.tunnels")

_LOOPBACK = "127.0.0.1"


class RemoteLeases:
    """The borrowed routes of the current connection, and the public addresses of the listener."""

    def __init__(self, engine: Engine, console: Console) -> None:
        self._engine = engine
        self._console = console

    async def ensure_listening(self, port: int, *, fixed: bool) -> int:
        """Start the listener for this computer, unless it runs; return its port.

        If the wanted port is in use, any other is taken, unless it is `fixed`, as where a tunnel
        leads to it. Raises ListenerFailed.
        """

        async def work() -> int:
            console = self._console
            if console.status.listener.state is not ListenerState.LISTENING:
                try:
                    await console.start_listener(host=_LOOPBACK, port=port)
                except UserError:
                    if fixed:
                        raise
                    await console.start_listener(host=_LOOPBACK, port=0)
            return urlsplit(console.status.listener.url).port or port

        return await self._engine.call(work)

    async def find_tunnels(self, port: int) -> "Sequence[tunnels.Tunnel]":
        """See `services.tunnels.find_tunnels`."""
        return await self._engine.call(tunnels.find_tunnels, port)

    async def reserve_path(self) -> str:
        """See `Leases.reserve_path`."""
        return await self._engine.call(self._console.leases.reserve_path)

    async def check(self, url: str) -> "tunnels.AddressCheck":
        """See `services.tunnels.check_address`. Raises NotPermitted, too."""
        console = self._console
        sandbox = is_loopback(host_of(console.status.connection.base_url))
        with request_purpose("Check of the public address"):
            return await self._engine.call(
                tunnels.check_address,
                url,
                console.forward_tests.test,
                console.paths.archive,
                UrlContext(sandbox=sandbox),
            )

    async def borrow(self, connection: ConnectionStatus, request: "LeaseRequest") -> LeaseStatus:
        """See `Leases.borrow`. Raises ConnectionChanged once another connection is open."""

        async def work() -> LeaseStatus:
            if connection != self._console.status.connection:
                raise ConnectionChanged(
                    "The connection has changed meanwhile; nothing was requested, and nothing"
                    " changed."
                )
            return await self._console.leases.borrow(request)

        return await self._engine.call(work)

    async def end(self, lease: str) -> None:
        """See `Leases.end`."""
        await self._engine.call(self._console.leases.end, lease)

    async def extend(self, lease: str) -> None:
        """See `Leases.extend`."""
        await self._engine.call(self._console.leases.extend, lease)
