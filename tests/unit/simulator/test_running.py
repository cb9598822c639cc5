import json

import pytest

from ibconsole.http1.exact import send
from ibconsole.http1.server import ListenError
from ibconsole.simulator.running import simulate
from ibconsole.simulator.settings import SimulatorSettings


async def test_the_simulator_is_reachable_over_a_socket() -> None:
    """A client needs its URL and key; after the block the port is closed."""
    async with simulate(SimulatorSettings(messages=2)) as running:
        header = (b"Authorization", f"App {running.api_key}".encode())
        answer = await send(
            f"{running.base_url}/push/1/inbox/reports", method="GET", headers=[header]
        )
        assert json.loads(answer.body)["messageCount"] == 2

    closed = await send(running.base_url, method="GET")
    assert closed.status is None


async def test_a_port_in_use_is_an_error() -> None:
    """A second simulator cannot listen on the same port."""
    async with simulate() as running:
        port = int(running.base_url.rpartition(":")[2])
        with pytest.raises(ListenError):
            async with simulate(port=port):
                pass
