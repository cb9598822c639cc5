"""Batches are read strictly or leniently, with equal values."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ibconsole.model.batch import (
    Batch,
    MessageFields,
    fields_of,
    read_batch,
    read_documented,
    salvage_batch,
)
from ibconsole.model.message import Message, read_envelope
from ibconsole.model.reading import Undecodable, encode
from tests.unit.model.strategies import JSON

SAMPLE = Path(__file__).parents[2] / "samples" / "message_envelope.json"
TEXTS = [
    "messageId",
    "pairedMessageId",
    "from",
    "subscriberId",
    "to",
    "applicationCode",
    "callbackData",
    "text",
    "cleanText",
    "keyword",
    "bulkId",
    "initialMessageId",
]
TIMES = [
    "2017-01-05T12:47:56.221+0000",
    "2017-01-05T12:47:56+02:00",
    " 2017-01-05 12:47Z ",
    "0001-01-01T00:00:00+23:00",
    "2017-01-05T12:47:56",
    "2017-01-05",
    "1483620476221",
    "soon",
    "",
]
PLAIN = JSON.filter(lambda value: not re.search("nan|inf|Infinity", repr(value)))
DOCUMENTED = st.fixed_dictionaries(
    {"messageId": st.text(min_size=1)},
    optional={
        **{name: st.text() | st.none() for name in TEXTS[1:]},
        "receivedAt": st.sampled_from([*TIMES, 1483620476221, 1.5]) | st.none(),
        "customPayload": st.dictionaries(st.text(), PLAIN, max_size=3) | st.none(),
    },
)
ODD = st.dictionaries(st.sampled_from([*TEXTS, "receivedAt", "customPayload", "new"]), JSON)
MESSAGES = st.lists(DOCUMENTED | ODD | JSON, max_size=5)
COUNTS = st.integers() | st.none() | st.sampled_from(["3", 1.0, "x", True, 10**18, {}])


def values_of(batch: Batch) -> tuple[object, ...]:
    """Return everything of a batch that is stored."""
    plain = (batch.count, batch.pending, batch.oddities, batch.elements)
    return ([*batch.messages], [*batch.spans], *plain)


def read_leniently(body: bytes) -> tuple[object, ...] | str:
    """Return what the lenient reading of a body gives, or why it fails."""
    try:
        envelope = read_envelope(body)
    except Undecodable:
        return "undecodable"
    messages = [*map(fields_of, envelope.messages)]
    elements = {
        position: encode(message.raw)
        for position, (message, span) in enumerate(
            zip(envelope.messages, envelope.spans, strict=True)
        )
        if span is None
    }
    plain = (envelope.count, envelope.pending, envelope.oddities, elements)
    return (messages, [*envelope.spans], *plain)


def read(body: bytes) -> tuple[object, ...] | str:
    """Return what `read_batch` gives, or why it fails."""
    try:
        return values_of(read_batch(body))
    except Undecodable:
        return "undecodable"


def test_documented_sample() -> None:
    """The platform's own example is read strictly, with every field that is stored."""
    batch = read_documented(SAMPLE.read_bytes())

    assert batch
    assert (batch.count, batch.pending, batch.oddities) == (1, 0, ())
    assert [*batch.messages] == [
        MessageFields(
            "1561984815238926404",
            "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53",
            "69827EDB-A806-4AF6-A7F6-98298EAA4F14",
            "KEYWORD",
            "KEYWORD text",
            1483620476221,
            odd=False,
            known=True,
        )
    ]


@given(
    st.lists(DOCUMENTED, max_size=4), st.none() | st.integers(0, 9), st.sampled_from([None, 0, 3])
)
def test_documented_shape(
    messages: list[dict[str, Any]], pending: int | None, indent: int | None
) -> None:
    """A body of the documented shape is read strictly, with the values of the lenient reading."""
    envelope = {"results": messages, "messageCount": len(messages), "pendingMessageCount": pending}
    body = json.dumps(envelope, indent=indent).encode()
    batch = read_documented(body)

    assert batch
    assert values_of(batch) == read_leniently(body)


@given(MESSAGES, COUNTS, st.sampled_from([None, 2]), st.dictionaries(st.text(), JSON, max_size=2))
@example([{"messageId": "1", "text": "half \ud800"}], 1, None, {})
@example([{"messageId": "1", "new": [[]] * 300}, {"messageId": "2", "text": 3}], 1, None, {})
@example([{"messageId": "1", "new": "9" * 5000}], 1, None, {"x": {"results": []}})
def test_any_messages(
    messages: list[Any], count: object, indent: int | None, others: dict[str, Any]
) -> None:
    """Messages that differ from the documented shape have the values of the lenient reading."""
    envelope = {**others, "results": messages, "messageCount": count}
    body = json.dumps(envelope, indent=indent).encode()

    assert read(body) == read_leniently(body)


@given(MESSAGES, st.data())
def test_damaged_body(messages: list[Any], data: st.DataObject) -> None:
    """A body with bytes changed, missing or added has the values of the lenient reading."""
    body = json.dumps({"results": messages, "messageCount": 1}, ensure_ascii=False).encode(
        errors="surrogatepass"
    )
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(start + 3, len(body))))
    damaged = body[:start] + data.draw(st.binary(max_size=3)) + body[end:]

    assert read(damaged) == read_leniently(damaged)


@pytest.mark.parametrize(
    "body",
    [
        b'{"results":[{"messageId":"1","new":' + b"[" * 300 + b"]" * 300 + b"}]}",
        b'{"results":[],"new":' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"results":[{"messageId":"1","new":' + b"9" * 5_000 + b"}]}",
        b'{"results":[{"messageId":"1"}],"\\u0072esults":[{"messageId":"2"}]}',
        b'{"\\u0072esults":[{"messageId":"2"}],"new":{"results":[{"messageId":"2"}]}}',
        b'{"results":[{"messageId":"1"}],"results":[{"messageId":"1"}]}',
        b'{"results":[{"messageId":"1","messageId":7,"text":"\xff"}]}',
        b'\xef\xbb\xbf{"results":[{"messageId":"1"}]}',
        b'{"results":[{"messageId":"1"}],"messageCount":1.0}',
        b'{"results":[{"messageId":"1"}],"messageCount":-0}',
        b'{"results":null}',
        b'{"results":{}}',
        b"[]",
        b"",
    ],
)
def test_other_bodies(body: bytes) -> None:
    """Nesting, long numbers, repeated and escaped names are read as the lenient reading does."""
    assert read(body) == read_leniently(body)


def test_single_messages() -> None:
    """Messages can be read one by one and in slices, in any order."""
    batch = read_batch(b'{"results":[{"messageId":"1"},{"messageId":2},{"messageId":"3"}]}')

    assert [message.message_id for message in batch.messages[1:]] == ["2", "3"]
    assert (batch.messages[0].odd, batch.messages[1].odd) == (False, True)
    assert batch.messages[-1].message_id == "3"
    with pytest.raises(IndexError):
        batch.messages[3]


def test_salvaged_batch() -> None:
    """The whole messages of a cut body are recovered."""
    batch = salvage_batch(b'{"results":[{"messageId":"1"},{"mess')

    assert [message.message_id for message in batch.messages] == ["1"]


def test_message_without_a_field() -> None:
    """An object without a field of a message is not known as one."""
    assert not fields_of(Message(raw={"new": 1})).known


@pytest.mark.parametrize("between", [",", ", ", " ,\n", ",\r\n\t"])
@pytest.mark.parametrize("around", ["", " "])
@pytest.mark.parametrize(
    "odd",
    [
        '{"messageId":"x"}',
        '{{"messageId":"x","customPayload":{}1{}}}'.format("[" * 300, "]" * 300),
        '{"messageId":"x","customPayload":{"n":%s}}' % ("7" * 5000),
        '{"messageId":"x","text":"%s"}' % ("[" * 300),
        '{"messageId":"x","text":"\\"results\\""}',
    ],
)
def test_spans_of_many_messages(between: str, around: str, odd: str) -> None:
    """However the messages are separated, and whichever is extreme, they are read as one by one."""
    elements = [f'{{"messageId":"{number}","text":"{"t" * number}"}}' for number in range(150)]
    elements[77] = odd
    body = f'{{"results":[{around}{between.join(elements)}{around}],"messageCount":150}}'.encode()

    assert read(body) == read_leniently(body)
