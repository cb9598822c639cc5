"""Decoding the body of a delivery into messages.

Decoding is a view of stored bytes and does no I/O: it never raises, problems become sentences,
and a later version of the program can decode the same bytes again.
"""

import logging
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import msgspec

from ibconsole.archive.records import Flags, Via
from ibconsole.model import (
    Batch,
    MessageFields,
    Span,
    Undecodable,
    Unwrapped,
    content_type_of,
    parse,
    read_batch,
    read_documented,
    salvage_batch,
    to_utf8,
    unwrap,
    unwrap_cut,
)

log = logging.getLogger(__name__)

MAX_DECOMPRESSED = 256 << 20  # bytes
_PEEKED = 1 << 20  # bytes of a body that are read before it is stored
_PEEKED_LENIENTLY = 1 << 14  # bytes of one that is not as documented, which takes longer
_PIECE = 4096  # bytes of a compressed body that are read at once
_MAX_ENCODINGS = 4
_DECODABLE = {"gzip", "x-gzip", "deflate"}
_GZIP_OR_ZLIB = 47  # zlib's `wbits`: by the first bytes, whatever was declared
_RAW_DEFLATE = -15
_UNCOMPRESSED = {"", "identity"}
# Computed in advance: combining enum members takes longer than all other work on a message.
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


class DecodingInput(msgspec.Struct, frozen=True):
    """The fields of a delivery on which its decoding depends.

    `problem` is what was already noted when it was received, or empty.
    """

    via: Via
    status: int | None
    headers: Sequence[tuple[str, str]]
    body: bytes
    complete: bool
    problem: str

    # The columns that `from_row` expects, from `delivery`; and the body.
    COLUMNS = "via, status, headers, complete, problem"

    @classmethod
    def from_row(
        cls, body: bytes, via: str, status: int | None, headers: str, complete: int, problem: str
    ) -> Self:
        """Create it from a body and the values of COLUMNS, in their order."""
        return cls(Via(via), status, parse_headers(headers), body, bool(complete), problem)

    @property
    def accepted(self) -> bool:
        """True if the status is a success, or not known."""
        return self.status is None or 200 <= self.status < 300


@dataclass(slots=True)  # not a Struct: two fields are left out of comparisons
class DecodedBody:
    """The messages of a body, and the platform's own figures if the body states them.

    The messages are decoded when they are asked for. `spans` has for each its offset and size in
    the decompressed `body`, or None; then `elements` has its JSON. `body` is stored if it was
    not compressed. `problem` is a sentence, or empty.
    """

    messages: Sequence[MessageFields] = ()
    spans: Sequence[Span | None] = ()
    count: int | None = None
    pending: int | None = None
    salvaged: bool = False
    problem: str = ""
    elements: Mapping[int, bytes] = field(default_factory=dict, compare=False, repr=False)
    body: bytes = field(default=b"", compare=False, repr=False)
    is_stored: bool = field(default=False, compare=False)

    def element(self, position: int) -> bytes:
        """Return a message's JSON as received, or encoded again if its span is not known."""
        if span := self.spans[position]:
            start, size = span
            return self.body[start : start + size]
        return self.elements[position]

    def copy(self, position: int) -> bytes | None:
        """Return a message's JSON if it has to be stored; None if its span is enough."""
        if self.is_stored and self.spans[position]:
            return None
        return self.element(position)


def decode_body(delivery: DecodingInput) -> DecodedBody:
    """Decode the messages of a delivery. Never raises."""
    try:
        return _decode(delivery)
    except Exception:  # a bug that one body exposes must not stop the decoding of the others
        log.exception("A body of %d bytes could not be decoded.", len(delivery.body))
        return DecodedBody(problem="The body could not be decoded; its bytes are kept.")


def peek_messages(
    headers: Sequence[tuple[str, str]], body: bytes
) -> Sequence[MessageFields] | None:
    """Read the messages of a body in milliseconds, before it is stored; never raises.

    None if that cannot be done: the body is large, damaged, or wrapped in something else.
    """
    plain, problem = undo_content_encoding(body[: _PEEKED + 1], headers, limit=_PEEKED)
    text = to_utf8(plain, content_type_of(headers)).data
    if problem or len(text) > _PEEKED:
        return None
    try:
        batch = read_documented(text) if len(text) > _PEEKED_LENIENTLY else read_batch(text)
    except (Undecodable, ValueError):
        return None
    return batch.messages if batch and (batch.messages or not batch.oddities) else None


def parse_headers(text: str) -> list[tuple[str, str]]:
    """Parse headers as they are stored: a JSON array of pairs."""
    return msgspec.json.decode(text, type=list[tuple[str, str]])


def flags_of(message: MessageFields, *, salvaged: bool) -> int:
    """Return the Flags of a message, without DUPLICATE, as an integer."""
    return _FLAGS[salvaged, message.odd, message.known]


def _decode(delivery: DecodingInput) -> DecodedBody:
    if _is_rejected_forward(delivery):
        return DecodedBody()
    if not delivery.body:
        expected = delivery.via is Via.PULL and delivery.status in {None, 204}
        return DecodedBody(problem="" if expected else "The body is empty: it holds no message.")
    body, compression = undo_content_encoding(delivery.body, delivery.headers)
    content_type = content_type_of(delivery.headers)
    text = to_utf8(body, content_type)
    if delivery.via is Via.PULL and not delivery.accepted and not _has_results(text.data):
        return DecodedBody()
    decoded, wrapping = _read(text.data, content_type, cut=not delivery.complete)
    if text.data is not body and not wrapping:
        decoded.body = text.data
        decoded = _joined([decoded])
    remarks = _join(text.remark, wrapping)
    if remarks:  # the messages may have been read wrongly
        decoded.messages = [message._replace(odd=True) for message in decoded.messages]
    decoded.problem = _join(compression, remarks, decoded.problem)
    decoded.body = body
    decoded.is_stored = body is delivery.body
    return decoded


def _join(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _read(body: bytes, content_type: str, *, cut: bool) -> tuple[DecodedBody, str]:
    """Read a body in UTF-8; return a sentence, too, if the envelope is inside something else."""
    batch, error = None, ""
    try:
        batch = read_batch(body)
    except Undecodable as problem:
        error = str(problem)
    if (not batch or batch.oddities) and (unwrapped := unwrap(body, content_type)):
        return _from_wrapped(unwrapped, cut=cut), _remark(unwrapped)
    if batch:
        return _from_whole(batch), ""
    salvaged = salvage_batch(body)
    if unwrapped := unwrap_cut(body, content_type):
        decoded = _from_wrapped(unwrapped, cut=cut)
        if len(decoded.messages) > len(salvaged.messages):
            decoded.salvaged = True
            decoded.problem = _recovered(len(decoded.messages), decoded.count, cut=cut)
            return decoded, _remark(unwrapped)
    return _from_salvaged(salvaged, error, cut=cut), ""


def _remark(unwrapped: Unwrapped) -> str:
    return f"The messages are wrapped in {', in '.join(reversed(unwrapped.wrappings))}."


def _from_wrapped(unwrapped: Unwrapped, *, cut: bool) -> DecodedBody:
    parts = [_from_whole(read_batch(each)) for each in unwrapped.envelopes]
    if unwrapped.rest:
        error = "The last part of the body is not JSON."
        last = _from_salvaged(salvage_batch(unwrapped.rest), error, cut=cut)
        if parts and not last.messages:
            last.problem = "What follows these messages is not whole; its bytes are kept."
        last.salvaged = True
        parts.append(last)
    for part, body in zip(parts, (*unwrapped.envelopes, unwrapped.rest), strict=False):
        part.body = body
    return _joined(parts)


def _joined(parts: Sequence[DecodedBody]) -> DecodedBody:
    """Join what was read from bytes that are not in the body as it was received.

    The messages have no spans, but their JSON. The last pending figure is the newest.
    """
    counts = [part.count for part in parts if part.count is not None]
    pending = [part.pending for part in parts if part.pending is not None]
    elements = [part.element(place) for part in parts for place in range(len(part.messages))]
    return DecodedBody(
        tuple(message for part in parts for message in part.messages),
        spans=(None,) * len(elements),
        count=sum(counts) if len(counts) == len(parts) else None,
        pending=pending[-1] if pending else None,
        salvaged=any(part.salvaged for part in parts),
        problem=_join(*dict.fromkeys(part.problem for part in parts)),
        elements=dict(enumerate(elements)),
    )


def _is_rejected_forward(delivery: DecodingInput) -> bool:
    """Return whether the delivery is a rejected request: not HTTP, or on an unknown path.

    Its body must not become messages, or anyone who can reach the listener could forge some
    without knowing its path.
    """
    return delivery.via is Via.FORWARD and bool(delivery.problem) and not delivery.accepted


def _has_results(body: bytes) -> bool:
    """Return whether an error answer contains messages."""
    try:
        answer = parse(body)
    except Undecodable:
        return bool(salvage_batch(body).messages)
    return isinstance(answer, dict) and isinstance(answer.get("results"), list)


def _from_whole(batch: Batch) -> DecodedBody:
    found = len(batch.messages)
    problems = []
    if batch.oddities:
        problems.append(f"The body is not as documented: {'; '.join(batch.oddities)}.")
    if batch.count is not None and batch.count != found:
        problems.append(f"The server announced {batch.count} messages, the body holds {found}.")
    return DecodedBody(
        batch.messages,
        batch.spans,
        batch.count,
        batch.pending,
        problem=" ".join(problems),
        elements=batch.elements,
    )


def _from_salvaged(batch: Batch, error: str, *, cut: bool) -> DecodedBody:
    found = len(batch.messages)
    if not found:
        problem = "The body was cut before the first message was whole." if cut else error
        return DecodedBody(
            count=batch.count,
            pending=batch.pending,
            problem=f"{problem} Its bytes are kept.",
        )
    return DecodedBody(
        batch.messages,
        batch.spans,
        batch.count,
        batch.pending,
        salvaged=True,
        elements=batch.elements,
        problem=_recovered(found, batch.count, cut=cut),
    )


def _recovered(found: int, count: int | None, *, cut: bool) -> str:
    how = "cut" if cut else "broken"
    recovered = "1 message was" if found == 1 else f"{found} messages were"
    announced = (
        f"the server announced {count}"
        if count is not None
        else "how many the server announced is not known"
    )
    return f"The body was {how}: {recovered} recovered, {announced}."


def undo_content_encoding(
    body: bytes, headers: Sequence[tuple[str, str]], *, limit: int = MAX_DECOMPRESSED
) -> tuple[bytes, str]:
    """Decompress a body as its Content-Encoding declares, up to `limit` bytes.

    Returns the bytes that could be decompressed, and a sentence if that is not all of them
    (else empty). A gzip body without headers, as after a crash, is recognized by its first
    bytes. A body that is not compressed is returned as the same object.
    """
    encodings = _encodings(headers)
    if not encodings and body.startswith(b"\x1f\x8b"):
        encodings = ["gzip"]
    if len(encodings) > _MAX_ENCODINGS:
        return body, "The body is compressed too many times; its bytes are kept."
    for encoding in reversed(encodings):
        if encoding not in _DECODABLE:
            return body, f"The body is compressed as {encoding!r}, which cannot be decoded here."
        body, problem = _decompress(body, encoding, limit)
        if problem:
            return body, problem
    return body, ""


def _encodings(headers: Sequence[tuple[str, str]]) -> list[str]:
    """Return the encodings in the order in which they were applied (RFC 9110 §8.4)."""
    tokens = [
        token.strip().lower()
        for name, value in headers
        if name.lower() == "content-encoding"
        for token in value.split(",")
    ]
    return [token for token in tokens if token not in _UNCOMPRESSED]


def _decompress(body: bytes, encoding: str, limit: int) -> tuple[bytes, str]:
    plain, problem = _inflate(body, _GZIP_OR_ZLIB, limit)
    if not plain and problem and encoding == "deflate":
        # Some servers send the raw stream, without the wrapper that RFC 9110 §8.4.1.2 requires.
        plain, problem = _inflate(body, _RAW_DEFLATE, limit)
    if not plain and problem:
        return body, f"The body is declared as {encoding!r}, but is not."
    return plain, problem


def _inflate(body: bytes, window: int, limit: int) -> tuple[bytes, str]:
    """Decompress in small pieces, so that damage costs only what follows it.

    A wrong checksum at the end costs nothing.
    """
    plain = bytearray()
    stream = zlib.decompressobj(window)
    for start in range(0, len(body), _PIECE):
        piece = body[start : start + _PIECE]
        while piece:
            if stream.eof:  # a gzip file may consist of several streams
                stream = zlib.decompressobj(window)
            before = stream.copy()
            try:
                plain += stream.decompress(piece, limit + 1 - len(plain))
            except zlib.error:
                plain += _inflate_bytes(before, piece, limit - len(plain))
                return bytes(plain), "The compressed body is damaged; its bytes are kept."
            if len(plain) > limit:
                return bytes(plain[:limit]), f"Decompressed, the body is larger than {limit} bytes."
            piece = stream.unused_data if stream.eof else stream.unconsumed_tail
    return bytes(plain), "" if stream.eof else "The compressed body was cut."


def _inflate_bytes(stream: "zlib._Decompress", piece: bytes, limit: int) -> bytes:
    """Decompress up to the damaged byte, of which zlib returns nothing for a whole piece."""
    plain = bytearray()
    for at in range(len(piece)):
        try:
            plain += stream.decompress(piece[at : at + 1])
        except zlib.error:
            break
        if len(plain) > limit:
            break
    return bytes(plain[: max(limit, 0)])
