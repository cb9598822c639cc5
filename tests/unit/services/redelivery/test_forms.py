"""The bytes of requests: as received, as the platform sends, or edited."""

import hashlib
from collections.abc import Sequence

import pytest

from ibconsole.archive.ledger.anchors import ItemSource
from ibconsole.archive.ledger.exchange import BuiltRequest
from ibconsole.archive.ledger.records import RedeliveryForm
from ibconsole.http1.outgoing import parse_target
from ibconsole.services.forward_test.senders import CURL, PLATFORM
from ibconsole.services.redelivery.forms import RequestBuilder, body_of_request, redirect
from tests.unit.services.redelivery.conftest import source

TARGET = parse_target("https://customer.example:8443/in/b%C3%B6x?q=1")
RAW = (
    b"POST /inbound-secret HTTP/1.1\r\nhOsT:  tunnel.example\r\nX-Odd:  \xe4 value \r\n"
    b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
)


def _build(
    form: RedeliveryForm, sources: Sequence[ItemSource], batch: int = 1
) -> list[BuiltRequest]:
    return list(RequestBuilder("http://h.example/in", form, PLATFORM, batch).build(sources))


def test_a_forward_keeps_every_byte_but_target_and_host() -> None:
    """Spelling, order, odd bytes and framing stay."""
    assert redirect(RAW, TARGET) == (
        b"POST /in/b%C3%B6x?q=1 HTTP/1.1\r\nhOsT:  customer.example:8443\r\n"
        b"X-Odd:  \xe4 value \r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("raw", "sent"),
    [
        (b"\r\nPUT http://a/b HTTP/1.0\n\nHost: in the body",
         b"PUT /in/b%C3%B6x?q=1 HTTP/1.0\n\nHost: in the body"),
        (b"POST /a b c HTTP/1.1\r\n\r\n", b"POST /in/b%C3%B6x?q=1 HTTP/1.1\r\n\r\n"),
        (b"POST / HTTP/1.1\r\nX-Host: a\r\n\r\n",
         b"POST /in/b%C3%B6x?q=1 HTTP/1.1\r\nX-Host: a\r\n\r\n"),
        (b"nonsense\r\n\r\n{}", None),
        (b"POST / HTTP/1.1\r\nHost: a", None),
        (b"", None),
    ],
)  # fmt: skip
def test_odd_requests_are_redirected_or_left(raw: bytes, sent: bytes | None) -> None:
    """What has no request line is not sent as it is."""
    assert redirect(raw, TARGET) == sent


def test_a_pulled_message_is_sent_in_the_platforms_envelope() -> None:
    """The message's own bytes are unchanged, whatever they are."""
    [request] = _build(RedeliveryForm.AS_RECEIVED, [source(7, b'{ "a": 1.0\t}')])
    assert request.items == (7,)
    body = b'{"results":[{ "a": 1.0\t}],"messageCount":1,"pendingMessageCount":0}'
    assert request.data.endswith(b"\r\n\r\n" + body)
    assert request.data.startswith(b"POST /in HTTP/1.1\r\nAccept: application/json\r\n")
    assert request.sha256 == hashlib.sha256(request.data).hexdigest()
    assert request.body_sha256 == hashlib.sha256(body).hexdigest()
    assert request.sender == "the platform (assumed)"


def test_batches_have_several_messages() -> None:
    sources = [source(number, b"%d" % number) for number in range(1, 6)]
    requests = _build(RedeliveryForm.AS_PLATFORM, sources, 2)
    assert [one.items for one in requests] == [(1, 2), (3, 4), (5,)]
    assert b'{"results":[1,2],"messageCount":2,' in requests[0].data


def test_whole_forwards_are_requests_of_their_own() -> None:
    """Their messages go together, also in a batch, and only if they are sent as received."""
    sources = [
        source(1, b"1", raw=RAW, delivery=4),
        source(2, b"2"),
        source(3, b"3", raw=RAW, delivery=4),
    ]
    requests = _build(RedeliveryForm.AS_RECEIVED, sources, 5)
    assert [(one.items, one.sender) for one in requests] == [
        ((2,), "the platform (assumed)"),
        ((1, 3), "as received"),
    ]
    assert requests[1].data == redirect(RAW, parse_target("http://h.example/in"))
    [together] = _build(RedeliveryForm.AS_PLATFORM, sources, 5)
    assert together.items == (1, 2, 3)


def test_a_forward_without_a_head_is_sent_in_an_envelope() -> None:
    [request] = _build(RedeliveryForm.AS_RECEIVED, [source(1, b"1", raw=b"nonsense")])
    assert b'{"results":[1]' in request.data
    assert request.sender != "as received"


def test_edited_bytes_are_sent_as_they_are() -> None:
    builder = RequestBuilder("http://h.example/in", RedeliveryForm.EDITED, CURL, 9)
    first, second = builder.build([source(1, b"1", edited=b"\xff{"), source(2, b"2", edited=b"")])
    assert body_of_request(first.data) == b"\xff{"
    assert body_of_request(second.data) == b""
    assert body_of_request(b"no head") == b""
