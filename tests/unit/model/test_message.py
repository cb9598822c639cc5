"""Messages and envelopes, complete, unusual and damaged."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.model.message import read_envelope, read_message, salvage_envelope
from ibconsole.model.reading import Undecodable, encode
from tests.unit.model.strategies import JSON

SAMPLE = Path(__file__).parents[2] / "samples" / "message_envelope.json"
FIELDS = [
    "messageId",
    "pairedMessageId",
    "from",
    "subscriberId",
    "to",
    "applicationCode",
    "receivedAt",
    "callbackData",
    "text",
    "cleanText",
    "keyword",
    "customPayload",
    "bulkId",
    "initialMessageId",
    "unknown",
]


def test_documented_sample() -> None:
    """Every field of the vendor's own example is read."""
    envelope = read_envelope(SAMPLE.read_bytes())

    [message] = envelope.messages
    assert (envelope.count, envelope.pending, envelope.oddities) == (1, 0, ())
    assert message.message_id == "1561984815238926404"
    assert message.paired_message_id == "1234984815238926403"
    assert message.sender == "69827EDB-A806-4AF6-A7F6-98298EAA4F14"
    assert message.received_at == datetime(2017, 1, 5, 12, 47, 56, 221000, UTC)
    assert (message.text, message.clean_text, message.keyword) == (
        "KEYWORD text",
        "text",
        "KEYWORD",
    )
    assert message.custom_payload == {"key1": 1, "key2": 2}
    assert message.oddities == ()


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_json_in_any_field_is_a_message(raw: dict[str, Any]) -> None:
    """An unexpected value never loses a message, and the message is kept as received."""
    message = read_message(raw)

    assert message.raw == raw or "nan" in repr(raw)
    message.text.encode()


@pytest.mark.slow
@given(JSON)
def test_any_json_is_an_envelope(value: object) -> None:
    """Any JSON is read as an envelope without an error."""
    read_envelope(encode(value))


@pytest.mark.slow
@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), JSON), max_size=4), st.data())
def test_complete_messages_of_a_cut_body(
    results: list[dict[str, Any]], data: st.DataObject
) -> None:
    """All complete messages of a cut body are recovered in order, wherever it was cut."""
    elements = [encode(result) for result in results]
    complete = (
        b'{"messageCount":4,"results":[' + b",".join(elements) + b'],"pendingMessageCount":7}'
    )
    cut = data.draw(st.integers(0, len(complete)))

    recovered = salvage_envelope(complete[:cut]).messages

    end, expected = len(b'{"messageCount":4,"results":['), 0
    for element in elements:
        end += len(element)
        expected += end <= cut
        end += 1
    assert [encode(message.raw) for message in recovered] == elements[:expected]


@pytest.mark.parametrize("value", [b"[" * 5000 + b"]" * 5000, b'{"a":' * 300 + b"1" + b"}" * 300])
def test_message_that_nests_too_deeply(value: bytes) -> None:
    """A message that cannot be read costs none of those behind it."""
    body = b'{"results":[{"messageId":"1"},{"text":%b},{"messageId":"3"}]}' % value
    found = salvage_envelope(body)
    cut = salvage_envelope(body[: body.index(b'},{"messageId":"3"')])

    assert [message.message_id for message in found.messages] == ["1", "3"]
    assert [message.message_id for message in cut.messages] == ["1"]


def test_number_of_thousands_of_digits() -> None:
    """A number that Python refuses costs no message behind it."""
    body = b'{"results":[{"text":"}\\"]","a":%b},{"messageId":"3"}]}' % (b"1" * 6000)

    assert [message.message_id for message in salvage_envelope(body).messages] == ["3"]


def test_counts_of_a_cut_body() -> None:
    """A count that arrived before the cut is read; the other is None."""
    envelope = salvage_envelope(b'{"messageCount": 5, "results": [{"messageId": "1"}, {"mess')

    assert (envelope.count, envelope.pending, envelope.salvaged) == (5, None, True)
    assert [message.message_id for message in envelope.messages] == ["1"]


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        (b'[{"messageId": "1"}]', ["1"]),
        (b'{"messageId": "1", "text": "x"}', ["1"]),
        (b'{"results": {"messageId": "1"}}', ["1"]),
        (b'{"results": null}', []),
        (b'{"results": ["x", {"messageId": "2"}]}', ["", "2"]),
        (b"{}", []),
    ],
)
def test_other_shapes_are_read_and_noted(body: bytes, ids: list[str]) -> None:
    """A bare array, a bare message, null and foreign elements are read with a note."""
    envelope = read_envelope(body)

    assert [message.message_id for message in envelope.messages] == ids
    assert envelope.oddities or any(message.oddities for message in envelope.messages)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"results":[{"a'])
def test_damaged_body_is_undecodable(body: bytes) -> None:
    """A damaged body is refused by `read_envelope`; `salvage_envelope` is for those."""
    with pytest.raises(Undecodable):
        read_envelope(body)


def test_sample_is_the_documented_one() -> None:
    """The sample file holds the vendor's example."""
    assert json.loads(SAMPLE.read_bytes())["results"][0]["text"] == "KEYWORD text"
