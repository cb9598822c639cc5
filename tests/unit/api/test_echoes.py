"""Answers of the simulator that repeat the credential, for each kind of credential."""

import logging
from collections.abc import AsyncIterator, Callable

import pytest

from ibconsole.api.authorization import ApiKey, Authorization, Basic, SessionToken
from ibconsole.api.client import ApiClient
from ibconsole.api.errors import ApiError
from ibconsole.api.exchange import Exchange
from ibconsole.api.gate import admit_all
from ibconsole.api.oauth import ClientCredentials
from ibconsole.api.platform import Platform
from ibconsole.secret import Secret
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings
from tests.unit.api.loopback import KEY, Connect, answer, loopback

Make = Callable[[RunningSimulator], Authorization]

KINDS: dict[str, Make] = {
    "API key": lambda running: ApiKey(Secret(running.api_key)),
    "Basic": lambda running: Basic(running.basic[0], Secret(running.basic[1])),
    "IBSSO": lambda running: SessionToken(Secret(running.session_token)),
    "OAuth2": lambda running: ClientCredentials(
        running.base_url, running.client_id, Secret(running.client_secret)
    ),
}

each_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS.keys())


@pytest.fixture
async def running() -> AsyncIterator[RunningSimulator]:
    async with simulate(SimulatorSettings(messages=3, rate_limited=False)) as running:
        yield running


def shown_of(authorization: Authorization, texts: list[str]) -> list[str]:
    """Return the texts that contain a secret of the credential."""
    planted = [secret.reveal() for secret in authorization.secrets]
    assert planted
    return [text for text in texts if any(secret in text for secret in planted)]


@each_kind
@pytest.mark.parametrize("status", [400, 401, 403, 500])
async def test_refusals(
    running: RunningSimulator,
    log: list[Exchange],
    caplog: pytest.LogCaptureFixture,
    make: Make,
    status: int,
) -> None:
    """A refusal that repeats the credential reveals it in no error, exchange or log."""
    caplog.set_level(logging.DEBUG)
    authorization = make(running)
    running.simulator.inject_fault(f"echo-{status}", times=9, match="GET /push")

    async with ApiClient(
        running.base_url, authorization, observe=log.append, gate=admit_all
    ) as client:
        with pytest.raises(ApiError) as caught:
            await Platform(client).applications()

    error = caught.value
    assert any(b"receivedAuthorization" in one.answer_body for one in log)
    texts = [str(error), repr(error), repr(vars(error)), repr(log), repr(authorization)]
    assert not shown_of(authorization, [*texts, repr(client), caplog.text])


@each_kind
async def test_successes(running: RunningSimulator, log: list[Exchange], make: Make) -> None:
    """A success that repeats the credential is returned and logged with it masked."""
    authorization = make(running)
    running.simulator.inject_fault("echo", match="GET /push")

    async with ApiClient(
        running.base_url, authorization, observe=log.append, gate=admit_all
    ) as client:
        got = await client.request("GET", "/push/1/applications")

    assert b"receivedAuthorization" in got.body
    assert not shown_of(authorization, [got.body.decode(), repr(log)])


@each_kind
async def test_pulls(running: RunningSimulator, log: list[Exchange], make: Make) -> None:
    """A pull that repeats the credential is received completely, with only that masked."""
    authorization = make(running)
    running.simulator.inject_fault("echo", match="/inbox/reports")
    received = bytearray()

    async def receive(data: bytes) -> None:
        received.extend(data)

    async with ApiClient(
        running.base_url, authorization, observe=log.append, gate=admit_all
    ) as client:
        answered = await Platform(client).pull(None, receive=receive)

    assert answered.complete
    assert b"receivedAuthorization" in received
    assert b'"messageCount":3' in received
    assert not shown_of(authorization, [received.decode(), repr(answered), repr(log)])


async def test_echo_in_a_pull(connect: Connect, log: list[Exchange]) -> None:
    """A credential in the answer to a pull is masked; every other byte is unchanged."""
    whole = answer(200, b'{"results":[],"echo":"App %b","messageCount":0}' % KEY.encode())
    received: list[bytes] = []

    async def receive(data: bytes) -> None:
        received.append(data)

    async with loopback(whole) as server:
        await Platform(connect(server.url)).pull(None, receive=receive)

    masked = b"".join(received)
    assert len(masked) == len(whole)
    assert masked.startswith(whole.partition(b"App")[0])
    assert masked.endswith(b'*","messageCount":0}')
    assert KEY not in f"{masked!r} {log!r}"


@pytest.mark.parametrize("size", [1, 7, 71])
async def test_echo_divided_by_chunks(connect: Connect, log: list[Exchange], size: int) -> None:
    """A credential that the framing divides is masked in the body once that is joined."""
    body = b'{"results":[],"echo":"App %b","messageCount":0}' % KEY.encode()
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    async def receive(_: bytes) -> None:
        return None

    async with loopback(head + chunks + b"0\r\n\r\n") as server:
        answered = await Platform(connect(server.url)).pull(None, receive=receive)

    assert answered.mask
    masked = answered.mask(body)
    assert len(masked) == len(body)
    assert KEY not in f"{masked!r} {log!r}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirected_pull(connect: Connect, status: int) -> None:
    """A redirected pull is not followed: no other host receives the credential."""

    async def receive(_: bytes) -> None:
        return None

    async with (
        loopback(answer(200)) as elsewhere,
        loopback(answer(status, b"", f"Location: {elsewhere.url}/y")) as server,
    ):
        answered = await Platform(connect(server.url)).pull(None, receive=receive)

    assert answered.status == status
    assert not elsewhere.requests
