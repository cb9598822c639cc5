"""Transports for the tests of this room: no waiting between attempts, no proxy, a log."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import stamina

from ibconsole.api.authorization import ApiKey
from ibconsole.api.budget import Budget
from ibconsole.api.exchange import Exchange
from ibconsole.api.retrying import USUAL, Patience
from ibconsole.api.transport import Transport
from ibconsole.secret import Secret
from tests.unit.api.loopback import KEY


@pytest.fixture(autouse=True)
def no_waiting_between_attempts() -> Iterator[None]:
    with stamina.set_testing(testing=True, attempts=3):
        yield


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def pauses() -> list[float]:
    """How long the budget made somebody wait."""
    return []


@pytest.fixture
def budget(pauses: list[float]) -> Budget:
    """A budget of plenty, whose clock goes on by sleeping."""

    async def sleep(seconds: float) -> None:
        pauses.append(round(seconds, 3))

    return Budget(1_000, clock=lambda: sum(pauses), sleep=sleep)


@pytest.fixture
def log() -> list[Exchange]:
    return []


@pytest.fixture
async def connect(budget: Budget, log: list[Exchange]) -> AsyncIterator[Callable[[str], Transport]]:
    """Makes transports, and closes them after the test."""
    made: list[Transport] = []

    def make(url: str, patience: Patience = USUAL) -> Transport:
        transport = Transport(
            url, ApiKey(Secret(KEY)), budget=budget, observe=log.append, patience=patience
        )
        made.append(transport)
        return transport

    yield make
    for transport in made:
        await transport.aclose()
