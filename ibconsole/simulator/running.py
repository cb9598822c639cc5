"""A simulator that listens on a port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ibconsole.http1 import Server
from ibconsole.simulator.account import Population
from ibconsole.simulator.settings import DEFAULTS, SimulatorSettings
from ibconsole.simulator.simulator import Simulator


@dataclass(frozen=True, slots=True)
class RunningSimulator:
    """The address of a simulator, its credentials, and the simulator itself."""

    base_url: str
    api_key: str
    simulator: Simulator

    @property
    def pull_only_key(self) -> str:
        """An API key that is limited to the pull."""
        return self.simulator.pull_only_key

    @property
    def basic(self) -> tuple[str, str]:
        """A user's name and password."""
        return self.simulator.credentials.user, self.simulator.credentials.password

    @property
    def session_token(self) -> str:
        """The token of an active session."""
        return self.simulator.credentials.session_token

    @property
    def client_id(self) -> str:
        """The ID of a client that may request access tokens."""
        return self.simulator.credentials.client_id

    @property
    def client_secret(self) -> str:
        """The secret of that client."""
        return self.simulator.credentials.client_secret


@asynccontextmanager
async def simulate(
    settings: SimulatorSettings = DEFAULTS,
    host: str = "127.0.0.1",
    port: int = 0,
    population: Population | None = None,
) -> AsyncIterator[RunningSimulator]:
    """Serve a simulated platform while the block runs; port 0 selects any free port.

    Its account is invented, unless it is given as a population.

    Raises ListenError of http1 if the address is not available.
    """
    simulator = Simulator(settings, population=population)
    async with Server(simulator, host=host, port=port) as server:
        work = asyncio.get_running_loop().create_task(simulator.run(), name="simulator")
        try:
            yield RunningSimulator(server.url, simulator.api_key, simulator)
        finally:
            work.cancel()
            [outcome] = await asyncio.gather(work, return_exceptions=True)
            if isinstance(outcome, Exception):
                raise outcome
