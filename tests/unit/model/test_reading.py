"""Lenient reading of JSON and of its fields."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.model.reading import Fields, Undecodable, encode, parse
from tests.unit.model.strategies import JSON


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
def test_lenient_parsing(body: bytes, value: object) -> None:
    """A byte order mark, control characters, invalid UTF-8 and lone surrogates are accepted."""
    assert parse(body) == value


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"a":', b"[" * 100_000, b"1" * 6_000, b"[" * 201 + b"]" * 201]
)
def test_undecodable_bytes(body: bytes) -> None:
    """Bytes that are not JSON raise Undecodable and no other error."""
    with pytest.raises(Undecodable):
        parse(body)


@pytest.mark.slow
@given(JSON)
def test_round_trip(value: object) -> None:
    """Any JSON value survives encoding; NaN and infinities become null."""
    written = encode(value)

    again = parse(written)
    assert encode(again) == written
    json.loads(written)


@given(st.binary())
def test_any_bytes_are_either_read_or_undecodable(body: bytes) -> None:
    """No sequence of bytes makes `parse` raise anything but Undecodable."""
    with suppress(Undecodable):
        encode(parse(body))


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from("abc"), JSON))
def test_fields_never_fail(raw: dict[str, object]) -> None:
    """Any value in any field is read without an error, and its text can be encoded."""
    fields = Fields(raw)
    for name in "abc":
        fields.text(name).encode()
        fields.integer(name)
        fields.boolean(name)
        fields.timestamp(name)
        fields.object(name)
    assert all(isinstance(note, str) for note in fields.oddities)


def test_oddity_is_noted() -> None:
    """A number in place of a text is read as text and noted."""
    fields = Fields({"messageId": 1561984815238926404})

    assert fields.text("messageId") == "1561984815238926404"
    assert fields.oddities == ("messageId is not a text",)


def test_times() -> None:
    """A time that was completed is noted, and so is what is no time."""
    fields = Fields({"good": "2017-01-05T12:47:56Z", "local": "2017-01-05 12:47", "bad": "soon"})

    assert fields.timestamp("good") is not None
    assert fields.timestamp("local") is not None
    assert fields.timestamp("bad") is None
    assert fields.oddities == (
        "local has no time zone, and was read as UTC",
        "bad is not a time",
    )


@pytest.mark.parametrize(
    "body",
    [
        encode({"applications": [{"name": "é", "apns": {"enabled": True}}] * 9_000, "count": 1}),
        b" " + encode([["x" * 200_000], 1, None, {"text": "y" * 200_000}]),
        b'{"a": 1, "b": "' + b"z" * 200_000 + b'", "a": [2]}',
    ],
)
def test_large_bodies_are_read_like_small_ones(body: bytes) -> None:
    """A large body, which is decoded by its parts, has the same values."""
    assert parse(body) == json.loads(body)


def test_large_bodies_are_read_leniently() -> None:
    """Deviations deep in a large body are accepted as in a small one."""
    body = b'{"list": [' + b'{"a": "xxxxxxxx"}, ' * 9_000 + b'{"a": "\xff", "b": NaN}]}'

    assert parse(body)["list"][-1]["a"] == "\N{REPLACEMENT CHARACTER}"
    with pytest.raises(Undecodable):
        parse(body[:-1])
