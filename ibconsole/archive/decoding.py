"""From the body of a delivery to its messages.

A pure view of bytes that stay: it never raises, and whatever it cannot understand becomes a
sentence. It can be redone at any time by a program that understands more.
"""

import logging
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ibconsole.archive.records import Flags
from ibconsole.model import (
    Envelope,
    Message,
    Span,
    Undecodable,
    parse,
    read_envelope,
    salvage_envelope,
)

log = logging.getLogger(__name__)

INFLATED = 256 << 20  # bytes of a body that are unpacked at most
_PIECE = 4096  # what is lost at most in front of a damage to a packed body
_LAYERS = 4
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_UNCOMPRESSED = {"", "identity"}
# An enumeration's arithmetic takes longer than all the rest.
_FLAGS = {
    (salvaged, odd, known): int(
        (Flags.SALVAGED if salvaged else 0)
        | (Flags.ODD if odd else 0)
        | (0 if known else Flags.NOT_A_MESSAGE)
    )
    for salvaged in (False, True)
    for odd in (False, True)
    for known in (False, True)
}
_IDENTIFYING = frozenset({"messageId", "text", "cleanText", "from", "customPayload"})


@dataclass(frozen=True, slots=True)
class Content:
    """What decoding has to go by. `problem` is what receiving it already noted."""

    via: str
    status: int | None
    headers: Sequence[tuple[str, str]]
    body: bytes
    complete: bool
    problem: str

    @property
    def accepted(self) -> bool:
        """Whether the status, where it is known, is a success."""
        return self.status is None or 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read out of a body. `count` and `pending` as the platform said them.

    `spans` says for each message where it stands in the unpacked `body`; see `Envelope`.
    """

    messages: tuple[Message, ...] = ()
    spans: tuple[Span | None, ...] = ()
    count: int | None = None
    pending: int | None = None
    salvaged: bool = False
    problem: str = ""
    body: bytes = field(default=b"", compare=False, repr=False)


def read_content(content: Content) -> Reading:
    """Read the messages of a delivery. Never raises."""
    try:
        return _read(content)
    except Exception:
        # One body that trips over a bug must not keep the others from being read.
        log.exception("A body of %d bytes could not be decoded.", len(content.body))
        return Reading(problem="The body could not be decoded; its bytes are kept.")


def flags_of(message: Message, *, salvaged: bool) -> int:
    """What is remarkable about a message, by itself, as Flags."""
    known = isinstance(message.raw, dict) and not _IDENTIFYING.isdisjoint(message.raw)
    return _FLAGS[salvaged, bool(message.oddities), known]


def _read(content: Content) -> Reading:
    if _is_unwelcome(content):
        return Reading()
    if not content.body:
        expected = content.via == "pull" and content.status in {None, 204}
        return Reading(problem="" if expected else "The body is empty: it holds no message.")
    body, packing = undo_encoding(content.body, content.headers)
    if content.via == "pull" and not content.accepted and not _has_results(body):
        return Reading()
    try:
        reading = _whole(read_envelope(body))
    except Undecodable as error:
        reading = _broken(salvage_envelope(body), str(error), cut=not content.complete)
    problem = f"{packing} {reading.problem}".strip()
    return replace(reading, problem=problem, body=body)


def _is_unwelcome(content: Content) -> bool:
    """A request that was turned away (no HTTP, another path) must not slip in messages.

    Whoever does not know the listener's path could otherwise make some up.
    """
    return content.via == "forward" and bool(content.problem) and not content.accepted


def _has_results(body: bytes) -> bool:
    """Whether an answer that says no hands out messages all the same."""
    try:
        answer = parse(body)
    except Undecodable:
        return bool(salvage_envelope(body).messages)
    return isinstance(answer, dict) and isinstance(answer.get("results"), list)


def _whole(envelope: Envelope) -> Reading:
    found = len(envelope.messages)
    problems = []
    if envelope.oddities:
        problems.append(f"The body is not as documented: {'; '.join(envelope.oddities)}.")
    if envelope.count is not None and envelope.count != found:
        problems.append(f"The server announced {envelope.count} messages, the body holds {found}.")
    return Reading(
        envelope.messages,
        envelope.spans,
        envelope.count,
        envelope.pending,
        problem=" ".join(problems),
    )


def _broken(envelope: Envelope, error: str, *, cut: bool) -> Reading:
    found = len(envelope.messages)
    if not found:
        problem = "The body was cut before the first message was whole." if cut else error
        return Reading(
            count=envelope.count,
            pending=envelope.pending,
            problem=f"{problem} Its bytes are kept.",
        )
    how = "cut" if cut else "broken"
    recovered = "1 message was" if found == 1 else f"{found} messages were"
    announced = (
        f"the server announced {envelope.count}"
        if envelope.count is not None
        else "how many the server announced is not known"
    )
    return Reading(
        envelope.messages,
        envelope.spans,
        envelope.count,
        envelope.pending,
        salvaged=True,
        problem=f"The body was {how}: {recovered} recovered, {announced}.",
    )


def undo_encoding(
    body: bytes, headers: Sequence[tuple[str, str]], *, limit: int = INFLATED
) -> tuple[bytes, str]:
    """Unpack a body as its Content-Encoding says, up to `limit` bytes.

    Returns what could be unpacked, and a sentence about what could not. A packed body whose
    headers were lost is recognised by its first bytes.
    """
    encodings = _encodings(headers)
    if not encodings and body.startswith(b"\x1f\x8b"):
        encodings = ["gzip"]
    if len(encodings) > _LAYERS:
        return body, "The body is packed too many times; its bytes are kept."
    for encoding in reversed(encodings):
        if encoding not in _WINDOWS:
            return body, f"The body is packed as {encoding!r}, which cannot be undone here."
        body, problem = _unpack(body, encoding, limit)
        if problem:
            return body, problem
    return body, ""


def _encodings(headers: Sequence[tuple[str, str]]) -> list[str]:
    """In the order in which they were applied (RFC 9110 §8.4)."""
    tokens = [
        token.strip().lower()
        for name, value in headers
        if name.lower() == "content-encoding"
        for token in value.split(",")
    ]
    return [token for token in tokens if token not in _UNCOMPRESSED]


def _unpack(body: bytes, encoding: str, limit: int) -> tuple[bytes, str]:
    unpacked, problem = _inflate(body, _WINDOWS[encoding], limit)
    if not unpacked and problem and encoding == "deflate":
        # Some servers send the bare stream, without the wrapper that RFC 9110 §8.4.1.2 asks for.
        unpacked, problem = _inflate(body, -15, limit)
    if not unpacked and problem:
        return body, f"The body is declared as {encoding!r}, but is not."
    return unpacked, problem


def _inflate(body: bytes, window: int, limit: int) -> tuple[bytes, str]:
    """Piece by piece, so that a damage costs what follows it and nothing else."""
    unpacked = bytearray()
    stream = zlib.decompressobj(window)
    for start in range(0, len(body), _PIECE):
        piece = body[start : start + _PIECE]
        while piece:
            if stream.eof:  # a gzip file may hold several streams
                stream = zlib.decompressobj(window)
            try:
                unpacked += stream.decompress(piece, limit + 1 - len(unpacked))
            except zlib.error:
                return bytes(unpacked), "The packed body is damaged; its bytes are kept."
            if len(unpacked) > limit:
                return bytes(unpacked[:limit]), f"Unpacked, the body is larger than {limit} bytes."
            piece = stream.unused_data if stream.eof else stream.unconsumed_tail
    return bytes(unpacked), "" if stream.eof else "The packed body was cut."
