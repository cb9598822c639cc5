"""The teams of a collector: what it stores is shipped to them, and they take turns in pulling."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Self

from ibconsole.archive import Reader
from ibconsole.errors import UserError
from ibconsole.services.connections import TeamAccess
from ibconsole.services.protection import Protection
from ibconsole.services.runtime import Paths, TeamLink, TeamState, TeamStatus
from ibconsole.services.team import (
    PermitStatus,
    Shipper,
    ShipperIdentity,
    TeamPullPermit,
    team_opener,
)
from ibconsole.services.team.collector.configuration import (
    CollectorConfiguration,
)
from ibconsole.services.team.collector.credentials import CollectorSecrets
from ibconsole.team_archive import TeamAddress

log = logging.getLogger(__name__)


class SharingForbidden(UserError):
    """The policy of this computer forbids a team's archive that the configuration names."""


def require_permitted_teams(configuration: CollectorConfiguration, protection: Protection) -> None:
    """Raise SharingForbidden if the policy of this computer forbids a team's archive."""
    policy = protection.policy()
    for one in configuration.connections:
        if one.team and (objection := policy.team_objection(one.team.database)):
            raise SharingForbidden(f"{one.connection.name}: {objection}")


class CollectorSharing:
    """Ships what connections receive, within its `async with` block.

    `status` is the state of the ways to the teams. Raises SharingForbidden when it is created.
    """

    def __init__(
        self,
        configuration: CollectorConfiguration,
        secrets: CollectorSecrets,
        paths: Paths,
        protection: Protection,
    ) -> None:
        self._configuration = configuration
        self._paths = paths
        self._label = configuration.label or socket.gethostname()
        self._accesses = {
            one.connection.id: TeamAccess(
                TeamAddress(one.team.database, one.team.account),
                secrets.passwords.get(one.connection.id),
            )
            for one in configuration.connections
            if one.team
        }
        require_permitted_teams(configuration, protection)
        self.status = TeamStatus()
        self._shipper: Shipper | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        if not self._accesses:
            return self
        identity = ShipperIdentity(self._label, is_collector=True)
        shipper = Shipper(self._paths, self._on_status, identity=identity)
        self._shipper = await self._stack.enter_async_context(shipper)
        connections = (one.connection.id for one in self._configuration.connections)
        unshared = [one for one in connections if one not in self._accesses]
        await shipper.share(self._accesses, unshared=unshared)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def permit_of(
        self, connection: str, on_status: Callable[[PermitStatus], None]
    ) -> TeamPullPermit | None:
        """Return the right to pull from a connection that is shared; None from any other.

        It waits for its turn. To be closed.
        """
        access = self._accesses.get(connection)
        if access is None:
            return None
        process = f"{self._label}, process {os.getpid()} on {socket.gethostname()}"
        opener = team_opener(access, self._paths.archive, self._label, is_collector=True)
        return TeamPullPermit(opener, process, is_collector=True, waits=True, on_status=on_status)

    async def read_identity(self) -> str:
        """Return the UUID of this archive, by which the team knows what comes from it."""

        def read() -> str:
            with Reader(self._paths.archive) as reader:
                return reader.identity()

        return await asyncio.to_thread(read)

    def wake(self) -> None:
        """Ship what was stored just now."""
        if self._shipper:
            self._shipper.wake()

    async def drain(self, seconds: float) -> None:
        """Ship what waits, for a time at most; what is left is shipped after the next start."""
        if not self._shipper:
            return
        left = await self._shipper.drain(seconds)
        log.log(
            logging.WARNING if left else logging.INFO,
            "%d rows wait on this disk for the team's archive.",
            left,
            extra={"fields": {"waiting": left}},
        )

    def _on_status(self, status: TeamStatus) -> None:
        before = {(one.label, one.account): one.state for one in self.status.links}
        self.status = status
        for link in status.links:
            if link.state is not before.get((link.label, link.account)):
                _log_change(link)


def _log_change(link: TeamLink) -> None:
    is_bad = link.state in {TeamState.AWAY, TeamState.REFUSED, TeamState.READING}
    log.log(
        logging.WARNING if is_bad else logging.INFO,
        "Team %s: %s.%s",
        link.label,
        link.sentence,
        f" {link.problem}" if link.problem else "",
        extra={"fields": {"team": link.label, "account": link.account, "state": link.state}},
    )
