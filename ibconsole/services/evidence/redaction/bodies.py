"""Redaction of bodies and of whole HTTP messages, as bytes.

A body is decoded first and stays decoded: its headers say so. What is no JSON, form or text that
is understood is replaced by a note, unless it is to be kept; what cannot be decoded always is.
"""

import re
import zlib
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, quote, urlencode

import msgspec

from ibconsole.http1 import read_answer, read_request
from ibconsole.model import content_type_of, to_utf8, unwrap
from ibconsole.secret import MASK
from ibconsole.services.evidence.redaction.json_values import JsonRedaction, close_cut
from ibconsole.services.evidence.redaction.rules import ReplacementKind, TextChoice
from ibconsole.services.evidence.redaction.texts import TextRedaction

Headers = tuple[tuple[str, str], ...]

LARGEST_BODY = 64 << 20  # bytes of a decoded body
_FRAMING = frozenset({"content-length", "transfer-encoding", "content-encoding"})
_START = re.compile(r"(?:[A-Z]{3,7}|HTTP/1\.[01]) ")
_CUT = "what was incomplete at its end was left out"
_NOTE = "X-Ibconsole-Redacted"
_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 47}
_MOST_CODINGS = 4
_FORM_CONTENT = re.compile(r"(?i)application/x-www-form-urlencoded")
_FORM = re.compile(rb"[\w.\-\[\]%+]{1,200}=[^\s{<]*", re.ASCII)
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f\ufffd]")


class RedactedContent(msgspec.Struct, frozen=True):
    """Headers and body after redaction; `notes` are clauses on what became of the body."""

    headers: Headers
    body: bytes
    notes: tuple[str, ...] = ()


class _Unreadable(Exception):
    """A body cannot be decoded; the text is a clause."""


class BodyRedaction:
    """Redacts bodies and HTTP messages."""

    def __init__(self, texts: TextRedaction) -> None:
        self._texts = texts
        self._json = JsonRedaction(texts)
        self._strict_json = JsonRedaction(texts, is_strict=True)

    def content(
        self, headers: Iterable[tuple[str, str]], body: bytes, place: str
    ) -> RedactedContent:
        """Redact the headers and the body of a message whose transfer framing is removed.

        A content coding is undone, and its header replaced by a note; the length is corrected.
        """
        original = tuple(headers)
        shown = self._texts.headers(original, place)
        if not body:
            return RedactedContent(shown, body)
        notes: list[str] = []
        try:
            decoded, coding = _decode(body, original)
        except _Unreadable as problem:
            self._texts.record(place, ReplacementKind.BODY, "")
            redacted, reason = b"", str(problem)
        else:
            if coding:
                self._texts.record(place, ReplacementKind.CODING, "identity")
                notes.append(f"decoded from {coding}")
            redacted, reason = self._body(decoded, original, place, notes)
        if reason:
            notes.append(f"the body of {len(body)} bytes was left out: {reason}")
            redacted = f"[{notes[-1]}]".encode()
        return RedactedContent(_framed(shown, len(redacted), notes), redacted, tuple(notes))

    def message(self, raw: bytes, place: str) -> bytes:
        """Redact the bytes of a request or an answer, head and body.

        Chunks are joined, and bytes behind the message are left out; both is said in a header.
        """
        first_line, headers, body, rest = _read(raw)
        if not first_line:
            return self.content((), raw, place).body
        content = self.content(headers, body, place)
        notes = content.notes
        if rest:
            self._texts.record(place, ReplacementKind.BODY, "")
            notes = (*notes, f"{rest} bytes behind the message were left out")
        shown = (*(one for one in content.headers if one[0] != _NOTE), *_note(notes))
        start = self._first_line(first_line, place)
        lines = [start, *(f"{name}: {value}" for name, value in shown), "", ""]
        head = "\r\n".join(lines).encode("utf-8", "surrogateescape")
        if self._texts.leaks(head):
            self._texts.record(place, ReplacementKind.SECRET, "")
            word = _START.match(start)
            head = f"{word[0] if word else ''}[head left out]\r\n\r\n".encode()
        message = head + content.body
        if self._texts.leaks(message):  # where the two meet
            self._texts.record(place, ReplacementKind.SECRET, "")
            return b"[message left out]"
        return message

    def _first_line(self, line: str, place: str) -> str:
        """Redact the target in a request line, or the reason in a status line."""
        method, blank, rest = line.partition(" ")
        if line.startswith("HTTP/"):
            return self._texts.text(line, place)
        target, gap, version = rest.rpartition(" ")
        return (
            f"{method}{blank}{self._texts.url(target or rest, place)}{gap}{version if gap else ''}"
        )

    def _body(
        self, body: bytes, headers: Headers, place: str, notes: list[str]
    ) -> tuple[bytes, str]:
        """Return a decoded body after redaction, and why it is left out, empty if it is not."""
        content_type = content_type_of(headers)
        data = to_utf8(body, content_type).data
        for json in (self._json, self._strict_json):
            redacted = self._understood(data, content_type, json, place)
            if redacted is None and (closed := close_cut(data)):
                redacted = json.body(closed, place)
                notes[:] = dict.fromkeys((*notes, *((_CUT,) if redacted else ())))
            if redacted is None:
                redacted = self._other(data, place)
            if redacted is None:
                self._texts.record(place, ReplacementKind.BODY, "")
                return b"", "it is nothing in which texts are recognized"
            if not self._texts.leaks(redacted):
                return redacted, ""
        self._texts.record(place, ReplacementKind.SECRET, "")
        return b"", "a secret is in it, in a spelling that cannot be masked"

    def _understood(
        self, data: bytes, content_type: str, json: JsonRedaction, place: str
    ) -> bytes | None:
        whole = json.body(data, place)
        if whole is not None:
            return whole
        if (found := unwrap(data, content_type)) and not found.rest:
            envelopes = [json.body(one, f"{place}[{at}]") for at, one in enumerate(found.envelopes)]
            self._texts.record(place, ReplacementKind.CODING, "unwrapped")
            return b"\n".join(filter(None, envelopes))
        lines = data.splitlines()
        redacted = [json.body(line, f"{place} line {at}") for at, line in enumerate(lines, 1)]
        if len(lines) > 1 and all(line is not None for line in redacted):
            return b"\n".join(filter(None, redacted))
        if _FORM_CONTENT.match(content_type) or _FORM.fullmatch(data.strip()):
            return self._form(data, json, place)
        return None

    def _form(self, data: bytes, json: JsonRedaction, place: str) -> bytes:
        """Redact a form: each field as a member of an object of that name."""
        fields = [json.value({name: value}, place) for name, value in _fields(data)]
        return _form_of(pair for field in fields for pair in field.items())

    def _other(self, data: bytes, place: str) -> bytes | None:
        """Redact a text of which the parts are not known, if it is to be kept."""
        if self._texts.rules.other_bodies is not TextChoice.KEPT:
            return None
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return data
        return self._texts.text(text, place).encode() if not _BINARY.search(text) else data


def _decode(body: bytes, headers: Headers) -> tuple[bytes, str]:
    """Undo the content codings; return their names as well. Raises _Unreadable."""
    values = (value for name, value in headers if name.lower() == "content-encoding")
    codings = [one.strip().lower() for value in values for one in value.split(",")]
    codings = [one for one in codings if one and one != "identity"]
    if len(codings) > _MOST_CODINGS:
        raise _Unreadable("it has too many codings")
    for coding in reversed(codings):
        if coding not in _BITS:
            raise _Unreadable(f"its coding {coding[:20]} cannot be read here")
        body = _inflate(body, coding)
    if not codings and body.startswith(b"\x1f\x8b\x08"):
        return _inflate(body, "gzip"), "gzip, which was not declared"
    return body, ", ".join(codings)


def _inflate(body: bytes, coding: str) -> bytes:
    """Undo one coding, as far as the body goes. Raises _Unreadable."""
    bits = (_BITS[coding], -15) if coding == "deflate" else (_BITS[coding],)
    for number in bits:
        pieces: list[bytes] = []
        try:
            while body:
                stream = zlib.decompressobj(number)
                pieces.append(stream.decompress(body, LARGEST_BODY + 1))
                if sum(map(len, pieces)) > LARGEST_BODY:
                    raise _Unreadable("it grows beyond all bounds when it is decompressed")
                body = stream.unused_data if coding != "deflate" else b""
        except zlib.error:
            continue
        return b"".join(pieces)
    raise _Unreadable(f"its coding {coding} is damaged")


def _framed(headers: Headers, size: int, notes: Sequence[str]) -> Headers:
    """Return the headers with one length in place of the framing, and the notes."""
    shown: list[tuple[str, str]] = []
    is_framed = False
    for name, value in headers:
        if name.lower() not in _FRAMING:
            shown.append((name, value))
        elif not is_framed:
            is_framed = True
            shown.append(
                (name if name.lower() == "content-length" else "Content-Length", f"{size}")
            )
    return (*shown, *_note(notes))


def _note(notes: Sequence[str]) -> Headers:
    return ((_NOTE, "; ".join(notes)),) if notes else ()


def _read(raw: bytes) -> tuple[str, Headers, bytes, int]:
    """Return first line, headers, body, and the number of bytes behind; no line if it is none."""
    if raw.lstrip()[:5].upper() == b"HTTP/":
        answer = read_answer(raw)
        lines = [line for line in raw[: answer.body_start].splitlines() if line[:5] == b"HTTP/"]
        first_line = lines[answer.informational] if answer.informational < len(lines) else b""
        headers, body, rest = answer.headers, answer.body, 0
        first_line = first_line if answer.status is not None else b""
    else:
        request = read_request(raw)
        version = f" HTTP/{request.version}" if request.version else ""
        first_line = b"%b %b%b" % (request.method.encode(), request.target, version.encode())
        first_line = first_line if request.method and request.headers else b""
        headers, body, rest = request.headers, request.body, len(raw) - request.consumed
    texts = tuple((_text(name), _text(value)) for name, value in headers)
    return _text(first_line), texts, body, rest


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _fields(data: bytes) -> Sequence[tuple[str, str]]:
    return parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True)


def _form_of(pairs: Iterable[tuple[str, str]]) -> bytes:
    return urlencode(list(pairs)).replace(quote(MASK), MASK).encode()
