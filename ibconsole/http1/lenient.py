"""Lenient reading of HTTP/1.x bytes that a strict parser refused, complete or cut.

A message can be pulled once, ever: what arrived has to be read, however bad its HTTP is. The
functions are pure, never raise, and take time linear in the bytes they read.
"""

import re
from dataclasses import dataclass, replace

from ibconsole.http1.lenient_body import (
    Chunks,
    end_of_body,
    read_chunks,
    read_request_chunks,
)
from ibconsole.http1.lenient_head import (
    Framing,
    Head,
    Oddities,
    read_answer_head,
    read_request_head,
)
from ibconsole.http1.message import Header

_LEADING = re.compile(rb"(?:\xef\xbb\xbf)?+[\x00\t\n\v\f\r ]*+")
_STATUS_LINE = re.compile(rb"HTTP/|(?:HTTP|ICY)[ \t]++\d{3}(?!\d)", re.IGNORECASE)
_CODE = re.compile(rb"(?:HTTP(?:/\d*(?:\.\d)?)?|ICY)[ \t]*+(\d{3})(?!\d)", re.IGNORECASE)
_STRICT_STATUS = re.compile(rb"HTTP/1\.[01] [1-5]\d\d [^\x00-\x08\x0a-\x1f\x7f]*+")
# Bounded, since a body may contain any number of almost-answers in one line.
_ANOTHER_ANSWER = re.compile(rb"HTTP/1\.[01] [1-5]\d\d[^\r\n]{0,64}+\r?\n[-\w]{1,64}+:")
_STRICT_REQUEST = re.compile(rb"[-!#$%&'*+.^_`|~0-9A-Za-z]++ [\x21-\x7e]++ HTTP/1\.[01]")
_CHUNKED_PAYLOAD = re.compile(
    rb"[0-9A-Fa-f]{1,8}+(?:;[^\r\n]{0,256}+)?\r\n[ \t\r\n]{0,64}+(?:[{\[]|\x1f\x8b)"
)
_METHOD = re.compile(rb"(?:\xef\xbb\xbf)?+[ \t]*+([-!#$%&'*+.^_`|~0-9A-Za-z]{1,64}+)[ \t]")
_VERSION = re.compile(rb"HTTP/?(.{0,16})", re.IGNORECASE)
# HTTP/1, HTTP/01.1, HTTP/1,1, HTTPS/1.1, HTTP 1.1
_LIKE_VERSION_1 = re.compile(
    rb"(?<=[ \t])HTTPS?[/ \t]{1,8}+0{0,8}+1(?:[.,](\d{1,4}))?\Z", re.IGNORECASE
)
_BLANK_LINES = re.compile(rb"[\r\n]*+")
_NUMBER = re.compile(rb"\d{1,15}")
_LIKE_NUMBER = re.compile(rb"[ \t+]{0,8}+(0[xX][0-9A-Fa-f]{1,12}|\d{1,15})(?!\d)")
_LINE_END = re.compile(rb"[\r\n]")
_MOST_LENGTHS = 16
_COMPRESSIONS = frozenset({b"gzip", b"x-gzip", b"deflate", b"compress", b"x-compress"})
_WITHOUT_BODY = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class LenientAnswer:
    """An answer as far as it can be read.

    `status` is None without a status line; then every byte is the body. `headers` are as
    received. `body` has no transfer framing; a content coding is untouched. `body_start` is the
    offset of the body and its framing. `complete` is false if bytes that the framing announces
    are missing. `oddities` are sentences about what was not as HTTP says. `informational` is
    the number of 1xx heads in front.
    """

    status: int | None = None
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    body_start: int = 0
    complete: bool = False
    oddities: tuple[str, ...] = ()
    informational: int = 0


@dataclass(frozen=True, slots=True)
class LenientRequest:
    """A request as far as it can be read.

    `method` is empty if there is no request line, `version` is what follows `HTTP/`. `consumed`
    is the number of bytes that belong to the request. `contradictory` is true if the framing
    can be read in two ways, or is not that of a request: such a request has to be refused.
    `head_size` is the number of bytes up to the body.
    """

    method: str = ""
    target: bytes = b""
    version: str = ""
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    complete: bool = False
    consumed: int = 0
    oddities: tuple[str, ...] = ()
    contradictory: bool = False
    head_size: int = 0


def read_answer(raw: bytes) -> LenientAnswer:
    """Read the first answer in these bytes, without losing a byte of its body.

    Where two readings are possible, the one that keeps more of the bytes in the body counts.
    Bytes behind the end that the framing announces are left out only if they begin with the
    status line of another answer, or are nothing but blank lines.
    """
    oddities = Oddities()
    start = _end_of(_LEADING, raw)
    if not _STATUS_LINE.match(raw, start):
        return _without_status(raw, start)
    if start:
        oddities.add("Blanks or blank lines precede the status line.")
    indented = raw[start - 1 : start] in {b" ", b"\t"}
    informational = 0
    while True:
        head = read_answer_head(raw, start, oddities, indented=indented)
        status = _read_status(head.first_line, oddities)
        if not _is_informational(raw, status, head):
            break
        informational, start = informational + 1, head.end
        if start == len(raw):
            return LenientAnswer(
                body_start=start, oddities=oddities.sentences, informational=informational
            )
    body, complete = _read_body(raw, status, head, oddities)
    return LenientAnswer(
        status, head.headers, body, head.end, complete, oddities.sentences, informational
    )


def read_request(raw: bytes) -> LenientRequest:
    """Read the first request in these bytes; bytes behind it are not consumed."""
    oddities = Oddities()
    start = _end_of(_BLANK_LINES, raw)
    if start:
        oddities.add("Blank lines precede the request line.")
    head = read_request_head(raw, start, oddities)
    method, target, version = _read_request_line(head, oddities)
    if not method:
        # A line that has not ended may still become a request line.
        refused = b"\n" in raw[start:]
        return LenientRequest(consumed=len(raw), oddities=oddities.sentences, contradictory=refused)
    _check_host(head, oddities)
    chunks = _read_request_body(raw, head, version, oddities)
    return LenientRequest(
        method=method,
        target=target,
        version=version,
        headers=head.headers,
        body=chunks.body,
        complete=chunks.complete,
        consumed=chunks.end,
        oddities=oddities.sentences,
        contradictory=chunks.contradictory,
        head_size=head.end,
    )


def _without_status(raw: bytes, start: int) -> LenientAnswer:
    if b"http/".startswith(raw[start : start + 5].lower()):
        return LenientAnswer(body_start=len(raw), oddities=("The status line is cut.",))
    return LenientAnswer(body=raw, complete=True, oddities=("There is no status line.",))


def _is_informational(raw: bytes, status: int | None, head: Head) -> bool:
    """Return whether another head follows, as behind "100 Continue"."""
    if status is None or status // 100 != 1 or not head.ended:
        return False
    rest = raw[head.end : head.end + 5]
    return _STATUS_LINE.match(raw, head.end) is not None or b"http/".startswith(rest.lower())


def _read_status(line: bytes, oddities: Oddities) -> int | None:
    if not _STRICT_STATUS.fullmatch(line):
        oddities.add("The status line is not as HTTP says: {}.", line)
    found = _CODE.match(line)
    return int(found[1]) if found else None


def _read_body(
    raw: bytes, status: int | None, head: Head, oddities: Oddities
) -> tuple[bytes, bool]:
    """Return the body of an answer, and whether it is complete."""
    if not head.ended:
        oddities.add("The head is cut.")
        return b"", False
    start = head.end
    lengths = _answer_lengths(head, oddities)
    if status in _WITHOUT_BODY:
        if start == len(raw):
            return b"", True
        oddities.add(f"An answer with status {status} has no body, but bytes follow its head.")
    chunks = _read_chunked(raw, head, lengths, oddities)
    if chunks:
        return chunks.body, chunks.complete
    if _CHUNKED_PAYLOAD.match(raw, start) and (chunks := read_chunks(raw, start, oddities)):
        oddities.add("The body is chunked, which is not declared.")
        return chunks.body, chunks.complete
    if not lengths:
        if _ANOTHER_ANSWER.search(raw, start):
            oddities.add("The body has no declared end and seems to contain another answer.")
        return raw[start:], True
    end = _best_end(raw, start, lengths)
    return raw[start : end_of_body(raw, end, oddities)], end <= len(raw)


def _read_chunked(raw: bytes, head: Head, lengths: list[int], oddities: Oddities) -> Chunks | None:
    """Return the body without its chunk framing; None unless it is chunked."""
    if not _says_chunked(head, oddities):
        return None
    fits = _fits_only_length(raw, head.end, lengths)
    chunks = None if fits else read_chunks(raw, head.end, oddities)
    if not chunks:
        oddities.add("The body is declared as chunked but is not.")
    elif lengths:
        oddities.add("There are a content-length and chunks; the chunks were read.")
    if chunks and _CHUNKED_PAYLOAD.match(chunks.body):
        inner = read_chunks(chunks.body, 0, Oddities())
        if inner and inner.complete:
            oddities.add("The body is chunked twice.")
            return replace(inner, complete=chunks.complete)
    return chunks


def _says_chunked(head: Head, oddities: Oddities) -> bool:
    """Return whether the body may be chunked: whenever there is a transfer coding."""
    codings = _codings(head)
    if not any(codings):
        return False
    if codings == [b"identity"]:
        oddities.add("The transfer coding identity is obsolete.")
        return False
    if codings != [b"chunked"] or not head.is_exact(Framing.CODING):
        oddities.add("The transfer coding is not just chunked: {}.", b", ".join(codings))
    return True


def _fits_only_length(raw: bytes, start: int, lengths: list[int]) -> bool:
    """Return whether the body has exactly a declared length and no line, as no chunk is."""
    return len(raw) - start in lengths and not _LINE_END.search(raw, start)


def _answer_lengths(head: Head, oddities: Oddities) -> list[int]:
    """Return all content-lengths that are numbers, in some spelling."""
    lengths = []
    for header in head.values(Framing.LENGTH):
        for text in header.value.split(b","):
            if not header.exact or not _NUMBER.fullmatch(text.strip(b" \t")):
                oddities.add("The content-length is not a number: {}.", text)
            found = _LIKE_NUMBER.match(text)
            if found:
                lengths.append(int(found[1], 16 if found[1][:2].lower() == b"0x" else 10))
    if len(lengths) > 1:
        same = len(set(lengths)) == 1
        oddities.add(f"There are several {'equal' if same else 'different'} content-lengths.")
    return lengths


def _best_end(raw: bytes, start: int, lengths: list[int]) -> int:
    """Return the end of the body by the length that fits the bytes, else by the longest."""
    ends = sorted({start + length for length in lengths[:_MOST_LENGTHS]}, reverse=True)
    for end in ends:
        if end == len(raw) or (end < len(raw) and _STATUS_LINE.match(raw, end)):
            return end
    return ends[0]


def _read_request_line(head: Head, oddities: Oddities) -> tuple[str, bytes, str]:
    """Return method, target and version; an empty method if this is no request line."""
    method = _METHOD.match(head.first_line)
    target = head.first_line[method.end() :].strip() if method else b""
    if not method or not target:
        oddities.add("There is no request line.")
        return "", b"", ""
    if not _STRICT_REQUEST.fullmatch(head.first_line):
        oddities.add("The request line is not as HTTP says: {}.", method[1])
    if like_1 := _LIKE_VERSION_1.search(target):
        minor = int(like_1[1] or 0)
        return method[1].decode("ascii"), target[: like_1.start()].rstrip(), f"1.{minor}"
    # Without headers this is the one line of HTTP/0.9; with them only the version is missing.
    version = b"1.0" if head.headers else b""
    *before, last = target.rsplit(None, 1)
    found = _VERSION.fullmatch(last)
    if found:
        target, version = before[0] if before else b"", found[1]
    return method[1].decode("ascii"), target, version.decode("latin-1")


def _check_host(head: Head, oddities: Oddities) -> None:
    hosts = sum(name.lower() == b"host" for name, _ in head.headers)
    if head.ended and hosts != 1:
        oddities.add("The request has no Host." if not hosts else "The request has several Hosts.")


def _read_request_body(raw: bytes, head: Head, version: str, oddities: Oddities) -> Chunks:
    """Return the body of a request: all that follows the head, if its framing is in doubt."""
    start = head.end
    if not head.ended:
        return Chunks(b"", len(raw), complete=False, contradictory=head.doubtful)
    lengths = _request_lengths(head, oddities)
    doubt = _doubt(head, version, lengths)
    if doubt:
        oddities.add(doubt)
        return Chunks(raw[start:], len(raw), complete=False, contradictory=True)
    codings = _codings(head)
    if len(codings) > 1:
        oddities.add("The transfer coding is not just chunked: {}.", b", ".join(codings))
    if codings:
        return read_request_chunks(raw, start, oddities)
    end = start + (lengths[0] if lengths else 0)
    return Chunks(raw[start:end], min(end, len(raw)), complete=end <= len(raw))


def _request_lengths(head: Head, oddities: Oddities) -> list[int]:
    """Return all content-lengths; -1 for what is not a number."""
    texts = [
        text.strip(b" \t")
        for header in head.values(Framing.LENGTH)
        for text in header.value.split(b",")
    ]
    if len(texts) > 1:
        oddities.add("There are several content-lengths.")
    return [int(text) if _NUMBER.fullmatch(text) else -1 for text in texts]


def _doubt(head: Head, version: str, lengths: list[int]) -> str:
    """Return why the framing of a request can be read in two ways; empty if it cannot."""
    if head.doubtful or not all(header.exact for header in head.framing):
        return "A header that concerns the framing is spelled ambiguously."
    if -1 in lengths or len(set(lengths)) > 1:
        return "The content-length is not one number."
    if head.values(Framing.CODING):
        return _doubt_about_coding(_codings(head), version, lengths)
    return ""


def _doubt_about_coding(codings: list[bytes], version: str, lengths: list[int]) -> str:
    if lengths:
        return "There are both a content-length and a transfer coding."
    if not version.startswith("1.") or version == "1.0":
        return "This version of HTTP has no transfer coding."
    if codings[-1:] != [b"chunked"] or not _COMPRESSIONS.issuperset(codings[:-1]):
        return "The transfer coding is not chunked at last."
    return ""


def _codings(head: Head) -> list[bytes]:
    """Return the transfer codings in lower case."""
    return [
        coding.strip(b" \t").lower()
        for header in head.values(Framing.CODING)
        for coding in header.value.split(b",")
    ]


def _end_of(pattern: re.Pattern[bytes], raw: bytes) -> int:
    found = pattern.match(raw)
    return found.end() if found else 0
