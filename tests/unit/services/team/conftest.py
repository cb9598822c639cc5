"""An archive with a connection that shares with a team, and its shipper."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest

from ibconsole.archive.archive import Archive
from ibconsole.services.connections.account import TeamAccess
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.team_status import TeamLink
from ibconsole.services.team.lane import ShipperIdentity
from ibconsole.services.team.shipping import Shipper
from ibconsole.services.team.shipping_run import ShippingLimits
from tests.postgres import TeamDatabase
from tests.unit.archive.deliveries import arrival, batch

QUICK = ShippingLimits(
    poll=0.02, idle=0.05, retry=(0.02, 0.1), refused=0.1, elsewhere=0.05, remove=0.01, heartbeat=0.1
)


class Desk:
    """A computer with an archive, whose connection "c" shares with the account acme."""

    def __init__(self, directory: Path, team: TeamDatabase) -> None:
        self.paths = Paths(directory)
        self.team = team
        self.archive = Archive(self.paths.archive)
        self._stack = AsyncExitStack()

    async def shipper(
        self,
        role: str = "collector",
        *,
        account: str = "acme",
        limits: ShippingLimits = QUICK,
        is_collector: bool = False,
    ) -> Shipper:
        """Start a shipper, which is closed after the test."""
        identity = ShipperIdentity("desk", is_collector=is_collector)
        shipper = Shipper(self.paths, lambda _: None, identity=identity, limits=limits)
        await self._stack.enter_async_context(shipper)
        await shipper.share({"c": TeamAccess(self.team.address(role, account))})
        return shipper

    def receive(self, *texts: str, connection: str = "c") -> None:
        """Store one forward for each text."""
        arrivals = [
            msgspec.structs.replace(
                arrival(batch({"messageId": text, "text": text}), arrived_at=1_790_000_000_000),
                connection=connection,
            )
            for text in texts
        ]
        self.archive.decode(self.archive.add_forwards(arrivals))

    def shipped(self) -> list[str]:
        """Return the texts that the team has, in order."""
        found = self.team.db().execute("SELECT text FROM ibconsole.message ORDER BY text")
        return [text for (text,) in found.fetchall()]

    async def close(self) -> None:
        """Close the shippers and the archive."""
        await self._stack.aclose()
        self.archive.close()


async def until(shipper: Shipper, condition: Callable[[TeamLink], object]) -> TeamLink:
    """Wait until the only link of the status fulfils a condition, and return it."""
    async with asyncio.timeout(30):
        while not (shipper.status.links and condition(shipper.status.links[0])):
            await asyncio.sleep(0.01)
    return shipper.status.links[0]


async def until_shipped(desk: Desk, texts: Sequence[str]) -> None:
    """Wait until the team has exactly these messages."""
    async with asyncio.timeout(30):
        while desk.shipped() != sorted(texts):
            await asyncio.sleep(0.02)


@pytest.fixture
async def desk(tmp_path: Path, team: TeamDatabase) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path / "desk", team)
    yield desk
    await desk.close()
