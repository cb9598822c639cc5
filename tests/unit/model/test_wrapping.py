"""Envelopes are found in one wrapping or several, and only where that is unambiguous."""

import base64
import gzip
import itertools
import json
import zlib
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.model.message import salvage_envelope
from ibconsole.model.wrapping import Unwrapped, unwrap, unwrap_cut

TEXT = 'Größe & a+b=c %41 "q" \ud83d'


def envelope(number: int, **more: Any) -> dict[str, Any]:
    message = {"messageId": str(number), "text": TEXT}
    return {"results": [message], "messageCount": 1, "pendingMessageCount": 0, **more}


ONE, TWO = (json.dumps(envelope(number)).encode() for number in (1, 2))
WIDE = ONE.decode().encode("utf-16")
B64 = base64.b64encode(ONE)
MULTIPART = (
    b'--XbX\r\nContent-Disposition: form-data; name="a"\r\n\r\nhello\r\n--XbX\r\n'
    b'Content-Disposition: form-data; name="payload"; filename="x.json"\r\n'
    b"Content-Type: application/json\r\n\r\n" + ONE + b"\r\n--XbX--\r\n"
)
QUOTED = ONE.replace(b"=", b"=3D").replace(b"{", b"=7B").replace(b'"te', b'=\r\n"te')
FORM = "application/x-www-form-urlencoded"


def dumped(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("body", "wrappings"),
    [
        (dumped(ONE.decode()), ["a JSON string"]),
        (dumped(dumped(ONE.decode()).decode()), ["a JSON string"] * 2),
        (b" " + dumped(ONE.decode()) + b"\n", ["a JSON string"]),
        (b"payload=" + quote(ONE).encode(), ["the form field 'payload'"]),
        (b"a=1&data=" + quote_plus(ONE).encode() + b"&b=", ["the form field 'data'"]),
        (b"body=" + ONE, ["the form field 'body'"]),
        (
            b"body=" + quote(dumped(ONE.decode())).encode(),
            ["the form field 'body'", "a JSON string"],
        ),
        (b"body=" + quote(B64).encode(), ["the form field 'body'", "base64"]),
        (quote(ONE).encode(), ["a form"]),
        (quote(ONE).encode() + b"=", ["a form"]),
        (B64, ["base64"]),
        (base64.urlsafe_b64encode(ONE).rstrip(b"="), ["base64"]),
        (base64.encodebytes(ONE), ["base64"]),
        (b"data:application/json;base64," + B64, ["base64"]),
        (b"body=" + B64, ["the form field 'body'", "base64"]),
        (base64.b64encode(gzip.compress(ONE)), ["base64", "gzip"]),
        (base64.b64encode(zlib.compress(ONE)), ["base64", "zlib"]),
        (
            dumped(
                {"data": base64.b64encode(gzip.compress(ONE.decode().encode("utf-16"))).decode()}
            ),
            ["the member 'data'", "a JSON string", "base64", "gzip"],
        ),
        (
            base64.b64encode(gzip.compress(dumped(ONE.decode() + " " * 9_000))),
            ["base64", "gzip", "a JSON string"],
        ),
        (dumped(B64.decode()), ["a JSON string", "base64"]),
        (b'{"body":' + ONE + b"}", ["the member 'body'"]),
        (dumped({"data": ONE.decode(), "n": 1}), ["the member 'data'", "a JSON string"]),
        (
            dumped({"isBase64Encoded": True, "body": B64.decode()}),
            ["the member 'body'", "a JSON string", "base64"],
        ),
        (
            dumped({"message": {"data": B64.decode(), "messageId": "9"}, "subscription": "s"}),
            ["the member 'message'", "the member 'data'", "a JSON string", "base64"],
        ),
        (dumped({"results": envelope(1)}), ["the member 'results'"]),
        (dumped({"data": envelope(1), "raw": ONE.decode()}), ["the member 'data'"]),
        (dumped({"data": envelope(1, results=[])}), ["the member 'data'"]),
        (b'{"x":NaN,"body":' + ONE + b"}", ["the member 'body'"]),
        (MULTIPART, ["a part of a form"]),
        (MULTIPART.replace(b"\r\n", b"\n"), ["a part of a form"]),
        (MULTIPART.replace(b"--XbX--\r\n", b""), ["a part of a form"]),
        (MULTIPART.replace(ONE, B64), ["a part of a form", "base64"]),
        (
            MULTIPART.replace(
                b"Content-Type: application/json",
                b"Content-Type: text/plain; charset=utf-16\r\nX: y",
            ).replace(ONE, ONE.decode().encode("utf-16-le")),
            ["a part of a form"],
        ),
        (
            MULTIPART.replace(
                b"Content-Type", b"Content-Transfer-Encoding: quoted-printable\r\nContent-Type"
            ).replace(ONE, QUOTED),
            ["a part of a form"],
        ),
    ],
)
def test_one_envelope(body: bytes, wrappings: list[str]) -> None:
    """An envelope is found in whatever gateways and queues wrap it in."""
    found = unwrap(body)

    assert found is not None
    assert list(found.wrappings) == wrappings
    [inner] = found.envelopes
    assert json.loads(inner)["messageCount"] == 1
    assert json.loads(inner)["results"] in ([], envelope(1)["results"])


@pytest.mark.parametrize(
    ("body", "first"),
    [
        (b"[" + ONE + b",\n" + TWO + b"]", "an array"),
        (b"[" + ONE + b",NaN," + TWO + b"]", None),
        (dumped([ONE.decode(), TWO.decode()]), "an array"),
        (ONE + b"\n" + TWO + b"\n", "a sequence"),
        (ONE + b"\r\n\r\n" + TWO, "a sequence"),
        (ONE + TWO, "a sequence"),
        (ONE + b"\0" + TWO + b"\0\0", "a sequence"),
        (b"\x1e" + ONE + b"\n\x1e" + TWO + b"\n", "a sequence"),
        (
            dumped({"Records": [{"messageId": "a", "body": ONE.decode()}, {"body": TWO.decode()}]}),
            "the member 'Records'",
        ),
        (dumped(ONE.decode() + "\n" + TWO.decode()), "a JSON string"),
    ],
)
def test_several_envelopes(body: bytes, first: str | None) -> None:
    """Several envelopes are found in their order, if nothing else is between them."""
    found = unwrap(body)

    if first is None:
        assert found is None
        return
    assert found is not None
    assert found.wrappings[0] == first
    assert [json.loads(each) for each in found.envelopes] == [envelope(1), envelope(2)]
    assert found.rest == b""


def test_a_cut_sequence_keeps_its_rest() -> None:
    """What follows the last whole envelope is left to be salvaged."""
    assert unwrap(ONE + b"\n" + TWO + b"\n" + ONE[:39]) == Unwrapped(
        (ONE, TWO), ("a sequence",), ONE[:39]
    )


def test_bare_messages() -> None:
    """Messages without an envelope are found where they cannot be anything else."""
    messages = [{"messageId": "1", "text": "x"}]
    bare = unwrap(dumped({"data": messages}))
    lines = unwrap(dumped(messages[0]) + b"\n" + dumped(messages[0]))

    assert bare == Unwrapped((dumped(messages),), ("the member 'data'",))
    assert lines == Unwrapped((dumped(messages[0]),) * 2, ("a sequence",))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        ONE,
        b"{}",
        b"[]",
        b'"x"',
        b"[" * 100_000,
        b'"' * 1000,
        b"<html>" * 100,
        b"a=b&c=d" * 10,
        b"a=" * 1000,
        b"--" * 1000,
        b"--XbX\r\n" * 100,
        ONE + b"garbage",
        ONE[:-5],
        ONE + b"\n" + b'{"level":"info"}',
        ONE + b"\n" + b"1234",
        base64.b64encode(b"x" * 100),
        b"A" * 101,
        dumped({"a": envelope(1), "b": envelope(2)}),
        dumped({f"{number}": envelope(1) for number in range(100)}),
        dumped({"messageId": "1", "text": "x", "customPayload": envelope(1)}),
        dumped({"data": {"text": "x", "customPayload": envelope(1)}}),
        dumped({"text": ONE.decode()}),
        dumped({"data": {"results": [1, 2], "messageCount": 2}}),
        dumped({"data": {"results": []}}),
        dumped([envelope(1), {"messageId": "1"}]),
        dumped([envelope(1)["results"][0]]),
        dumped([{"results": [], "messageCount": 0}] * 20_001),
        (b'{"a":' * 6) + ONE + b"}" * 6,
    ],
)
def test_nothing_is_made_up(body: bytes) -> None:
    """What is no wrapping, is ambiguous, or is nested too deeply stays as it is."""
    assert unwrap(body) is None


def test_size_and_work_are_bounded() -> None:
    """Neither a huge body nor a body made to be slow is read for long."""
    assert unwrap(b" " * ((64 << 20) + 1)) is None
    assert unwrap(b"[" + b'"' + b"=" * 100 + b'",' * 5000 + b"0]") is None
    assert unwrap(dumped([{"results": [], "messageCount": 0}] * 19_000)) is None
    bomb = base64.b64encode(gzip.compress(b" " * (65 << 20) + ONE, 1))
    assert unwrap(bomb) is None
    assert unwrap_cut(bomb) is None


MANY = json.dumps(
    {"results": [{"messageId": str(number), "text": TEXT[:-1]} for number in range(3)]},
    ensure_ascii=False,
)


def recovered(found: Unwrapped | None) -> list[str]:
    """Return the ids of the messages that are whole."""
    if not found:
        return []
    whole = [json.loads(each) for each in found.envelopes]
    arrays = [part if isinstance(part, list) else part["results"] for part in whole]
    messages = itertools.chain.from_iterable(arrays)
    rest = salvage_envelope(found.rest).messages
    return [each["messageId"] for each in messages] + [each.message_id for each in rest]


@pytest.mark.parametrize(
    "body",
    [
        dumped(MANY),
        json.dumps(MANY, ensure_ascii=False).encode(),
        dumped(json.dumps(MANY)),
        b"a=1&payload=" + quote_plus(MANY).encode(),
        b"payload=" + quote(json.dumps(MANY)).encode(),
        base64.b64encode(MANY.encode()),
        base64.encodebytes(MANY.encode()),
        b"payload=" + quote(base64.b64encode(MANY.encode())).encode(),
        b"data:application/json;base64," + base64.urlsafe_b64encode(MANY.encode()),
        base64.b64encode(gzip.compress(MANY.encode(), 0)),
        dumped({"id": "x", "body": base64.b64encode(MANY.encode()).decode(), "n": 1}),
        dumped({"id": "x", "text": "y", "body": MANY}),
        dumped([MANY]),
        dumped(json.loads(MANY)["results"]),
        MULTIPART.replace(ONE, dumped(MANY)),
    ],
)
def test_every_whole_message_of_what_was_cut(body: bytes) -> None:
    """Where a body ends early, its wrapping is undone and the messages before that are found."""
    found = [recovered(unwrap_cut(body[:end])) for end in range(len(body))]

    counts = [len(ids) for ids in found]
    assert counts == sorted(counts)
    assert all(ids == ["0", "1", "2"][: len(ids)] for ids in found)
    assert {0, 1, 2} <= set(counts)
    assert counts[int(len(body) * 0.9)] >= 2


def test_an_array_that_was_cut() -> None:
    """The envelopes before the cut are whole, and the last one is left to be salvaged."""
    array = b"[" + ONE + b"," + TWO + b","
    strings = dumped([ONE.decode(), MANY])[:-99]

    assert unwrap_cut(array + ONE[:39]) == Unwrapped((ONE, TWO), ("an array",), ONE[:39])
    assert unwrap_cut(array) == Unwrapped((ONE, TWO), ("an array",))
    assert unwrap_cut(array + b'"x') == Unwrapped((ONE, TWO), ("an array",), b'"x')
    assert unwrap_cut(array + b"12") is None
    assert unwrap_cut(b"[1," + ONE) is None
    cut = unwrap_cut(strings)
    assert cut is not None
    assert (cut.envelopes, cut.wrappings) == ((ONE,), ("an array", "a JSON string"))
    assert cut.rest.startswith(b'{"results"')


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'"',
        b"[",
        b"{",
        b'"x',
        ONE[:-5],
        b"<html><body>bad gateway",
        b'{"error":"upstream',
        b'{"a":1,"text":"' + dumped(ONE.decode())[1:-9],
        b"%" * 40,
        base64.b64encode(b"\x1f\x8b" + b"x" * 50),
        b"{" + b",".join(b'"%d":0' % number for number in range(70)) + b',"x":"',
        b'{"a":0,b:',
    ],
)
def test_nothing_is_made_up_of_what_was_cut(body: bytes) -> None:
    """What was cut and holds no envelope, or is one itself, stays as it is."""
    assert unwrap_cut(body) is None


def test_a_form_is_read_as_declared() -> None:
    """The fields of a form are in the charset that the form declares."""
    body = b"payload=" + quote('{"results":[{"text":"Größe"}]}'.encode("latin-1")).encode()
    found = unwrap(body, f"{FORM}; charset=ISO-8859-1")

    assert found is not None
    assert json.loads(found.envelopes[0])["results"][0]["text"] == "Größe"


def test_a_declared_boundary() -> None:
    """The boundary that the Content-Type declares is used, also after a preamble."""
    found = unwrap(b"preamble\r\n" + MULTIPART, 'multipart/form-data; boundary="XbX"')

    assert found == Unwrapped((ONE,), ("a part of a form",))


LEAVES = st.sampled_from([ONE.decode(), B64.decode(), "a=b", "--x", "x" * 20])
NAMES = st.sampled_from(["body", "data", "text"])


@given(
    st.recursive(
        LEAVES | st.text(),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(json.dumps),
            st.dictionaries(NAMES, inner, max_size=3).map(json.dumps),
            inner.map(json.dumps),
            inner.map(lambda text: f"data={quote(text, errors='replace')}"),
        ),
        max_leaves=6,
    ),
    st.integers(0, 30),
)
def test_nothing_raises(text: str, cut: int) -> None:
    """Nothing raises, and whatever is found is JSON."""
    body = text.encode(errors="replace")[: len(text) - cut]

    for found in (unwrap(body), unwrap_cut(body)):
        for each in found.envelopes if found else ():
            json.loads(each)
