"""Access tokens, against the simulator: fetched once, renewed in time, never shown."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from ibconsole.api.authorization import ApiKey, Authorization, Basic, SessionToken
from ibconsole.api.client import ApiClient
from ibconsole.api.errors import ApiError, BadCredential, NoAccessToken
from ibconsole.api.exchange import Exchange
from ibconsole.api.gate import admit_all
from ibconsole.api.oauth import ClientCredentials
from ibconsole.api.platform import Platform
from ibconsole.secret import Secret
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings


class Clock:
    """A clock that is set by the test."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def running() -> AsyncIterator[RunningSimulator]:
    async with simulate(
        SimulatorSettings(messages=3, rate_limited=False, token_seconds=600)
    ) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(running: RunningSimulator, clock: Clock, log: list[Exchange]) -> ClientCredentials:
    return ClientCredentials(
        running.base_url,
        running.client_id,
        Secret(running.client_secret),
        observe=log.append,
        clocks=(clock,),
    )


@pytest.fixture
async def platform(
    running: RunningSimulator, client: ClientCredentials, log: list[Exchange]
) -> AsyncIterator[Platform]:
    async with ApiClient(running.base_url, client, observe=log.append, gate=admit_all) as api:
        yield Platform(api)


def tokens(running: RunningSimulator) -> int:
    return int(running.simulator.state.counters["tokens"])


async def test_one_token_for_concurrent_requests(
    running: RunningSimulator, platform: Platform
) -> None:
    """Concurrent requests share one token, and later ones use it as well."""
    await asyncio.gather(*(platform.applications() for _ in range(5)))
    await platform.applications()

    assert tokens(running) == 1


async def test_renewed_before_it_expires(
    running: RunningSimulator, platform: Platform, clock: Clock
) -> None:
    """A token is renewed after half of its lifetime, before it is refused."""
    await platform.applications()
    clock.now += 301

    await platform.applications()

    assert tokens(running) == 2


async def test_early_renewal_that_fails(
    running: RunningSimulator, platform: Platform, clock: Clock
) -> None:
    """If an early renewal fails, the old token is used until it expires."""
    await platform.applications()
    clock.now += 301
    running.simulator.inject_fault("500", times=9, match="oauth2")

    assert await platform.applications()


async def test_refused_tokens_are_renewed_once(
    running: RunningSimulator, platform: Platform
) -> None:
    """A request refused for its token is repeated with another one, and only once."""
    await platform.applications()
    running.simulator.credentials.revoke_tokens()
    assert await platform.applications()
    assert tokens(running) == 2

    running.simulator.inject_fault("401", times=2, match="GET /push")
    with pytest.raises(ApiError):
        await platform.applications()
    assert tokens(running) == 3


async def test_pull_is_never_repeated(
    running: RunningSimulator, client: ClientCredentials, log: list[Exchange]
) -> None:
    """A pull that was refused for its token stays refused; the next one has a fresh token."""

    async def receive(_: bytes) -> None:
        return None

    path = "/push/1/inbox/reports"
    async with ApiClient(running.base_url, client, observe=log.append, gate=admit_all) as api:
        await Platform(api).applications()
        running.simulator.credentials.revoke_tokens()
        before = len(log)
        refused = await api.fetch_once(path, receive=receive)
        assert refused.status == 401
        assert [one.path for one in log[before:]] == [path]

        await api.fetch_once(path, receive=receive)

    assert tokens(running) == 2


async def test_wrong_client(running: RunningSimulator, log: list[Exchange]) -> None:
    """The error for a refused client names the possible causes; the request is not repeated."""
    wrong = ClientCredentials(
        running.base_url, running.client_id, Secret("planted-wrong-secret"), observe=log.append
    )

    with pytest.raises(NoAccessToken) as caught:
        await wrong.header()

    assert "client ID or the client secret is wrong" in f"{caught.value} {caught.value.auth_causes}"
    assert "planted-wrong-secret" not in f"{caught.value} {log!r}"
    assert len(log) == 1


async def test_tokens_are_never_shown(
    running: RunningSimulator, client: ClientCredentials, platform: Platform, log: list[Exchange]
) -> None:
    """Neither logs nor errors show a token, even if every answer repeats the request."""
    running.simulator.inject_fault("echo", times=9)
    await platform.applications()
    running.simulator.state.faults.clear()
    running.simulator.inject_fault("echo-400", match="GET /push")
    with pytest.raises(ApiError) as caught:
        await platform.applications()
    error = caught.value
    shown = [repr(log), repr(client), repr(vars(platform)), str(error), repr(vars(error))]

    revealed = [secret.reveal() for secret in client.secrets]
    assert len(revealed) == 3
    assert not [one for one in revealed for text in shown if one in text]


@pytest.mark.parametrize(("client_id", "secret"), [("", "x"), ("x", " "), ("x\ny", "x")])
def test_unusable_client(client_id: str, secret: str) -> None:
    """An empty ID or secret, or one with a line break, is refused before anything is sent."""
    with pytest.raises(BadCredential):
        ClientCredentials("https://xxxxx.api.infobip.com", client_id, Secret(secret))


async def test_every_kind_is_accepted(running: RunningSimulator) -> None:
    """API key, Basic and IBSSO are all accepted by the platform."""
    user, password = running.basic
    kinds: list[Authorization] = [
        ApiKey(Secret(running.api_key)),
        Basic(user, Secret(password)),
        SessionToken(Secret(running.session_token)),
    ]

    for kind in kinds:
        async with ApiClient(running.base_url, kind, gate=admit_all) as api:
            assert len(await Platform(api).applications()) == 6
