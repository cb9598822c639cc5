"""Spans of messages in the bytes of a body."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.model.json_spans import cut_members, element_spans, span_of_body, span_of_member
from ibconsole.model.message import Envelope, read_envelope, salvage_envelope
from ibconsole.model.reading import Undecodable, encode, parse
from tests.unit.model.strategies import JSON

SPACE = st.text(" \t\r\n", max_size=3).map(str.encode)
ODD = st.sampled_from(
    [
        b'{"text":"\xff\xfe","messageId":"1"}',
        b'{"text":"a\x00b\xc3"}',
        b'{"text":"\\ud83d","x":NaN}',
        b'{"text":"\xf0\x9f\x99\x82 ]}","results":[1]}',
        b'{"text":"\\"results\\":[{\\"messageId\\":\\"no\\"}]"}',
        b"[1,[2]]",
        b'["]["]',
        b"-Infinity",
    ]
)
ELEMENTS = st.lists(JSON.map(encode) | ODD, min_size=1, max_size=4)


def elements_at(envelope: Envelope, body: bytes) -> list[Any]:
    found = []
    for span in envelope.spans:
        assert span
        found.append(parse(body[span[0] : span[0] + span[1]]))
    return found


@st.composite
def arrays(draw: st.DrawFn) -> bytes:
    return b"[%s]" % b",".join(draw(SPACE) + element + draw(SPACE) for element in draw(ELEMENTS))


@pytest.mark.slow
@given(arrays(), SPACE, st.binary(max_size=0) | st.just(b"\xef\xbb\xbf"), JSON)
def test_messages_of_an_envelope(array: bytes, space: bytes, mark: bytes, other: object) -> None:
    """Each message of an envelope is found at its span, whatever surrounds it."""
    before = b'{"first":%s,"results":[{"messageId":"earlier"}],' % encode(other)
    body = b'%s%s%s"results"%s:%s%s,"x":%s}' % (
        mark, space, before, space, space, array, encode([other]),
    )  # fmt: skip
    envelope = read_envelope(body)

    assert len(envelope.spans) == len(envelope.messages) > 0
    assert repr(elements_at(envelope, body)) == repr([each.raw for each in envelope.messages])


@pytest.mark.slow
@given(arrays(), SPACE, st.binary(max_size=0) | st.just(b"\xef\xbb\xbf"))
def test_messages_of_a_bare_array(array: bytes, space: bytes, mark: bytes) -> None:
    """Each message of a bare array is found at its span."""
    body = mark + space + array + space
    envelope = read_envelope(body)

    assert len(envelope.spans) == len(envelope.messages) > 0
    assert repr(elements_at(envelope, body)) == repr([each.raw for each in envelope.messages])


@pytest.mark.parametrize(
    "body",
    [
        b' {"messageId": "1", "text": "x"}\n',
        b'\xef\xbb\xbf{"text": "\xff"}',
        b'{"results": {"messageId": "1"} }',
        b'{"results": 5, "y": 5}',
        b'{"\\u0072esults": [{"messageId": "\xff"}]}',
    ],
)
def test_other_shapes(body: bytes) -> None:
    """A bare message, and `results` that is not a list, have spans as well."""
    envelope = read_envelope(body)

    assert elements_at(envelope, body) == [each.raw for each in envelope.messages]


@pytest.mark.slow
@given(arrays(), st.data())
def test_messages_of_a_cut_body(array: bytes, data: st.DataObject) -> None:
    """Each message recovered from a cut body is found at its span."""
    complete = b'\xff{"messageCount":9, "results" : ' + array
    body = complete[: data.draw(st.integers(0, len(complete)))]
    envelope = salvage_envelope(body)

    assert len(envelope.spans) == len(envelope.messages)
    assert repr(elements_at(envelope, body)) == repr([each.raw for each in envelope.messages])


@given(st.binary(max_size=60))
def test_any_bytes(body: bytes) -> None:
    """Every body that can be read has a span, or None, for each message."""
    try:
        envelope = read_envelope(body)
    except Undecodable:
        envelope = salvage_envelope(body)

    assert len(envelope.spans) == len(envelope.messages)


def test_value_that_occurs_twice() -> None:
    """The same bytes elsewhere in the body are not mistaken for the messages."""
    body = b'{"a":[{"text":"x"}],"results":[{"text":"x"}]}'

    assert span_of_member(body, "results") == (30, 14)
    assert span_of_member(body, "absent") is None
    assert element_spans(body, (30, 14)) == [(31, 12)]
    assert span_of_body(b"\xef\xbb\xbf {} ") == (4, 2)


def test_members_of_a_cut_object() -> None:
    """The members before the cut are found, and the beginning of the last one."""
    body = b' {"a": 1, "b":"x", "c": {"d":'

    assert list(cut_members(body)) == [
        ("a", (7, 1), True),
        ("b", (14, 3), True),
        ("c", (24, 5), False),
    ]
    assert list(cut_members(body[:11])) == [("a", (7, 1), True)]
    assert list(cut_members(b"")) == []
