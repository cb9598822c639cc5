"""The listener's answers, and the arrivals that it stores."""

import logging

import pytest

from ibconsole.http1.message import Malformed, Request
from ibconsole.listener.listener import UNMATCHED_BYTES, Listener, Owner
from ibconsole.model.message import Arrival

OWNERS = {"/in": Owner("acme"), "/unowned": Owner(None)}
find_owner = OWNERS.get


class Stored(list[Arrival]):
    """A store that keeps the arrivals in a list."""

    async def __call__(self, arrival: Arrival) -> None:
        self.append(arrival)


def request(method: str = "POST", target: str = "/in?x=1", body: bytes = b"{}") -> Request:
    return Request(method, target, "1.1", ((b"X-Odd", b"\xff"),), body, "127.0.0.1", b"raw" + body)


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE", "PURGE"])
@pytest.mark.parametrize("body", [b'{"results":[]}', b"{", b"", b"\xff\x00"])
async def test_any_request_on_a_known_path(method: str, body: bytes) -> None:
    """An unreadable body is stored and answered 200: a 4xx would lose messages."""
    stored = Stored()

    answer = await Listener(find_owner, stored)(request(method, body=body))

    [arrival] = stored
    assert (answer.status, answer.body) == (200, b"")
    assert (arrival.method, arrival.body, arrival.raw) == (method, body, b"raw" + body)
    assert arrival.headers == (("X-Odd", "ÿ"),)


async def test_unknown_path() -> None:
    """A request on an unknown path is answered 404 and stored for inspection."""
    stored = Stored()

    answer = await Listener(find_owner, stored)(request(target="/favicon.ico"))

    assert answer.status == stored[0].status == 404
    assert stored[0].problem


@pytest.mark.parametrize(
    ("target", "status", "connection", "unmatched"),
    [
        ("/in?x=1", 200, "acme", False),
        ("/unowned", 200, None, False),
        ("http://here/in", 200, "acme", False),
        ("/in/", 404, None, True),
        ("/IN", 404, None, True),
        ("/", 404, None, True),
    ],
)
async def test_path_decides_the_connection(
    target: str, status: int, connection: str | None, *, unmatched: bool
) -> None:
    """A forward belongs to the connection that owns its path; on other paths it is unmatched."""
    stored = Stored()

    answer = await Listener(find_owner, stored)(request(target=target))

    [arrival] = stored
    assert answer.status == arrival.status == status
    assert (arrival.connection, arrival.unmatched) == (connection, unmatched)


@pytest.mark.parametrize(
    ("raw", "connection", "unmatched"),
    [
        (b"POST /in HTTP/1.1\r\nbad header\r\n\r\n", "acme", False),
        (b"POST http://h/in HTTP/9\r\n", "acme", False),
        (b"POST /other HTTP/1.1\r\nbad header\r\n\r\n", None, True),
        (b"/in", None, True),
        (b"\xff \xfe \xfd", None, True),
        (b"", None, True),
    ],
)
async def test_malformed_request_on_a_known_path(
    raw: bytes, connection: str | None, *, unmatched: bool
) -> None:
    """A malformed request is stored completely if its first line contains a known path."""
    stored = Stored()
    raw += b"x" * UNMATCHED_BYTES

    await Listener(find_owner, stored).store_malformed(Malformed(raw, "Odd.", 400, "127.0.0.1"))

    [arrival] = stored
    assert (arrival.connection, arrival.unmatched) == (connection, unmatched)
    assert arrival.raw == (raw[:UNMATCHED_BYTES] if unmatched else raw)


async def test_large_unmatched_request() -> None:
    """Large requests on unknown paths cannot fill the disk: their beginning is stored."""
    stored = Stored()

    await Listener(find_owner, stored)(request(target="/no", body=b"b" * (UNMATCHED_BYTES + 10)))

    [arrival] = stored
    assert len(arrival.raw) == len(arrival.body) == UNMATCHED_BYTES
    assert f"Of its {UNMATCHED_BYTES + 13} bytes the first" in arrival.problem


async def test_lasting_failure_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """An outage of the store is logged once; an outage after a success is logged again."""
    broken_now = [True, True, False, True]

    async def store(_: Arrival) -> None:
        if broken_now.pop(0):
            raise OSError

    listener = Listener(find_owner, store)
    with caplog.at_level(logging.ERROR):
        statuses = [(await listener(request())).status for _ in range(4)]

    assert statuses == [503, 503, 200, 503]
    assert len(caplog.records) == 2
    caplog.clear()


async def broken(_: Arrival) -> None:
    raise OSError("disk full at /secret/place")


async def test_failure_to_store(caplog: pytest.LogCaptureFixture) -> None:
    """A request that cannot be stored is answered 503 with Retry-After and no details."""
    answer = await Listener(find_owner, broken)(request())

    assert (answer.status, answer.body) == (503, b"")
    assert answer.headers == ((b"Retry-After", b"60"),)
    assert "not stored" in caplog.text


async def test_malformed_request_is_stored() -> None:
    """The bytes of a malformed request are stored with the reason."""
    stored = Stored()

    await Listener(find_owner, stored).store_malformed(
        Malformed(b"\x16\x03", "Not HTTP.", 400, "127.0.0.1")
    )

    assert (stored[0].raw, stored[0].status, stored[0].problem) == (b"\x16\x03", 400, "Not HTTP.")
