"""Masking of a connection's secrets in received data, before it is stored or shown.

An answer may repeat the credential of its request. In bytes, each secret is replaced by as many
asterisks, so that lengths and offsets do not change; all other bytes stay as received. The bytes of
a pull are masked before they are stored, also where chunk framing divides a secret: after a crash
the program that finds them does not know the credential.
Compressed data cannot be searched: it has to be masked after it is decompressed.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote, quote_plus

import msgspec

from ibconsole.secret import MASK, Secret

# Shorter secrets occur by chance: a password "later" must not damage the text of messages. They
# are masked as whole words in errors and logs, and wherever they follow their scheme.
MIN_MASKED_LENGTH = 8

_SCHEMES = ("App", "Basic", "IBSSO", "Bearer")
# Anything that looks like a credential of platform.md §6, known or not.
_CREDENTIAL = re.compile(rf"\b({'|'.join(_SCHEMES)})\s+(?=\S*\d)[\w+/=.~-]{{16,}}")
_HEX = re.compile(r"%[0-9A-F]{2}|\\u[0-9a-f]{4}")
# Characters that some JSON writers escape without need.
_GUARDED = re.compile(r"[&<>=+']")
_LINE_ENDS = {b"\r", b"\n"}
# A line between two chunks is a size, maybe odd, maybe with extensions.
_LONGEST_SIZE_LINE = 4200
_MOST_LINE_ENDS = 8
# Headers whose values are secrets.
_SECRET_HEADERS = {"cookie", "set-cookie", "proxy-authorization", "authorization"}

Headers = tuple[tuple[str, str], ...]


class Mask:
    """A mask for some secrets in every spelling: plain, URL-encoded, escaped in JSON or HTML.

    A secret that begins with a scheme, as an `Authorization` value does, is also masked without
    the scheme.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        known = {one for secret in secrets for one in _parts(secret.reveal())}
        long = {form for one in known if len(one) >= MIN_MASKED_LENGTH for form in _spellings(one)}
        short = {
            form for one in known if 3 <= len(one) < MIN_MASKED_LENGTH for form in _spellings(one)
        }
        self._texts = sorted(long, key=len, reverse=True)
        self._forms = [_bytes(form) for form in self._texts]
        self._words = [re.compile(rf"(?<!\w){re.escape(form)}(?!\w)") for form in short]

    def mask_bytes(self, data: bytes) -> bytes:
        """Return the bytes with every secret replaced by as many asterisks."""
        if not any(form in data for form in self._forms):
            return data
        masked = bytearray(data)
        _mask_whole(self._forms, data, masked)
        return bytes(masked)

    def mask_for_log(self, data: bytes) -> bytes:
        """Return the bytes with short secrets masked as well; the length may change."""
        data = self.mask_bytes(data)
        if not self._words:
            return data
        return _bytes(self.mask_text(data.decode("utf-8", "surrogateescape")))

    def stream(self) -> "AnswerMask":
        """Return a mask for the bytes of an HTTP answer that arrive in pieces."""
        return AnswerMask(self._forms)

    def mask_text(self, text: str) -> str:
        """Return a text for display with the secrets, and anything like a credential, masked.

        Secrets that are too short for `mask_bytes` are masked here as whole words.
        """
        for form in self._texts:
            text = text.replace(form, MASK)
        for word in self._words:
            text = word.sub(MASK, text)
        return _CREDENTIAL.sub(rf"\1 {MASK}", text)

    def mask_headers(self, headers: Iterable[tuple[str, str]]) -> Headers:
        """Return the headers of an answer with names and values masked."""
        return tuple((self.mask_text(name), self.mask_text(value)) for name, value in headers)


class AnswerMask:
    """A mask for the bytes of an HTTP answer, framing included, that arrive in pieces.

    A secret may be spread over several pieces, and over several chunks of a chunked body: then
    its parts are masked, and the chunk sizes between them stay. So that it is on disk masked
    before anything is parsed, any line counts as a chunk size here. Only the end of a piece that
    could be the beginning of a secret is held back.
    """

    def __init__(self, forms: Sequence[bytes]) -> None:
        self._forms = forms
        self._longest = max(map(len, forms), default=0)
        self._bytes_of_forms = set(b"".join(forms))
        self._by_first_byte = {
            first: [form for form in forms if form[:1] == first]
            for first in {form[:1] for form in forms}
        }
        self._seen = b""
        self._shown = b""
        self._unfinished: list[_Occurrence] = []

    def feed(self, data: bytes) -> bytes:
        """Add a piece; return the bytes that are certain, possibly none."""
        if not self._forms:
            return data
        seen, shown = self._seen + data, bytearray(self._shown + data)
        _mask_whole(self._forms, seen, shown)
        unfinished = self._unfinished_at_end(seen)
        for line_end in self._dividers(seen):
            for occurrence in self._divided(seen, line_end):
                if occurrence.is_whole:
                    occurrence.mask(shown)
                else:
                    unfinished.append(occurrence)
        end = min((one.start for one in unfinished), default=len(seen))
        self._seen, self._shown = seen[end:], bytes(shown[end:])
        self._unfinished = [one.moved(-end) for one in unfinished]
        return bytes(shown[:end])

    def finish(self) -> bytes:
        """Return the bytes held back; the data has ended.

        What is long enough to be the beginning of a secret, and not of a word, is masked.
        """
        rest = bytearray(self._shown)
        for occurrence in self._unfinished:
            if occurrence.length >= MIN_MASKED_LENGTH:
                occurrence.mask(rest)
        self._seen, self._shown, self._unfinished = b"", b"", []
        return bytes(rest)

    def _unfinished_at_end(self, seen: bytes) -> list["_Occurrence"]:
        start = max(len(seen) - self._longest, 0)
        return [
            _Occurrence(((start + at, len(seen)),), is_whole=False)
            for _, at in self._beginnings(seen[start:])
        ]

    def _dividers(self, seen: bytes) -> Iterator[int]:
        """Yield the offsets of the line ends behind a byte of a secret."""
        # 20 times as fast as a pattern for both.
        for line_end in (b"\r", b"\n"):
            at = seen.find(line_end, 1)
            while at >= 0:
                if seen[at - 1] in self._bytes_of_forms:
                    yield at
                at = seen.find(line_end, at + 1)

    def _divided(self, seen: bytes, line_end: int) -> Iterator["_Occurrence"]:
        """Find the secrets that begin before a line end and go on behind the next line."""
        start = max(line_end - self._longest, 0)
        breaks = (seen.rfind(b"\r", start, line_end), seen.rfind(b"\n", start, line_end))
        start = max(*breaks, start - 1) + 1
        beginnings = list(self._beginnings(seen[start:line_end]))
        behind = _skip_line(seen, line_end) if beginnings else -1
        for form, at in beginnings if behind >= 0 else ():
            if found := _follow(form, seen, (start + at, line_end), behind):
                yield found

    def _beginnings(self, text: bytes) -> Iterator[tuple[bytes, int]]:
        """Yield the secrets whose beginning stands at the end of a text, and where it does."""
        for first, forms in self._by_first_byte.items():
            at = text.find(first)
            while at >= 0:
                end = text[at:]
                for form in forms:
                    if len(end) < len(form) and form.startswith(end):
                        yield form, at
                at = text.find(first, at + 1)


class _Occurrence(msgspec.Struct, frozen=True):
    """The offsets of the parts of a secret, or of its beginning if it is not whole."""

    parts: tuple[tuple[int, int], ...]
    is_whole: bool

    @property
    def start(self) -> int:
        return self.parts[0][0]

    @property
    def length(self) -> int:
        return sum(end - start for start, end in self.parts)

    def moved(self, by: int) -> "_Occurrence":
        return _Occurrence(
            tuple((start + by, end + by) for start, end in self.parts), self.is_whole
        )

    def mask(self, shown: bytearray) -> None:
        for start, end in self.parts:
            shown[start:end] = b"*" * (end - start)


def _mask_whole(forms: Iterable[bytes], seen: bytes, shown: bytearray) -> None:
    """Mask every undivided occurrence, also of secrets that overlap."""
    for form in forms:
        at = seen.find(form)
        while at >= 0:
            shown[at : at + len(form)] = b"*" * len(form)
            at = seen.find(form, at + 1)


def _follow(
    form: bytes, seen: bytes, beginning: tuple[int, int], position: int
) -> _Occurrence | None:
    """Follow a secret over chunk sizes; None if it does not go on at `position`, behind the first.

    `beginning` are the offsets of its first part.
    """
    parts, rest = [beginning], form[beginning[1] - beginning[0] :]
    while position < len(seen):
        end = _end_of_line(seen, position, position + len(rest))
        if end == position or not rest.startswith(seen[position:end]):
            return None
        parts.append((position, end))
        rest = rest[end - position :]
        if not rest:
            return _Occurrence(tuple(parts), is_whole=True)
        position = _skip_line(seen, end)
        if position < 0:
            return None
    return _Occurrence(tuple(parts), is_whole=False)


def _skip_line(seen: bytes, line_end: int) -> int:
    """Return the offset behind the line that follows a line end.

    That is the length of the bytes if the line may go on behind them, and -1 if it is too long.
    """
    start = _skip_line_ends(seen, line_end)
    end = _end_of_line(seen, start, start + _LONGEST_SIZE_LINE)
    if end == len(seen):
        return end
    behind = _skip_line_ends(seen, end)
    return behind if behind > end else -1


def _end_of_line(seen: bytes, start: int, limit: int) -> int:
    """Return the offset of the next line end, or where the bytes or the limit end."""
    limit = min(limit, len(seen))
    end = seen.find(b"\n", start, limit)
    end = limit if end < 0 else end
    at = seen.find(b"\r", start, end)
    return end if at < 0 else at


def _skip_line_ends(seen: bytes, position: int) -> int:
    end = position
    while end - position < _MOST_LINE_ENDS and seen[end : end + 1] in _LINE_ENDS:
        end += 1
    return end


def mask_secret_headers(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return headers for a log, with the values of secret headers masked except their scheme."""
    return tuple(
        (name, _scheme_of(value) if name.lower() in _SECRET_HEADERS else value)
        for name, value in headers
    )


def _scheme_of(credential: str) -> str:
    scheme = credential.partition(" ")[0]
    return f"{scheme} {MASK}" if scheme in _SCHEMES else MASK


def _parts(secret: str) -> set[str]:
    scheme, _, rest = secret.partition(" ")
    return {secret, rest.strip()} if scheme in _SCHEMES else {secret}


def _spellings(secret: str) -> set[str]:
    """Return every way in which a secret may be written."""
    plain = _bytes(secret)
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    escaped |= {form.replace("/", "\\/") for form in escaped}
    escaped |= {_GUARDED.sub(lambda one: f"\\u{ord(one[0]):04x}", form) for form in escaped}
    forms = escaped | {secret, quote(plain), quote(plain, safe=""), quote_plus(plain)}
    forms |= {html.escape(secret), html.escape(secret, quote=False)}
    return forms | {_HEX.sub(_other_case, form) for form in forms}


def _bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _other_case(found: re.Match[str]) -> str:
    return found[0].lower() if found[0].startswith("%") else f"\\u{found[0][2:].upper()}"
