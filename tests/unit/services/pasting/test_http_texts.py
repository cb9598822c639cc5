"""Requests and headers that are written as text."""

from hypothesis import given
from hypothesis import strategies as st

from ibconsole.secret import Secret
from ibconsole.services.pasting.http_texts import is_answer, read_http


def test_a_whole_request() -> None:
    """The head gives method, URL and headers, the rest is the body; framing is left out."""
    found = read_http(
        "POST /in?a=1 HTTP/1.1\r\nHost: x.example\r\nX-Forwarded-Proto: https\r\n"
        "Content-Length: 2\r\nAuthorization: App k3y\r\n\r\n{}\n"
    )

    assert found
    assert (found.method, found.url, found.body) == ("POST", "https://x.example/in?a=1", b"{}\n")
    assert [name for name, _ in found.headers] == ["Host", "X-Forwarded-Proto"]
    assert found.secret == Secret("k3y")


def test_headers_that_a_browser_copies() -> None:
    """Those of HTTP/2 say the URL; without them it is not known."""
    whole = read_http(":method: GET\n:path: /a\n:authority: x.example\n:scheme: https\naccept: */*")
    alone = read_http("Accept: */*\nHost: x.example")
    absolute = read_http("GET http://x.example/a HTTP/1.1\nA: b")

    assert whole
    assert (whole.method, whole.url) == ("GET", "https://x.example/a")
    assert whole.headers == (("accept", "*/*"),)
    assert alone
    assert (alone.method, alone.url, len(alone.headers)) == ("", "", 2)
    assert absolute
    assert absolute.url == "http://x.example/a"


def test_other_texts() -> None:
    """A sentence, a single pair and a URL are no headers."""
    assert read_http("Note: see below\nand here") is None
    assert read_http("Note: this") is None
    assert read_http("https://x.example\nhttps://y.example") is None
    assert read_http("a: b\n" * 2_000) is None
    assert is_answer("HTTP/1.1 200 OK\r\n\r\n")
    assert not is_answer("HTTP/1.1 is old")


@given(st.text())
def test_any_text(text: str) -> None:
    """Any text is read, or is none."""
    read_http(f"GET / HTTP/1.1\n{text}")
    read_http(text)
