"""Any body is decoded without an error, and every whole message is found."""

import gzip
import json
import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.archive.decoding import (
    DecodedBody,
    DecodingInput,
    decode_body,
    flags_of,
    peek_messages,
    undo_content_encoding,
)
from ibconsole.archive.records import Flags, Via
from ibconsole.model.batch import MessageFields, fields_of
from ibconsole.model.message import read_message
from tests.unit.archive.deliveries import batch

WHOLE = batch({"messageId": "1"}, {"messageId": "2"}, pending=4)
GZIP = [("Content-Encoding", "gzip")]


def pulled(body: bytes, *, status: int | None = 200, complete: bool = True) -> DecodingInput:
    return DecodingInput(Via.PULL, status, [], body, complete, "")


def forwarded(body: bytes, *, status: int = 200, problem: str = "") -> DecodingInput:
    return DecodingInput(Via.FORWARD, status, [], body, complete=True, problem=problem)


def ids(decoded: DecodedBody) -> list[str]:
    return [message.message_id for message in decoded.messages]


def test_whole_body() -> None:
    """A whole body gives its messages and the platform's counts."""
    decoded = decode_body(pulled(WHOLE))

    assert ids(decoded) == ["1", "2"]
    assert (decoded.count, decoded.pending) == (2, 4)
    assert (decoded.salvaged, decoded.problem) == (False, "")


@pytest.mark.parametrize(
    ("body", "found", "problem"),
    [
        (
            b'{"messageCount":5,"results":[{"messageId":"1"},{"messageId":"2"},{"mess',
            ["1", "2"],
            "The body was cut: 2 messages were recovered, the server announced 5.",
        ),
        (
            b'{"results":[{"messageId":"1"},{"mess',
            ["1"],
            "The body was cut: 1 message was recovered, how many the server announced is not"
            " known.",
        ),
        (
            b'{"results":[{"mess',
            [],
            "The body was cut before the first message was whole. Its bytes are kept.",
        ),
    ],
)
def test_cut_body(body: bytes, found: list[str], problem: str) -> None:
    """Every whole message of a cut body is recovered, and the problem states how many."""
    decoded = decode_body(pulled(body, complete=False))

    assert ids(decoded) == found
    assert decoded.salvaged == bool(found)
    assert decoded.problem == problem


def test_cut_after_the_last_brace() -> None:
    """A body that is whole although its transfer was cut has no problem."""
    decoded = decode_body(pulled(WHOLE, complete=False))

    assert (ids(decoded), decoded.salvaged, decoded.problem) == (["1", "2"], False, "")


def cut_everywhere(body: bytes, headers: list[tuple[str, str]]) -> list[int]:
    """Return how many messages each prefix of the body has, and check that they are the first."""
    found = []
    for end in range(len(body) + 1):
        cut = DecodingInput(
            Via.PULL, 200, headers, body[:end], complete=end == len(body), problem=""
        )
        decoded = decode_body(cut)
        assert ids(decoded) == [str(number) for number in range(len(decoded.messages))]
        assert end in {0, len(body)} or decoded.problem
        found.append(len(decoded.messages))
    return found


@pytest.mark.parametrize("spaced", [False, True])
def test_cut_at_every_offset(spaced: bool) -> None:
    """Wherever a body is cut, exactly the messages are decoded whose last byte arrived."""
    messages = [
        {"messageId": str(number), "text": 'a "}]{[" é\\', "n": [{}]} for number in range(4)
    ]
    body = batch(*messages)
    if spaced:
        body = json.dumps(json.loads(body), indent=2).encode()
    ends = [
        start + size for start, size in (span or (0, 0) for span in decode_body(pulled(body)).spans)
    ]

    assert cut_everywhere(body, []) == [
        sum(last <= end for last in ends) for end in range(len(body) + 1)
    ]


def test_compressed_and_cut_at_every_offset() -> None:
    """The decompressible part of a cut body is decoded; more bytes never yield fewer messages."""
    found = cut_everywhere(
        gzip.compress(batch(*({"messageId": str(n)} for n in range(40))), mtime=0), GZIP
    )

    assert found == sorted(found)
    assert found[-1] == 40


def test_broken_body() -> None:
    """A garbled body that arrived completely is called broken, not cut."""
    decoded = decode_body(pulled(b'{"results":[{"messageId":"1"},{{{],"messageCount":2}'))

    assert ids(decoded) == ["1"]
    assert decoded.problem == (
        "The body was broken: 1 message was recovered, the server announced 2."
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (forwarded(b""), "empty"),
        (pulled(b""), "empty"),
        (forwarded(b"<html>"), "not JSON"),
        (pulled(b"<html>"), "not JSON"),
        (forwarded(b"7"), "not as documented: the body is not an object"),
        (pulled(b"{}"), "not as documented: results is missing"),
        (pulled(b"[" * 100_000), "nests"),
        (pulled(b'{"results":[],"messageCount":3}'), "announced 3 messages, the body holds 0"),
    ],
)
def test_no_messages(content: DecodingInput, words: str) -> None:
    """For a body without messages the problem states why there are none."""
    decoded = decode_body(content)

    assert decoded.messages == ()
    assert words in decoded.problem


@pytest.mark.parametrize("status", [None, 204])
def test_expected_empty_body(status: int | None) -> None:
    """An empty body is no problem if the answer is not expected to have one."""
    assert decode_body(pulled(b"", status=status)) == DecodedBody()


@pytest.mark.parametrize("status", [301, 401, 500])
@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b'{"requestError":{}}', b'{"text":"no"}', b'{"results":7}']
)
def test_error_answer(status: int, body: bytes) -> None:
    """The body of an error answer is not a message, and not a problem."""
    assert decode_body(pulled(body, status=status)) == DecodedBody()


@pytest.mark.parametrize("body", [WHOLE, WHOLE[:-3]])
def test_error_answer_with_messages(body: bytes) -> None:
    """Messages in an error answer are decoded nevertheless: they were handed out."""
    assert ids(decode_body(pulled(body, status=500))) == ["1", "2"]


def test_rejected_request() -> None:
    """A sender who does not know the listener's path cannot forge messages."""
    rejected = forwarded(WHOLE, status=404, problem="The path is not the listener's.")

    assert decode_body(rejected) == DecodedBody()


def test_request_answered_by_a_rule() -> None:
    """A valid request to which the user's rule answers 500 has its messages."""
    assert ids(decode_body(forwarded(WHOLE, status=500))) == ["1", "2"]


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(WHOLE, mtime=0), "gzip"),
        (gzip.compress(WHOLE, mtime=0), "X-GZIP"),
        (gzip.compress(WHOLE[:9], mtime=0) + gzip.compress(WHOLE[9:], mtime=0), "gzip"),
        (zlib.compress(WHOLE), "deflate"),
        (zlib.compress(WHOLE)[2:-4], "deflate"),
        (gzip.compress(zlib.compress(WHOLE), mtime=0), "deflate, gzip"),
        (WHOLE, "identity"),
        (gzip.compress(WHOLE, mtime=0), ""),
        (gzip.compress(WHOLE, mtime=0), "deflate"),
        (zlib.compress(WHOLE), "gzip"),
    ],
)
def test_compressed_body(body: bytes, encoding: str) -> None:
    """A compressed body is decompressed, in every way in which servers encode it."""
    assert undo_content_encoding(body, [("content-ENCODING", encoding)]) == (WHOLE, "")


@pytest.mark.parametrize(
    ("compressed", "encoding", "plain", "words"),
    [
        (gzip.compress(WHOLE, mtime=0)[:-12], "gzip", None, "was cut"),
        (WHOLE, "gzip", WHOLE, "declared as 'gzip', but is not"),
        (gzip.compress(WHOLE, mtime=0)[:-8] + bytes(8), "gzip", WHOLE, "is damaged"),
        (zlib.compress(WHOLE)[:-4] + bytes(4), "deflate", WHOLE, "is damaged"),
        (b"??", "br", b"??", "compressed as 'br'"),
        (WHOLE, "gzip, gzip, gzip, gzip, gzip", WHOLE, "too many times"),
    ],
)
def test_badly_compressed_body(
    compressed: bytes, encoding: str, plain: bytes | None, words: str
) -> None:
    """The decompressible part of a body is used, and the problem states what is wrong."""
    body, problem = undo_content_encoding(compressed, [("Content-Encoding", encoding)])

    assert words in problem
    assert body == plain if plain is not None else WHOLE.startswith(body)


def test_damaged_in_the_middle() -> None:
    """Damage in a compressed body costs only what follows it."""
    plain = batch(
        *({"messageId": str(number), "text": f"{number * 7919}"} for number in range(9999))
    )
    damaged = bytearray(gzip.compress(plain, mtime=0))
    damaged[len(damaged) // 2 :] = b"\xff" * 5000
    decoded = decode_body(
        DecodingInput(Via.PULL, 200, GZIP, bytes(damaged), complete=True, problem="")
    )

    assert len(decoded.messages) > 3000
    assert decoded.problem.startswith("The compressed body ")
    assert "messages were recovered" in decoded.problem


def test_bomb() -> None:
    """A small body that decompresses to a huge one is decompressed up to a limit."""
    body, problem = undo_content_encoding(
        gzip.compress(b"0" * 1_000_000, mtime=0), GZIP, limit=1000
    )

    assert body == b"0" * 1000
    assert problem == "Decompressed, the body is larger than 1000 bytes."


@given(st.binary())
def test_any_bytes_declared_as_compressed(body: bytes) -> None:
    """No bytes raise an error, whatever encoding is declared."""
    for encoding in ("gzip", "deflate"):
        undo_content_encoding(body, [("Content-Encoding", encoding)])


class Broken(bytes):
    """A body that exposes an unknown bug."""

    def startswith(self, *_: object) -> bool:
        raise ZeroDivisionError


def test_bug_in_decoding(caplog: pytest.LogCaptureFixture) -> None:
    """A body that exposes a bug in decoding is kept with a problem, and the bug is logged."""
    decoded = decode_body(pulled(Broken(WHOLE)))

    assert decoded == DecodedBody(problem="The body could not be decoded; its bytes are kept.")
    assert "could not be decoded" in caplog.text


@pytest.mark.parametrize(
    ("raw", "salvaged", "flags"),
    [
        ({"messageId": "1"}, False, Flags(0)),
        ({"messageId": "1"}, True, Flags.SALVAGED),
        ({"messageId": 1}, False, Flags.ODD),
        ({}, False, Flags.NOT_A_MESSAGE),
        (7, False, Flags.ODD | Flags.NOT_A_MESSAGE),
    ],
)
def test_flags(raw: object, *, salvaged: bool, flags: Flags) -> None:
    """A message that is not as documented has the flag that says how."""
    message = fields_of(read_message(raw))

    assert flags_of(message, salvaged=salvaged) == flags


LATIN = '{"results":[{"messageId":"1","text":"Größe café","n":1.10}],"messageCount":1}'
ELEMENT = '{"messageId":"1","text":"Größe café","n":1.10}'.encode()


def typed(body: bytes, content_type: str, *, via: Via = Via.FORWARD) -> DecodingInput:
    return DecodingInput(
        via, 200, [("content-type", content_type)], body, complete=True, problem=""
    )


@pytest.mark.parametrize("via", list(Via))
@pytest.mark.parametrize(
    ("body", "content_type", "remark"),
    [
        (LATIN.encode("latin-1"), "application/json; charset=ISO-8859-1", "ISO-8859-1"),
        (LATIN.encode("latin-1"), "application/json", "Windows-1252"),
        (LATIN.encode("utf-16"), "application/json", "UTF-16-LE"),
        (LATIN.encode("utf-32-be"), "application/json; charset=utf-8", "UTF-32-BE"),
        (LATIN.encode("cp500"), 'application/json; charset = "cp500"', "cp500"),
        (gzip.compress(LATIN.encode("utf-16"), mtime=0), "application/json", "UTF-16-LE"),
        (json.dumps(LATIN, ensure_ascii=False).encode(), "application/json", "a JSON string"),
        (f'{{"body":{LATIN}}}'.encode(), "application/json", "the member 'body'"),
        (
            json.dumps(LATIN, ensure_ascii=False).encode("utf-16"),
            "text/plain",
            "UTF-16-LE, as it begins. The messages are wrapped in a JSON string.",
        ),
    ],
)
def test_other_encodings_and_wrappings(
    body: bytes, content_type: str, remark: str, via: Via
) -> None:
    """Messages are read, flagged, and have their JSON; their position in the body is not known."""
    decoded = decode_body(typed(body, content_type, via=via))

    [message] = decoded.messages
    assert message.text == "Größe café"
    assert flags_of(message, salvaged=decoded.salvaged) == Flags.ODD
    assert (decoded.spans, decoded.element(0)) == ((None,), ELEMENT)
    assert remark in decoded.problem
    assert decoded.count == 1


def test_a_wrong_charset_harms_no_position() -> None:
    """UTF-8 with a wrong declaration or a byte order mark is read in place, and flagged."""
    for mark in (b"", b"\xef\xbb\xbf"):
        body = mark + LATIN.encode()
        decoded = decode_body(typed(body, "application/json; charset=ISO-8859-1"))

        assert decoded.messages[0].text == "Größe café"
        assert decoded.element(0) == ELEMENT
        assert decoded.spans[0] == (body.index(ELEMENT), len(ELEMENT))
        assert flags_of(decoded.messages[0], salvaged=False) == Flags.ODD
        assert decoded.problem


def test_several_envelopes_in_one_body() -> None:
    """The messages of several envelopes are in their order, and figures are added up."""
    first, second = batch({"messageId": "1"}, pending=5), batch({"messageId": "2"}, {"text": "3"})
    lines = decode_body(forwarded(first + b"\n" + second + b"\n"))
    array = decode_body(forwarded(b"[" + first + b"," + second + b"]"))

    for decoded in (lines, array):
        assert ids(decoded) == ["1", "2", ""]
        assert (decoded.count, decoded.pending, decoded.salvaged) == (3, 0, False)
        assert [decoded.element(place) for place in range(3)] == [
            b'{"messageId":"1"}',
            b'{"messageId":"2"}',
            b'{"text":"3"}',
        ]
    assert lines.problem == "The messages are wrapped in a sequence."
    assert array.problem == "The messages are wrapped in an array."


def test_a_cut_sequence_of_envelopes() -> None:
    """Whole lines are read, and whole messages of the last line are recovered."""
    lines = (WHOLE + b"\n") * 3
    found = []
    for end in range(len(lines) + 1):
        cut = DecodingInput(Via.PULL, 200, [], lines[:end], complete=False, problem="")
        found.append(len(decode_body(cut).messages))

    assert found == sorted(found)
    assert (found[len(WHOLE)], found[2 * len(WHOLE) + 1], found[-1]) == (2, 4, 6)
    last = decode_body(pulled(lines[: lines.rindex(b'{"messageId":"2"}')], complete=False))
    assert (ids(last), last.salvaged) == (["1", "2", "1", "2", "1"], True)
    assert last.element(4) == b'{"messageId":"1"}'


@pytest.mark.parametrize("complete", [False, True])
def test_a_wrapped_envelope_that_was_cut(*, complete: bool) -> None:
    """Messages of a cut wrapping are flagged as recovered and odd, and counted."""
    body = json.dumps(WHOLE.decode()).encode()
    cut = decode_body(pulled(body[: body.rindex(b"messageId")], complete=complete))

    assert (ids(cut), cut.salvaged, cut.spans) == (["1"], True, (None,))
    assert flags_of(cut.messages[0], salvaged=True) == Flags.ODD | Flags.SALVAGED
    assert cut.element(0) == b'{"messageId":"1"}'
    how = "broken" if complete else "cut"
    assert cut.problem.startswith("The messages are wrapped in a JSON string.")
    assert f"The body was {how}: 1 message was recovered" in cut.problem
    none = decode_body(pulled(body[:20], complete=complete))
    assert (none.messages, "Its bytes are kept." in none.problem) == ((), True)


def test_a_body_in_utf16_cut_at_every_offset() -> None:
    """The whole messages of a cut body are found in any encoding."""
    body = WHOLE.decode().encode("utf-16")
    found = []
    for end in range(len(body) + 1):
        cut = DecodingInput(Via.PULL, 200, [], body[:end], complete=False, problem="")
        found.append(len(decode_body(cut).messages))

    assert found == sorted(found)
    assert found[-1] == 2


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (batch({"messageId": "1"}, {"messageId": "2"}), 2),
        (b'[{"messageId":"1","text":"x"}]', 1),
        (batch(), 0),
        (b"", None),
        (b'{"results":[{"messageId":"1"}', None),
        (b'"{}"', None),
        (b"[" * 100_000, None),
        (b"[" + b"1," * 100_000 + b"1]", None),
        (batch({"messageId": "1", "text": "x" * (1 << 20)}), None),
    ],
)
def test_messages_are_read_quickly_or_not_at_all(body: bytes, found: int | None) -> None:
    """Before a request is stored its body is only read if that takes no time to speak of."""
    messages = peek_messages([], body)

    assert (None if messages is None else len(messages)) == found


def test_what_is_read_quickly_is_decompressed() -> None:
    """A compressed body is read as well, unless it is large once it is decompressed."""

    def read(body: bytes) -> Sequence[MessageFields] | None:
        return peek_messages(GZIP, gzip.compress(body))

    assert [one.message_id for one in read(batch({"messageId": "1"})) or ()] == ["1"]
    assert read(b" " * (1 << 21)) is None
