"""From bytes to messages, whatever the bytes are."""

import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.archive.decoding import Content, Reading, flags_of, read_content, undo_encoding
from ibconsole.archive.records import Flags
from ibconsole.model.message import Message, read_message
from tests.unit.archive.processes import batch

WHOLE = batch({"messageId": "1"}, {"messageId": "2"}, pending=4)
GZIP = [("Content-Encoding", "gzip")]


def pulled(body: bytes, *, status: int | None = 200, complete: bool = True) -> Content:
    return Content("pull", status, [], body, complete, "")


def forwarded(body: bytes, *, status: int = 200, problem: str = "") -> Content:
    return Content("forward", status, [], body, complete=True, problem=problem)


def ids(reading: Reading) -> list[str]:
    return [message.message_id for message in reading.messages]


def test_whole_body() -> None:
    """A whole body gives its messages and the platform's counts."""
    reading = read_content(pulled(WHOLE))

    assert ids(reading) == ["1", "2"]
    assert (reading.count, reading.pending) == (2, 4)
    assert (reading.salvaged, reading.problem) == (False, "")


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
    """Every whole message of a cut body is recovered, and the numbers are told."""
    reading = read_content(pulled(body, complete=False))

    assert ids(reading) == found
    assert reading.salvaged == bool(found)
    assert reading.problem == problem


def test_cut_behind_the_last_brace() -> None:
    """A transfer that ended too early with a whole body lost nothing."""
    reading = read_content(pulled(WHOLE, complete=False))

    assert (ids(reading), reading.salvaged, reading.problem) == (["1", "2"], False, "")


def cut_everywhere(body: bytes, headers: list[tuple[str, str]]) -> list[int]:
    """How many messages each beginning of the body gives; those that it gives are the first."""
    found = []
    for end in range(len(body) + 1):
        cut = Content("pull", 200, headers, body[:end], complete=end == len(body), problem="")
        reading = read_content(cut)
        assert ids(reading) == [str(number) for number in range(len(reading.messages))]
        assert end in {0, len(body)} or reading.problem
        found.append(len(reading.messages))
    return found


@pytest.mark.parametrize("spaced", [False, True])
def test_cut_at_every_offset(spaced: bool) -> None:
    """Wherever a body is cut, each message comes out whose last byte had arrived, and no other."""
    messages = [
        {"messageId": str(number), "text": 'a "}]{[" é\\', "n": [{}]} for number in range(4)
    ]
    body = batch(*messages)
    if spaced:
        body = json.dumps(json.loads(body), indent=2).encode()
    ends = [
        place + size for place, size in (one or (0, 0) for one in read_content(pulled(body)).spans)
    ]

    assert cut_everywhere(body, []) == [
        sum(last <= end for last in ends) for end in range(len(body) + 1)
    ]


def test_packed_and_cut_at_every_offset() -> None:
    """What can be unpacked of a body that was cut is read; more bytes never give less."""
    found = cut_everywhere(gzip.compress(batch(*({"messageId": str(n)} for n in range(40)))), GZIP)

    assert found == sorted(found)
    assert found[-1] == 40


def test_broken_body() -> None:
    """A body that arrived whole but is garbled is called broken, not cut."""
    reading = read_content(pulled(b'{"results":[{"messageId":"1"},{{{],"messageCount":2}'))

    assert ids(reading) == ["1"]
    assert reading.problem == (
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
def test_no_messages(content: Content, words: str) -> None:
    """A body without messages says why there are none."""
    reading = read_content(content)

    assert reading.messages == ()
    assert words in reading.problem


@pytest.mark.parametrize("status", [None, 204])
def test_expected_silence(status: int | None) -> None:
    """An empty body where none was to be expected is no problem."""
    assert read_content(pulled(b"", status=status)) == Reading()


@pytest.mark.parametrize("status", [301, 401, 500])
@pytest.mark.parametrize(
    "body", [b"<html>", b"[]", b'{"requestError":{}}', b'{"text":"no"}', b'{"results":7}']
)
def test_refused_pull(status: int, body: bytes) -> None:
    """The body of a refusal is no message, and that is no problem of its own."""
    assert read_content(pulled(body, status=status)) == Reading()


@pytest.mark.parametrize("body", [WHOLE, WHOLE[:-3]])
def test_refused_pull_with_messages(body: bytes) -> None:
    """Messages that come with an error status are taken all the same: they were handed out."""
    assert ids(read_content(pulled(body, status=500))) == ["1", "2"]


def test_request_that_was_turned_away() -> None:
    """Whoever does not know the listener's path cannot slip in messages."""
    turned_away = forwarded(WHOLE, status=404, problem="The path is not the listener's.")

    assert read_content(turned_away) == Reading()


def test_request_that_was_refused_on_purpose() -> None:
    """A clean request that the user's rule answers 500 shows its messages."""
    assert ids(read_content(forwarded(WHOLE, status=500))) == ["1", "2"]


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (gzip.compress(WHOLE), "gzip"),
        (gzip.compress(WHOLE), "X-GZIP"),
        (gzip.compress(WHOLE[:9]) + gzip.compress(WHOLE[9:]), "gzip"),
        (zlib.compress(WHOLE), "deflate"),
        (zlib.compress(WHOLE)[2:-4], "deflate"),
        (gzip.compress(zlib.compress(WHOLE)), "deflate, gzip"),
        (WHOLE, "identity"),
        (gzip.compress(WHOLE), ""),
    ],
)
def test_packed_body(packed: bytes, encoding: str) -> None:
    """A packed body is unpacked, whichever way servers write it."""
    assert undo_encoding(packed, [("content-ENCODING", encoding)]) == (WHOLE, "")


@pytest.mark.parametrize(
    ("packed", "encoding", "unpacked", "words"),
    [
        (gzip.compress(WHOLE)[:-12], "gzip", None, "was cut"),
        (WHOLE, "gzip", WHOLE, "declared as 'gzip', but is not"),
        (b"??", "br", b"??", "packed as 'br'"),
        (WHOLE, "gzip, gzip, gzip, gzip, gzip", WHOLE, "too many times"),
    ],
)
def test_badly_packed_body(
    packed: bytes, encoding: str, unpacked: bytes | None, words: str
) -> None:
    """What cannot be unpacked is told, and what could be is used."""
    body, problem = undo_encoding(packed, [("Content-Encoding", encoding)])

    assert words in problem
    assert body == unpacked if unpacked is not None else WHOLE.startswith(body)


def test_damaged_in_the_middle() -> None:
    """A damage in a packed body costs what follows it, not what came before."""
    plain = batch(
        *({"messageId": str(number), "text": f"{number * 7919}"} for number in range(9999))
    )
    packed = bytearray(gzip.compress(plain))
    packed[len(packed) // 2 :] = b"\xff" * 5000
    reading = read_content(Content("pull", 200, GZIP, bytes(packed), complete=True, problem=""))

    assert len(reading.messages) > 3000
    assert reading.problem.startswith("The packed body ")
    assert "messages were recovered" in reading.problem


def test_bomb() -> None:
    """A small body that unpacks to a huge one is unpacked up to a limit."""
    body, problem = undo_encoding(gzip.compress(b"0" * 1_000_000), GZIP, limit=1000)

    assert body == b"0" * 1000
    assert problem == "Unpacked, the body is larger than 1000 bytes."


@given(st.binary())
def test_anything_declared_as_packed(body: bytes) -> None:
    """No bytes, however declared, stop the program."""
    for encoding in ("gzip", "deflate"):
        undo_encoding(body, [("Content-Encoding", encoding)])


class Broken(bytes):
    """A body that trips over a bug which nobody has found yet."""

    def startswith(self, *_: object) -> bool:
        raise ZeroDivisionError


def test_bug_in_decoding(caplog: pytest.LogCaptureFixture) -> None:
    """A body that trips over a bug is set aside with its bytes; the others go on."""
    reading = read_content(pulled(Broken(WHOLE)))

    assert reading == Reading(problem="The body could not be decoded; its bytes are kept.")
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
    """A message that is not as documented carries a flag that says how."""
    message: Message = read_message(raw)

    assert flags_of(message, salvaged=salvaged) == flags
