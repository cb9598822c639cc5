import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from ibconsole.http1.message import Request, Response
from ibconsole.simulator.simulator import Simulator


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls a simulator as a client with a key does, without a socket."""

    simulator: Simulator
    key: str

    async def __call__(
        self, method: str, target: str, body: Any = None, *, peer: str = "127.0.0.1"
    ) -> Response:
        data = b"" if body is None else json.dumps(body).encode()
        headers = ((b"Authorization", f"App {self.key}".encode()),) if self.key else ()
        return await self.simulator(Request(method, target, "1.1", headers, data, peer, b""))

    async def json(self, method: str, target: str, body: Any = None) -> Any:
        """Return the JSON value that a successful call answers."""
        answer = await self(method, target, body)
        assert answer.status == 200, answer
        return json.loads(answer.body)


Call = Callable[[Simulator], Caller]


@pytest.fixture
def simulator() -> Simulator:
    return Simulator()


@pytest.fixture
def call(simulator: Simulator) -> Caller:
    return Caller(simulator, simulator.api_key)
