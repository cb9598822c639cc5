"""Bodies are decoded, redacted and framed anew; what is not understood is left out."""

import base64
import gzip
import json
import zlib

import pytest

from ibconsole.secret import MASK, Secret
from ibconsole.services.evidence.redaction.bodies import BodyRedaction, RedactedContent
from ibconsole.services.evidence.redaction.known_secrets import KnownSecret, KnownSecrets
from ibconsole.services.evidence.redaction.rules import Pseudonyms, RedactionRules, TextChoice
from ibconsole.services.evidence.redaction.texts import TextRedaction

KEY = "3f9a1c77be0240d8-a95e6f2b8c1d"
KNOWN = KnownSecrets(secrets=(KnownSecret("API key", Secret(KEY)),))
MESSAGE = b'{"messageId":"1","text":"hello"}'
SHOWN = b'{"messageId":"1","text":"%b"}' % MASK.encode()
JSON = (("Content-Type", "application/json"),)
KEPT = RedactionRules(other_bodies=TextChoice.KEPT)


def bodies(rules: RedactionRules | None = None) -> BodyRedaction:
    return BodyRedaction(TextRedaction(KNOWN, rules or RedactionRules(), Pseudonyms()))


def test_a_body_and_its_length() -> None:
    """The length is that of what stands there now."""
    headers = (("content-length", f"{len(MESSAGE)}"), *JSON)

    content = bodies().content(headers, MESSAGE, "")

    assert content == RedactedContent((("content-length", f"{len(SHOWN)}"), *JSON), SHOWN)


def test_no_body() -> None:
    """Where nothing was, nothing is noted, and a length, as of an answer to HEAD, stays."""
    content = bodies().content((("Content-Length", "5"),), b"", "")

    assert content == RedactedContent((("Content-Length", "5"),), b"")


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(MESSAGE)),
        ("X-Gzip", gzip.compress(MESSAGE)),
        ("gzip", gzip.compress(MESSAGE[:9]) + gzip.compress(MESSAGE[9:])),
        ("deflate", zlib.compress(MESSAGE)),
        ("deflate", zlib.compress(MESSAGE, wbits=-15)),
        ("deflate, gzip", gzip.compress(zlib.compress(MESSAGE))),
    ],
    ids=["gzip", "x-gzip", "two members", "zlib", "raw deflate", "both"],
)
def test_a_coding_is_undone_and_said(coding: str, body: bytes) -> None:
    """What leaves is readable, and says that it was compressed."""
    content = bodies().content((*JSON, ("Content-Encoding", coding)), body, "")

    assert content.body == SHOWN
    assert content.notes == (f"decoded from {coding.lower()}",)
    assert content.headers == (
        *JSON,
        ("Content-Length", f"{len(SHOWN)}"),
        ("X-Ibconsole-Redacted", content.notes[0]),
    )


def test_compression_that_is_not_declared_is_undone_too() -> None:
    """A sender may forget the header."""
    content = bodies().content(JSON, gzip.compress(MESSAGE), "")

    assert content.body == SHOWN
    assert content.notes == ("decoded from gzip, which was not declared",)


@pytest.mark.parametrize(
    ("coding", "body", "reason"),
    [
        ("br", b"\x0b\x02", "its coding br cannot be read here"),
        ("gzip", b"no gzip", "its coding gzip is damaged"),
        ("deflate", b"\xff\xff", "its coding deflate is damaged"),
        ("gzip," * 5, b"x", "it has too many codings"),
        ("gzip", gzip.compress(bytes((64 << 20) + 1), 9), "it grows beyond all bounds"),
    ],
    ids=["Brotli", "no gzip", "no deflate", "too many", "bomb"],
)
def test_what_cannot_be_decoded_is_left_out(coding: str, body: bytes, reason: str) -> None:
    """Nothing is known about it, so that it does not leave, whatever the choice."""
    content = bodies(KEPT).content((("Content-Encoding", coding),), body, "")

    assert reason in content.notes[0]
    assert content.body == f"[{content.notes[0]}]".encode()


@pytest.mark.parametrize(
    ("content_type", "body", "shown"),
    [
        ("", MESSAGE.decode().encode("utf-16"), SHOWN),
        ("", b"\xef\xbb\xbf" + MESSAGE, SHOWN),
        ("", b"[" + MESSAGE + b"]", b"[" + SHOWN + b"]"),
        ("", MESSAGE + b"\n" + MESSAGE + b"\n", SHOWN + b"\n" + SHOWN),
        ("", base64.b64encode(MESSAGE), SHOWN),
        ("", json.dumps(MESSAGE.decode()).encode(), None),
        ("application/x-www-form-urlencoded", b"text=hello&a=1", None),
        ("", b"subscriberId=5&apiKey=x", None),
    ],
)
def test_bodies_of_all_kinds_are_understood(
    content_type: str, body: bytes, shown: bytes | None
) -> None:
    """Whatever the console reads as messages is redacted as messages."""
    content = bodies().content((("Content-Type", content_type),), body, "")

    assert b"hello" not in content.body
    assert not content.notes
    if shown:
        assert content.body == shown


def test_a_body_that_was_cut_is_redacted_as_far_as_it_goes() -> None:
    """The log of requests keeps the beginning of a body only."""
    whole = b'{"results":[%b,%b]}' % (MESSAGE, MESSAGE)

    for size in range(1, len(whole)):
        content = bodies().content((), whole[:size], "")
        assert b"hello" not in content.body
        assert content.notes == ("what was incomplete at its end was left out",)
        json.loads(content.body)

    assert bodies().content((), whole[:-8], "").body.count(MASK.encode()) == 1


def test_a_form_stays_a_form() -> None:
    """Its fields are redacted by their names, JSON in them as JSON."""
    body = b"token=abc&payload=%7B%22text%22%3A%22hello%22%7D&x=1"

    content = bodies().content((), body, "")

    assert content.body.decode().startswith(f"token={MASK}&payload=%7B%22text%22%3A%22{MASK}%22%7D")


def test_other_bodies_are_left_out_unless_they_are_kept() -> None:
    """A page of a gateway is evidence, but nothing in it is known to be a text."""
    page = b"<html>413 Request Entity Too Large, %b</html>" % KEY.encode()

    masked = bodies().content((), page, "")
    kept = bodies(KEPT).content((), page, "")
    binary = bodies(KEPT).content((), b"\x00\xff\x01", "")

    assert b"nothing in which texts are recognized" in masked.body
    assert kept.body.decode() == f"<html>413 Request Entity Too Large, {MASK}</html>"
    assert binary.body == b"\x00\xff\x01"


def test_a_secret_in_a_spelling_of_its_own_does_not_pass() -> None:
    """A member that has one is masked; a body that is no JSON is left out."""
    spelled = KEY.encode().hex()
    value = json.dumps({"a": spelled, "b": "fine"}).encode()

    content = bodies().content((), value, "")
    other = bodies(KEPT).content((), b"<p>%b</p>" % spelled.encode(), "")

    assert json.loads(content.body) == {"a": MASK, "b": "fine"}
    assert b"in a spelling that cannot be masked" in other.body


def test_a_request_as_it_was_received() -> None:
    """Head and body are redacted, chunks joined, and what was done is said in a header."""
    body = gzip.compress(MESSAGE)
    raw = (
        b"POST /inbound/abc-DEF?x=1 HTTP/1.1\r\nHost: a.example\r\nCookie: a=b\r\n"
        b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"%x\r\n%b\r\n0\r\n\r\nrest" % (len(body), body)
    )

    lines = bodies().message(raw, "").decode().split("\r\n")

    assert lines == [
        f"POST /inbound/{MASK}?x=1 HTTP/1.1",
        "Host: a.example",
        f"Cookie: {MASK}",
        f"Content-Length: {len(SHOWN)}",
        "X-Ibconsole-Redacted: decoded from gzip; 4 bytes behind the message were left out",
        "",
        SHOWN.decode(),
    ]


def test_an_answer_as_it_was_received() -> None:
    """The status line stays, after other answers in front of it."""
    raw = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

    assert bodies().message(raw, "") == b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize("raw", [b"", MESSAGE, b"\x16\x03\x01\x02", b"HTTP/1.1", b"GET /"])
def test_what_is_no_http_is_a_body(raw: bytes) -> None:
    """A scanner's rubbish at the listener is treated as any other body."""
    shown = bodies().message(raw, "")

    assert shown == SHOWN if raw == MESSAGE else shown != raw or not raw


def test_a_head_with_a_secret_in_an_unusual_spelling_is_left_out() -> None:
    """The method is all that remains of it."""
    raw = b"GET / HTTP/1.1\r\nHost: a\r\nX-Note: %b\r\n\r\n" % KEY.encode().hex().encode()

    assert bodies().message(raw, "") == b"GET [head left out]\r\n\r\n"
    assert (
        bodies()
        .message(raw.replace(b"GET", KEY.encode().hex().encode()), "")
        .startswith(b"[head left out]")
    )


def test_a_secret_may_begin_in_the_head_and_end_in_the_body() -> None:
    """Neither part has it, and nothing of the two leaves."""
    secret = KnownSecrets(secrets=(KnownSecret("phrase", Secret("a: 1\r\n\r\n[1,2]")),))
    texts = TextRedaction(secret, RedactionRules(), Pseudonyms())

    shown = BodyRedaction(texts).message(b"HTTP/1.1 200 OK\r\nX-a: 1\r\n\r\n[1,2]", "")

    assert shown == b"[message left out]"
