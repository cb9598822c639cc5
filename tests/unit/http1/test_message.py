"""Values of requests: headers, path and query."""

import pytest

from ibconsole.http1.message import PendingResponse, Request, Response


def request(target: str) -> Request:
    headers = ((b"X-Twice", b"one"), (b"x-twice", b"two"), (b"X-Latin", b"\xe9"))
    return Request("GET", target, "1.1", headers, b"", "127.0.0.1", b"")


def test_header_in_any_case() -> None:
    """A header is found in any case; the first one counts."""
    asked = request("/")

    assert asked.header("x-TWICE") == "one"
    assert asked.header("x-latin") == "é"
    assert asked.header("x-none") is None


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/", "/", ""),
        ("/a%2Fb?c=d?e", "/a%2Fb", "c=d?e"),
        ("http://here/a?b=c", "/a", "b=c"),
        ("http://here", "/", ""),
        ("/a://b", "/a://b", ""),
        ("*", "*", ""),
        ("here:443", "here:443", ""),
    ],
)
def test_target_is_split_and_not_decoded(target: str, path: str, query: str) -> None:
    """Path and query are not decoded; a target may contain scheme and host."""
    assert (request(target).path, request(target).query) == (path, query)


def test_pending_response() -> None:
    """A pending answer arrives, whether it is given before or after it is waited for."""
    early, late = PendingResponse(), PendingResponse()
    given = list[int]()

    early.give(Response(200))
    early.when_given(lambda answer: given.append(answer.status))
    late.when_given(lambda answer: given.append(answer.status))
    late.give(Response(503))

    assert given == [200, 503]
