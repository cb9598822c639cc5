"""API clients for the tests of this package: no waits between attempts, no proxy, a log."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import stamina

from ibconsole.api.authorization import ApiKey
from ibconsole.api.budget import Budget
from ibconsole.api.client import ApiClient
from ibconsole.api.exchange import Exchange
from ibconsole.api.gate import admit_all
from ibconsole.api.retrying import DEFAULT_TIMEOUTS, Timeouts
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
    """The waits of the budget, in seconds."""
    return []


@pytest.fixture
def budget(pauses: list[float]) -> Budget:
    """A large budget whose clock advances by sleeping."""

    async def sleep(seconds: float) -> None:
        pauses.append(round(seconds, 3))

    return Budget(1_000, clock=lambda: sum(pauses), sleep=sleep)


@pytest.fixture
def log() -> list[Exchange]:
    return []


@pytest.fixture
async def connect(budget: Budget, log: list[Exchange]) -> AsyncIterator[Callable[[str], ApiClient]]:
    """A factory of clients, which are closed after the test."""
    made: list[ApiClient] = []

    def make(url: str, timeouts: Timeouts = DEFAULT_TIMEOUTS) -> ApiClient:
        client = ApiClient(
            url,
            ApiKey(Secret(KEY)),
            budget=budget,
            observe=log.append,
            timeouts=timeouts,
            gate=admit_all,
        )
        made.append(client)
        return client

    yield make
    for client in made:
        await client.aclose()
