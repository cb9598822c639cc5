import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.model.reading import Fields, Undecodable, encode, parse, read_instant

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'["tab\there"]', ["tab\there"]),
        (b'["\xff"]', ["\N{REPLACEMENT CHARACTER}"]),
        (b'["\\ud800"]', ["\ud800"]),
        (b"[1561984815238926404]", [1561984815238926404]),
        (b"[123456789012345678901234567890]", [123456789012345678901234567890]),
    ],
)
def test_what_strict_readers_refuse_is_read(body: bytes, value: object) -> None:
    """A byte order mark, control characters, bad UTF-8 and half characters are no obstacle."""
    assert parse(body) == value


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"a":', b"[" * 100_000, b"1" * 6_000, b"[" * 201 + b"]" * 201]
)
def test_what_no_reader_understands_is_said_to_be_so(body: bytes) -> None:
    """Bytes that are no JSON end in one known error, never in another."""
    with pytest.raises(Undecodable):
        parse(body)


@given(JSON)
def test_any_value_can_be_written_and_read_again(value: object) -> None:
    """Whatever JSON holds survives being stored; NaN and infinities become null."""
    written = encode(value)

    again = parse(written)
    assert encode(again) == written
    json.loads(written)


@given(st.binary())
def test_any_bytes_are_either_read_or_undecodable(body: bytes) -> None:
    """No sequence of bytes makes the reader fail in an unknown way."""
    with suppress(Undecodable):
        encode(parse(body))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2017-01-05T12:47:56.221+0000", datetime(2017, 1, 5, 12, 47, 56, 221000, UTC)),
        ("2017-01-05T12:47:56.221Z", datetime(2017, 1, 5, 12, 47, 56, 221000, UTC)),
        ("2017-01-05T14:47:56.22+02:00", datetime(2017, 1, 5, 12, 47, 56, 220000, UTC)),
        ("2017-01-05T10:47:56-0200", datetime(2017, 1, 5, 12, 47, 56, 0, UTC)),
        ("2017-01-05T12:47:56", None),
        ("yesterday", None),
        ("0001-01-01T00:00:00+1400", None),
    ],
)
def test_times_are_read_in_every_spelling(text: str, moment: datetime | None) -> None:
    """The platform's own offset without a colon, and the standard ones; else no time at all."""
    assert read_instant(text) == moment
    assert moment is None or moment.utcoffset() == timedelta(0)


@given(st.dictionaries(st.sampled_from("abc"), JSON))
def test_fields_never_fail(raw: dict[str, object]) -> None:
    """Any value in any field is taken as something, and what it may show can be encoded."""
    fields = Fields(raw)
    for name in "abc":
        fields.text(name).encode()
        fields.whole(name)
        fields.flag(name)
        fields.instant(name)
        fields.object(name)
    assert all(isinstance(note, str) for note in fields.oddities)


def test_an_oddity_is_noted() -> None:
    """A number where a text belongs is kept as text, and said."""
    fields = Fields({"messageId": 1561984815238926404})

    assert fields.text("messageId") == "1561984815238926404"
    assert fields.oddities == ("messageId is not a text",)
