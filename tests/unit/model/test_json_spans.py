"""Where messages stand in the bytes that came."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.model.json_spans import place_of_body, place_of_member, places_in_array
from ibconsole.model.message import Envelope, read_envelope, salvage_envelope
from ibconsole.model.reading import Undecodable, encode, parse
from tests.unit.model.test_reading import JSON

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
    for place in envelope.places:
        assert place
        found.append(parse(body[place[0] : place[0] + place[1]]))
    return found


@st.composite
def arrays(draw: st.DrawFn) -> bytes:
    return b"[%s]" % b",".join(draw(SPACE) + element + draw(SPACE) for element in draw(ELEMENTS))


@given(arrays(), SPACE, st.binary(max_size=0) | st.just(b"\xef\xbb\xbf"), JSON)
def test_messages_of_an_envelope(array: bytes, space: bytes, mark: bytes, other: object) -> None:
    """Each message of an envelope stands where it is said to, whatever stands around it."""
    before = b'{"first":%s,"results":[{"messageId":"earlier"}],' % encode(other)
    body = b'%s%s%s"results"%s:%s%s,"x":%s}' % (
        mark, space, before, space, space, array, encode([other]),
    )  # fmt: skip
    envelope = read_envelope(body)

    assert len(envelope.places) == len(envelope.messages) > 0
    assert repr(elements_at(envelope, body)) == repr([each.raw for each in envelope.messages])


@given(arrays(), SPACE, st.binary(max_size=0) | st.just(b"\xef\xbb\xbf"))
def test_messages_of_a_bare_array(array: bytes, space: bytes, mark: bytes) -> None:
    """Without an envelope, too, each message stands where it is said to."""
    body = mark + space + array + space
    envelope = read_envelope(body)

    assert len(envelope.places) == len(envelope.messages) > 0
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
    """A bare message, and results that are no list, have places as well."""
    envelope = read_envelope(body)

    assert elements_at(envelope, body) == [each.raw for each in envelope.messages]


@given(arrays(), st.data())
def test_messages_of_a_cut_body(array: bytes, data: st.DataObject) -> None:
    """What is salvaged from a cut body stands where it is said to."""
    whole = b'\xff{"messageCount":9, "results" : ' + array
    body = whole[: data.draw(st.integers(0, len(whole)))]
    envelope = salvage_envelope(body)

    assert len(envelope.places) == len(envelope.messages)
    assert repr(elements_at(envelope, body)) == repr([each.raw for each in envelope.messages])


@given(st.binary(max_size=60))
def test_any_bytes(body: bytes) -> None:
    """Looking for places fails for no body that can be read."""
    try:
        envelope = read_envelope(body)
    except Undecodable:
        envelope = salvage_envelope(body)

    assert len(envelope.places) == len(envelope.messages)


def test_a_value_that_occurs_twice() -> None:
    """The same bytes elsewhere in the body are not taken for the messages."""
    body = b'{"a":[{"text":"x"}],"results":[{"text":"x"}]}'

    assert place_of_member(body, "results") == (30, 14)
    assert place_of_member(body, "absent") is None
    assert places_in_array(body, (30, 14)) == [(31, 12)]
    assert place_of_body(b"\xef\xbb\xbf {} ") == (4, 2)
