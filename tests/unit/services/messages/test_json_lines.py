"""Lines of an export: strict JSON for every reader, and every message comes back."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.archive import Flags, MessageValues
from ibconsole.services.messages.json_lines import (
    flag_names,
    iso_time,
    json_text,
    message_line,
    received_element,
)

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"
ODD = [
    rb'{"text":"half \ud83d","\ude00":1}',
    rb'{"n":NaN,"i":[Infinity,-Infinity]}',
    rb'{"a":1,"a":2}',
    rb'{"p":{"a":1,"a":2}}',
    b'{"text":"\xff\xfe"}',
    b'{"text":"tab\there\nand"}',
    b'\xef\xbb\xbf{"a":1}',
    b'{"_ibconsole":{"id":7},"a":1}',
    b'{"n":1e999}',
    b"not json at all",
    b"",
    b'{"n":' + b"1" * 5000 + b"}",
]
STRICT = [
    b'{"a":1.10,"b":123456789012345678901234567890,"c":1e2}',
    b'{ "a" : "\\u00e9\\/" , "b":[ ]}',
    b'{"a":"\\ud83d\\ude00"}',
    '{"a":"\u2028\U0001f600"}'.encode(),
    b"{}",
    b'"text"',
    b"1.0000000000000000001",
    b"null",
]


def values(body: bytes, code: str = "") -> MessageValues:
    return MessageValues(
        1, 2, "pull", code, "s", "", "t", None, 1_700_000_000_123, int(Flags.ODD), 'c"', 0, "m",
        None, body, None, None,
    )  # fmt: skip


def read_by_others(line: bytes) -> dict[str, object]:
    """Read a line as a strict reader does, that also refuses members of one name."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    text = line.decode()
    found = json.loads(text, parse_constant=refuse, object_pairs_hook=unique)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    json.dumps(found, ensure_ascii=False).encode()  # no half of a character
    assert isinstance(found, dict)
    return found


def given_back(line: bytes) -> bytes:
    return received_element(line, json.loads(line)["_ibconsole"])


@pytest.mark.parametrize("body", [*ODD, *STRICT])
def test_every_line_is_strict_and_comes_back(body: bytes) -> None:
    """Whatever was received, other readers take the line, and the bytes come back."""
    line = message_line(values(body))

    read_by_others(line)
    assert given_back(line) == body
    assert (b"originalBase64" in line) == (body in ODD and b"_ibconsole" not in body)


@given(
    body=st.binary(max_size=40)
    | st.dictionaries(
        st.text(max_size=3) | st.just("_ibconsole"),
        st.text() | st.floats() | st.integers() | st.none() | st.lists(st.integers(), max_size=2),
        max_size=4,
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_message_comes_back(body: bytes) -> None:
    """Any bytes are exported as strict JSON, and given back by the line."""
    line = message_line(values(body))

    read_by_others(line)
    back = given_back(line)
    assert back == body or json.loads(back) == json.loads(body)


@pytest.mark.parametrize("body", STRICT)
def test_lines_that_other_programs_have_written(body: bytes) -> None:
    """A line whose members were sorted or spaced by another program gives back the value."""
    line = message_line(values(body))
    for again in (json.dumps(json.loads(line)), json.dumps(json.loads(line), sort_keys=True)):
        assert json.loads(given_back(again.encode())) == json.loads(body)


@pytest.mark.parametrize("body", [b'{"to":"%b"}', b'{"to":"\\u0032%b"}', b'{"a":NaN,"to":"%b"}'])
def test_masked(body: bytes) -> None:
    """A masked line does not contain the code in any spelling."""
    code = CODE if b"u0032" not in body else f"2{CODE}"
    line = message_line(values(body % CODE.encode(), code), masked=True)

    found = read_by_others(line)
    assert CODE not in line.decode()
    assert "originalBase64" not in line.decode()
    assert found["_ibconsole"]["masked"] is True  # type: ignore[index]


def test_own_members() -> None:
    """The console's facts are under one name, with the time in UTC."""
    found = read_by_others(message_line(values(b"{}"), ',"more":1'))

    assert found["_ibconsole"] == {
        "id": 1, "delivery": 2, "position": 0, "via": "pull", "connection": 'c"',
        "arrivedAt": "2023-11-14T22:13:20.123+00:00", "flags": ["odd"], "duplicateOf": None,
        "more": 1,
    }  # fmt: skip
    assert iso_time(-1) == "1969-12-31T23:59:59.999+00:00"
    assert flag_names(3) == ("duplicate", "salvaged")
    assert json_text(None) == "null"


def test_sample(request: pytest.FixtureRequest) -> None:
    """The documented sample is exported as it was received."""
    sample = Path(request.config.rootpath, "tests/samples/message_envelope.json").read_bytes()
    body = json.dumps(json.loads(sample)["results"][0], separators=(",", ":")).encode()

    assert message_line(values(body)).startswith(body[:-1] + b',"_ibconsole":')
