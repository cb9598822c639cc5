import json

import pytest

from ibconsole.http1.exact import send
from ibconsole.http1.server import ListenError
from ibconsole.simulator.running import simulate
from ibconsole.simulator.settings import SimulatorSettings


async def test_the_platform_is_reached_over_a_socket() -> None:
    """Its address and key are enough for a client; its end is clean."""
    async with simulate(SimulatorSettings(messages=2)) as running:
        header = (b"Authorization", f"App {running.api_key}".encode())
        answer = await send(
            f"{running.base_url}/push/1/inbox/reports", method="GET", headers=[header]
        )
        assert json.loads(answer.body)["messageCount"] == 2

    gone = await send(running.base_url, method="GET")
    assert gone.status is None


async def test_a_taken_port_is_said() -> None:
    """Two simulators do not share a port."""
    async with simulate() as running:
        port = int(running.base_url.rpartition(":")[2])
        with pytest.raises(ListenError):
            async with simulate(port=port):
                pass
