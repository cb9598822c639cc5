"""Kinds of bodies, by what such pages say."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.forward_test.body_kinds import BodyKind, body_kind


def html(text: str) -> bytes:
    return f"<!DOCTYPE html>\n<html><body>{text}</body></html>".encode()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", BodyKind.EMPTY),
        (b" \r\n", BodyKind.EMPTY),
        (b"OK", BodyKind.TEXT),
        (b"captcha passed, access denied to none", BodyKind.TEXT),
        (b'{"status":"ok","error":null,"errors":[]}', BodyKind.JSON),
        (b'{"error":"no such tenant"}', BodyKind.JSON_ERROR),
        (b'{"success":false}', BodyKind.JSON_ERROR),
        (b'{"Status":"FAILED"}', BodyKind.JSON_ERROR),
        (b"[1]", BodyKind.JSON),
        (b"<?xml version='1.0'?><ok/>", BodyKind.XML),
        (html("Welcome"), BodyKind.HTML),
        (b"<!-- x --><html></html>", BodyKind.HTML),
        (html("Checking if the site connection is secure"), BodyKind.CHALLENGE),
        (html('<div class="g-recaptcha"></div>'), BodyKind.CHALLENGE),
        (html("Attention Required! | Cloudflare"), BodyKind.BLOCKED),
        (html("Your support ID is: 123"), BodyKind.BLOCKED),
        (html("<input type='password'>"), BodyKind.LOGIN),
        (b"Tunnel x.ngrok.io not found", BodyKind.TUNNEL),
        (b"Client sent an HTTP request to an HTTPS server.", BodyKind.HTTPS_PORT),
        (b"error code: 1033", BodyKind.TUNNEL),
        (b'{"title":"Internal Server Error","status":500}', BodyKind.JSON_ERROR),
        (b'{"statusCode":404,"message":"no"}', BodyKind.JSON_ERROR),
        (b'{"success":"false"}', BodyKind.JSON_ERROR),
        (b'{"success":0}', BodyKind.JSON_ERROR),
        (b'{"success":"no"}', BodyKind.JSON_ERROR),
        (b'{"result":"error"}', BodyKind.JSON_ERROR),
        (b'{"code":500,"message":"x"}', BodyKind.JSON_ERROR),
        (b'{"statusCode":"503"}', BodyKind.JSON_ERROR),
        (b'{"errorType":"Sandbox.Timedout"}', BodyKind.JSON_ERROR),
        (b'{"errorCode":"E429"}', BodyKind.JSON_ERROR),
        (b'[{"ok":true},{"ok":false}]', BodyKind.JSON_ERROR),
        (b'{"errorCode":"000","code":0,"success":1,"errors":[]}', BodyKind.JSON),
        (b'{"code":5000,"result":"done","ok":null}', BodyKind.JSON),
        (b"ERROR: could not connect to the database", BodyKind.ERROR_REPORT),
        (b"Error: none", BodyKind.TEXT),
        (html("Not available in your region."), BodyKind.BLOCKED),
        (b'{"status":200}', BodyKind.JSON),
        (b'{"status":true}', BodyKind.JSON),
        (b"<?xml version='1.0'?><s:Body><s:Fault><x/></s:Fault></s:Body>", BodyKind.ERROR_REPORT),
        (b"<error>no</error>", BodyKind.ERROR_REPORT),
        (b"<response><errorCount>0</errorCount></response>", BodyKind.XML),
        (b"Traceback (most recent call last):\n  File", BodyKind.ERROR_REPORT),
        (b"java.lang.X: y\n\tat com.acme.Hook(Hook.java:3)", BodyKind.ERROR_REPORT),
        (b"<br />\n<b>Fatal error</b>:  Uncaught in hook.php", BodyKind.ERROR_REPORT),
        (b"Internal Server Error", BodyKind.ERROR_REPORT),
        (b"<html><title>Application error</title></html>", BodyKind.ERROR_REPORT),
        (b"received, no internal server error", BodyKind.TEXT),
        (b"\x00\x01\x02", BodyKind.BINARY),
        (b"[" * 100_000, BodyKind.TEXT),
    ],
)
def test_kinds(body: bytes, kind: BodyKind) -> None:
    """A page is recognized by its words, and a text with such words is none."""
    assert body_kind({}, body) is kind


def test_headers() -> None:
    """A challenge may be in a header only; HTML by its type needs markup; gzip is undone."""
    assert body_kind({"cf-mitigated": "challenge"}, b"") is BodyKind.CHALLENGE
    assert body_kind({"content-type": "text/html"}, b"OK") is BodyKind.TEXT
    assert body_kind({"content-type": "text/html"}, b"<p>x</p>") is BodyKind.HTML
    packed = gzip.compress(html("Captcha"))
    assert body_kind({"content-encoding": "gzip"}, packed) is BodyKind.CHALLENGE
    assert body_kind({"content-encoding": "gzip"}, packed[:-9]) is BodyKind.CHALLENGE
    assert body_kind({"content-encoding": "gzip"}, b"plain") is BodyKind.TEXT


@given(
    st.dictionaries(st.sampled_from(["content-type", "content-encoding"]), st.text()), st.binary()
)
def test_any_bytes(headers: dict[str, str], body: bytes) -> None:
    """Every body has a kind."""
    assert body_kind(headers, body) in BodyKind
