import logging

import pytest

from ibconsole.http1.message import Malformed, Request
from ibconsole.listener.listener import STRANGERS_BYTES, Listener, Owner, Received

OWNERS = {"/in": Owner("acme"), "/nobody": Owner(None)}
whose = OWNERS.get


class Kept(list[Received]):
    async def __call__(self, received: Received) -> None:
        self.append(received)


def request(method: str = "POST", target: str = "/in?x=1", body: bytes = b"{}") -> Request:
    return Request(method, target, "1.1", ((b"X-Odd", b"\xff"),), body, "127.0.0.1", b"raw" + body)


@pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE", "PURGE"])
@pytest.mark.parametrize("body", [b'{"results":[]}', b"{", b"", b"\xff\x00"])
async def test_whatever_comes_on_the_path_is_kept_and_welcome(method: str, body: bytes) -> None:
    """A body that nobody understands is stored and answered 200: a 4xx would cost messages."""
    kept = Kept()

    answer = await Listener(whose, kept)(request(method, body=body))

    [received] = kept
    assert (answer.status, answer.body) == (200, b"")
    assert (received.method, received.body, received.raw) == (method, body, b"raw" + body)
    assert received.headers == (("X-Odd", "ÿ"),)


async def test_other_paths_are_turned_away_and_kept() -> None:
    """A wrong path is answered 404, and can be looked at."""
    kept = Kept()

    answer = await Listener(whose, kept)(request(target="/favicon.ico"))

    assert answer.status == kept[0].status == 404
    assert kept[0].problem


@pytest.mark.parametrize(
    ("target", "status", "connection", "stranger"),
    [
        ("/in?x=1", 200, "acme", False),
        ("/nobody", 200, None, False),
        ("http://here/in", 200, "acme", False),
        ("/in/", 404, None, True),
        ("/IN", 404, None, True),
        ("/", 404, None, True),
    ],
)
async def test_the_path_says_whose_a_forward_is(
    target: str, status: int, connection: str | None, *, stranger: bool
) -> None:
    """A forward belongs to the connection whose path it came on; all others are strangers'."""
    kept = Kept()

    answer = await Listener(whose, kept)(request(target=target))

    [received] = kept
    assert answer.status == received.status == status
    assert (received.connection, received.stranger) == (connection, stranger)


@pytest.mark.parametrize(
    ("raw", "connection", "stranger"),
    [
        (b"POST /in HTTP/1.1\r\nbad header\r\n\r\n", "acme", False),
        (b"POST http://h/in HTTP/9\r\n", "acme", False),
        (b"POST /other HTTP/1.1\r\nbad header\r\n\r\n", None, True),
        (b"/in", None, True),
        (b"\xff \xfe \xfd", None, True),
        (b"", None, True),
    ],
)
async def test_what_is_broken_behind_a_path_is_still_its_owners(
    raw: bytes, connection: str | None, *, stranger: bool
) -> None:
    """A forward that is cut, too large or no HTTP is kept whole if its first line knew a path."""
    kept = Kept()
    raw += b"x" * STRANGERS_BYTES

    await Listener(whose, kept).refused(Malformed(raw, "Odd.", 400, "127.0.0.1"))

    [received] = kept
    assert (received.connection, received.stranger) == (connection, stranger)
    assert received.raw == (raw[:STRANGERS_BYTES] if stranger else raw)


async def test_a_stranger_is_not_kept_at_length() -> None:
    """Whoever posts much to a wrong path does not fill the disk; what is left out is said."""
    kept = Kept()

    await Listener(whose, kept)(request(target="/no", body=b"b" * (STRANGERS_BYTES + 10)))

    [received] = kept
    assert len(received.raw) == len(received.body) == STRANGERS_BYTES
    assert f"Of its {STRANGERS_BYTES + 13} bytes the first" in received.problem


async def test_a_lasting_failure_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """The log of a full disk does not grow with every sender; the next failure is new again."""
    broken_now = [True, True, False, True]

    async def store(_: Received) -> None:
        if broken_now.pop(0):
            raise OSError

    listener = Listener(whose, store)
    with caplog.at_level(logging.ERROR):
        statuses = [(await listener(request())).status for _ in range(4)]

    assert statuses == [503, 503, 200, 503]
    assert len(caplog.records) == 2
    caplog.clear()


async def broken(_: Received) -> None:
    raise OSError("disk full at /secret/place")


async def test_what_is_not_stored_is_not_acknowledged(caplog: pytest.LogCaptureFixture) -> None:
    """The platform is asked to try again, and is told nothing about us."""
    answer = await Listener(whose, broken)(request())

    assert (answer.status, answer.body) == (503, b"")
    assert answer.headers == ((b"Retry-After", b"60"),)
    assert "not stored" in caplog.text


async def test_what_is_no_request_is_kept_too() -> None:
    """The bytes that the parser refused are stored with the reason."""
    kept = Kept()

    await Listener(whose, kept).refused(Malformed(b"\x16\x03", "Not HTTP.", 400, "127.0.0.1"))

    assert (kept[0].raw, kept[0].status, kept[0].problem) == (b"\x16\x03", 400, "Not HTTP.")
