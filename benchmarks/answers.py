"""Answers to a pull in many framings, strict and odd, and which messages a part of one holds.

Shares no code with the program: what a part of an answer holds follows from how it was built.
"""

import gzip
import json
import random
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = b"Transfer-Encoding: chunked\r\n"
_GZIP = b"Content-Encoding: gzip\r\n"
_WHOLE_MESSAGE = re.compile(rb'\{"messageId": "([^"]+)", "text": "[^"]*"\}')

Part = tuple[bytes, bool]


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """One answer: `parts` are its bytes in order, each with whether it is part of the body.

    `body` is what the framing contains, compressed if `is_compressed`; `ids` are the ids of its
    messages.
    """

    kind: str
    parts: tuple[Part, ...]
    ids: tuple[str, ...]
    is_compressed: bool = False

    @property
    def wire(self) -> bytes:
        """All bytes, as they are sent."""
        return b"".join(part for part, _ in self.parts)

    @property
    def body(self) -> bytes:
        """The body without its framing."""
        return b"".join(part for part, is_body in self.parts if is_body)

    def body_within(self, size: int) -> bytes:
        """Return the bytes of the body among the first `size` bytes of the answer."""
        body = b""
        for part, is_body in self.parts:
            if is_body:
                body += part[: max(size, 0)]
            size -= len(part)
        return body

    def whole_ids(self, body: bytes) -> set[str]:
        """Return the ids of the messages that are whole in this beginning of the body."""
        if self.is_compressed:
            body = zlib.decompressobj(31).decompress(body)
        return {name.decode() for name in _WHOLE_MESSAGE.findall(body)}


Framing = Callable[[bytes, random.Random], Sequence[Part]]


def make_answer(
    kind: str, name: str, count: int, dice: random.Random, *, longest_text: int = 300
) -> WireAnswer:
    """Return an answer with `count` messages, whose ids begin with `name`."""
    ids = tuple(f"{name}-{position}" for position in range(count))
    results = [{"messageId": each, "text": "t" * dice.randrange(longest_text)} for each in ids]
    envelope = {"results": results, "messageCount": count, "pendingMessageCount": 99}
    body = json.dumps(envelope).encode()
    is_compressed = kind.startswith("gzip")
    if is_compressed:
        body = gzip.compress(body, 6, mtime=0)
    return WireAnswer(kind, tuple(FRAMINGS[kind](body, dice)), ids, is_compressed)


def _with_length(head: bytes) -> Framing:
    def frame(body: bytes, _: random.Random) -> Sequence[Part]:
        return [(head.replace(b"LENGTH", b"%d" % len(body)), False), (body, True)]

    return frame


def _chunks(
    head: bytes = _OK + _CHUNKED + b"\r\n",
    *,
    size: bytes = b"%x",
    line_end: bytes = b"\r\n",
    end: bytes = b"0\r\n\r\n",
) -> Framing:
    def frame(body: bytes, dice: random.Random) -> Sequence[Part]:
        parts: list[Part] = [(head, False)]
        position = 0
        longest = max(len(body) // 4, 2)
        while position < len(body):
            piece = body[position : position + dice.randrange(1, longest)]
            position += len(piece)
            parts += [(size % len(piece) + line_end, False), (piece, True), (line_end, False)]
        return [*parts, (end, False)]

    return frame


# What HTTP clients accept, and what they refuse; all of it leaves the body beyond doubt.
FRAMINGS: dict[str, Framing] = {
    "length": _with_length(_OK + b"Content-Length: LENGTH\r\n\r\n"),
    "until closed": _with_length(_OK + b"Connection: close\r\n\r\n"),
    "chunked": _chunks(),
    "chunk extensions": _chunks(size=b"%x;a=b"),
    "trailers": _chunks(end=b"0\r\nX-Sum: 12\r\nX-More: y\r\n\r\n"),
    "100 first": _with_length(
        b"HTTP/1.1 100 Continue\r\n\r\n" + _OK + b"Content-Length: LENGTH\r\n\r\n"
    ),
    "gzip": _with_length(_OK + _GZIP + b"Content-Length: LENGTH\r\n\r\n"),
    "gzip in chunks": _chunks(_OK + _GZIP + _CHUNKED + b"\r\n"),
    "line without a colon": _with_length(_OK + b"X note\r\nContent-Length: LENGTH\r\n\r\n"),
    "gzip behind a line without a colon": _with_length(
        _OK + b"X note\r\n" + _GZIP + b"Content-Length: LENGTH\r\n\r\n"
    ),
    "line ends": _with_length(b"HTTP/1.1 200 OK\nContent-Length: LENGTH\n\n"),
    "two lengths": _with_length(_OK + b"Content-Length: 5\r\nContent-Length: LENGTH\r\n\r\n"),
    "short length": _with_length(_OK + b"Content-Length: 20\r\n\r\n"),
    "status without a number": _with_length(
        b"HTTP/1.1 OK\r\nX: y\r\nContent-Length: LENGTH\r\n\r\n"
    ),
    "redirect to no URL": _with_length(
        b"HTTP/1.1 308 P\r\nLocation: urn:a\r\nContent-Length: LENGTH\r\n\r\n"
    ),
    "another protocol": _with_length(b"ICY 200 OK\r\nContent-Length: LENGTH\r\n\r\n"),
    "sizes with blanks": _chunks(size=b" %x "),
    "sizes with 0x": _chunks(size=b"0x%x"),
    "chunks with LF": _chunks(line_end=b"\n", end=b"0\n\n"),
    "no final chunk": _chunks(end=b""),
    "garbage for the final chunk": _chunks(end=b"zz\r\n\r\n"),
    "length and chunks": _chunks(_OK + b"Content-Length: 7\r\n" + _CHUNKED + b"\r\n"),
    "no head": lambda body, _: [(body, True)],
}
KINDS = tuple(FRAMINGS)
STRICT_KINDS = KINDS[: KINDS.index("gzip in chunks") + 1]
