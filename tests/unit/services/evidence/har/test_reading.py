"""Archives of other programs: what is read, what is skipped, what is refused."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.services.evidence.har.reading import (
    HarDocument,
    HarUnreadable,
    ReadExchange,
    read_har,
)
from tests.unit.services.evidence.har.samples import entry, har

FLOATS = st.floats(allow_nan=False, allow_infinity=False)  # JSON has no others
VALUES = st.recursive(
    st.none() | st.booleans() | FLOATS | st.text() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def read(*entries: dict[str, Any]) -> list[ReadExchange | None]:
    return [one for _, one in HarDocument(har(*entries), "x.har").exchanges()]


def test_what_browsers_and_proxies_write() -> None:
    """Bodies are read as text, base64 or the fields of a form; times and headers as they are."""
    [text, binary, form] = read(
        entry(
            postData={"mimeType": "application/json", "text": "{}"},
            headers=[{"name": "Content-Encoding", "value": "gzip"}, {"name": "A", "value": "b"}],
            response={
                "status": 200,
                "headers": [{"name": "Content-Encoding", "value": "br"}],
                "content": {"text": "eA==", "encoding": "base64"},
            },
        ),
        entry(postData={"text": "H4s=", "_encoding": "base64"}, response=None),
        entry(postData={"params": [{"name": "a b", "value": "ü"}]}, startedDateTime="x"),
    )

    assert text
    assert binary
    assert form
    assert (text.began_at, text.took, text.body) == (1_767_323_045_678, 12.5, b"{}")
    assert (text.headers, text.answer_headers) == ((("A", "b"),), ())
    assert (text.status, text.answer_body) == (200, b"x")
    assert (binary.body, binary.status) == (b"\x1f\x8b", None)
    assert form.body == b"a+b=%C3%BC"


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"request": 1},
        {"request": {"method": 1, "url": ""}},
        {"request": {"method": "GET"}},
        {"request": {"method": "GET", "url": "", "postData": {"text": "!", "_encoding": "base64"}}},
        {"request": {"method": "GET", "url": "", "postData": {"params": [{"name": 1}]}}},
    ],
)
def test_an_entry_that_cannot_be_read(broken: dict[str, Any]) -> None:
    """One entry that is not as the format says costs no other."""
    assert read(broken, entry())[0] is None
    assert read(broken, entry())[1] is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b'{"log":{"entries":{}}}',
        b'{"log":[]}',
        b"\xff\xfe",
        b"PK\x03\x04",
        b'{"log":{"entries":' + b"[" * 200_000,
        b'{"log":{"entries":[' + b'{"a":' * 200_000,
    ],
)
def test_what_is_no_archive(data: bytes) -> None:
    """A file that is something else is refused with a sentence, however deep it is."""
    with pytest.raises(HarUnreadable, match=r"x\.har is no HTTP archive .* Nothing was read"):
        HarDocument(data, "x.har")


def test_limits(tmp_path: Path) -> None:
    """A file that is too large is refused before it is read into memory as a whole."""
    path = tmp_path / "x.har"
    with path.open("wb") as file:
        file.truncate(1 << 30)

    with pytest.raises(HarUnreadable, match="larger than 256 MB"):
        read_har(path)
    with pytest.raises(HarUnreadable, match="cannot be read"):
        read_har(tmp_path / "none.har")
    many = b'{"log":{"entries":[' + b",".join([b"1"] * 1_000_001) + b"]}}"
    with pytest.raises(HarUnreadable, match="1,000,000 entries"):
        HarDocument(many, "x.har")
    path.write_bytes(b"\xef\xbb\xbf" + har(entry()))
    assert len(read_har(path)) == 1


def test_deep_entries() -> None:
    """An entry that nests deeper than can be read is skipped."""
    deep = har(entry())[:-3] + b"," + b'{"a":' * 300 + b"1" + b"}" * 300 + b"]}}"

    assert [one is None for _, one in HarDocument(deep, "x").exchanges()] == [False, True]


@given(VALUES, st.sampled_from(["startedDateTime", "time", "request", "response", "_ibconsole"]))
def test_any_value_in_any_place(value: Any, name: str) -> None:
    """No value in an entry raises anything."""
    found = read({**entry(), name: value})

    assert len(found) == 1


@given(st.binary() | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes(data: bytes) -> None:
    """Any file is read, or refused with a sentence."""
    with suppress(HarUnreadable):
        list(HarDocument(data, "x").exchanges())


def test_times_that_are_none() -> None:
    """A time that is none, or before 1970, is not known."""
    for text in ("", "yesterday", "1960-01-01T00:00:00Z", 7):
        [found] = read(entry() | {"startedDateTime": text, "time": -1})
        assert found
        assert (found.began_at, found.took) == (None, 0)
    [local] = read(entry() | {"startedDateTime": "2026-01-02T03:04:05"})
    assert local
    assert local.began_at == 1_767_323_045_000
