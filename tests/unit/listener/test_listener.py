import pytest

from ibconsole.http1 import Malformed, Request
from ibconsole.listener import Listener, Received


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

    answer = await Listener("/in", kept)(request(method, body=body))

    [received] = kept
    assert (answer.status, answer.body) == (200, b"")
    assert (received.method, received.body, received.raw) == (method, body, b"raw" + body)
    assert received.headers == (("X-Odd", "ÿ"),)


async def test_other_paths_are_turned_away_and_kept() -> None:
    """A wrong path is answered 404, and can be looked at."""
    kept = Kept()

    answer = await Listener("/in", kept)(request(target="/favicon.ico"))

    assert answer.status == kept[0].status == 404
    assert kept[0].problem


async def broken(_: Received) -> None:
    raise OSError("disk full at /secret/place")


async def test_what_is_not_stored_is_not_acknowledged(caplog: pytest.LogCaptureFixture) -> None:
    """The platform is asked to try again, and is told nothing about us."""
    answer = await Listener("/in", broken)(request())

    assert (answer.status, answer.body) == (503, b"")
    assert "not stored" in caplog.text


async def test_what_is_no_request_is_kept_too() -> None:
    """The bytes that the parser refused are stored with the reason."""
    kept = Kept()

    await Listener("/in", kept).refused(Malformed(b"\x16\x03", "Not HTTP.", 400, "127.0.0.1"))

    assert (kept[0].raw, kept[0].status, kept[0].problem) == (b"\x16\x03", 400, "Not HTTP.")
