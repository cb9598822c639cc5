"""Masking of application codes in the bytes of bodies and requests, whatever else these are.

A code is found by its name, in the wrappings and encodings that the program reads: JSON, a JSON
string, a form, UTF-16, UTF-32 and base64. Once found, it is masked wherever else it occurs.
"""

import re
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_to_bytes

from ibconsole.lazy import lazy_pattern
from ibconsole.text import mask_code

# Bytes before and after a part of a body that `mask_body_part` needs to find codes in it.
MARGIN = 64 * 1024

# A shorter code may occur by chance elsewhere in a text.
_MIN_UNIQUE = 12
_SHOWN = 4  # characters that a mask shows anyway
_GAP = "…".encode()
_NAME = b"applicationCode"

_IN_PATH = lazy_pattern(rb"(?<=/applications/)[^/?#\s\"']+")
_IN_JSON = lazy_pattern(rb'"applicationCode"\s*:\s*"(?P<code>(?:[^"\\]|\\.)+)')
_IN_BODY = lazy_pattern(
    rb"""applicationCode(?:\\*"\s*:\s*\\*"|=|%22%3A(?:%20|\+)*%22)(?P<code>[^"\\&\s%]+)"""
)
_LINE = rb"[A-Za-z0-9+/_-]"
_BASE64 = lazy_pattern(rb"%b{40,}(?:\r?\n%b+)*" % (_LINE, _LINE))
_TO_URLSAFE = bytes.maketrans(b"+/", b"-_")

Span = tuple[int, int, bytes]  # start and end of a code, and its mask


def mask_body_codes(body: bytes, *known: bytes) -> bytes:
    """Mask the application codes in a body or a request, `known` ones everywhere.

    All other bytes stay.
    """
    return mask_body_part(body, 0, len(body), *known)


def mask_body_part(data: bytes, start: int, stop: int, *known: bytes) -> bytes:
    """Return the bytes from `start` to `stop` with masked codes, also those that are cut there.

    The more of the body `data` has, the more is found; see MARGIN.
    """
    shown, place = bytearray(), start
    for first, last, mask in _without_overlaps(_find(data, known)):
        if last <= start or first >= stop:
            continue
        shown += data[place : max(first, start)]
        shown += mask if start <= first and last <= stop else _GAP
        place = min(last, stop)
    return bytes(shown + data[place:stop])


def cover_body_codes(data: bytes, start: int, stop: int) -> bytes:
    """Return the bytes from `start` to `stop`, their number unchanged, with codes covered.

    Offsets and sizes of a body stay true so. See `mask_body_part`.
    """
    covered = bytearray(data)
    for first, last, _ in _without_overlaps(_find(data)):
        shown = _SHOWN if last - first >= 4 * _SHOWN else 0
        covered[first + shown : last - shown] = b"*" * (last - first - 2 * shown)
    return bytes(covered[start:stop])


def _find(data: bytes, known: Iterable[bytes] = ()) -> Iterator[Span]:
    codes = set(known)
    for found in _IN_PATH.finditer(data):
        codes |= {found[0], unquote_to_bytes(found[0])}
        yield *found.span(), _mask(found[0])
    for pattern in (_IN_JSON, _IN_BODY):
        for found in pattern.finditer(data):
            codes.add(found["code"])
            yield *found.span("code"), _mask(found["code"])
    yield from _find_again(data, codes)
    yield from _find_wide(data) if b"\0" in data else ()
    yield from _find_in_base64(data)


def _find_again(data: bytes, codes: Iterable[bytes]) -> Iterator[Span]:
    """Find known codes in other places, also where the data begins or ends within one."""
    for code in codes:
        if len(code) < _MIN_UNIQUE:
            continue
        for found in re.finditer(re.escape(code), data):
            yield *found.span(), _mask(code)
        for length in range(len(code) - 1, _SHOWN, -1):
            if data.endswith(code[:length]):
                yield len(data) - length, len(data), _GAP
            if data.startswith(code[-length:]):
                yield 0, length, _GAP


def _find_wide(data: bytes) -> Iterator[Span]:
    """Find codes in UTF-16 and UTF-32, which begin at any byte, as behind the head of a request."""
    for encoding, pattern in _WIDE.items():
        codes = set()
        for found in pattern.finditer(data):
            codes.add(found["code"])
            yield *found.span("code"), _wide_mask(found["code"], encoding)
        for code in codes:
            if len(code) >= _MIN_UNIQUE * len(" ".encode(encoding)):
                for again in re.finditer(re.escape(code), data):
                    yield *again.span(), _wide_mask(code, encoding)


def _find_in_base64(data: bytes) -> Iterator[Span]:
    """Find codes in base64, whole or without its beginning."""
    for run in _BASE64.finditer(data):
        letters = run[0].translate(_TO_URLSAFE, b"\r\n")
        for shift in range(4 if not run.start() else 1):
            decoded = _decode(letters[shift:])
            if _NAME not in decoded:
                continue
            places = [place for place in range(*run.span()) if data[place] not in b"\r\n"]
            for first, last, _ in _find(decoded):
                begin, end = first * 4 // 3 + shift, -(-last * 4 // 3) + shift
                yield places[begin], places[min(end, len(places)) - 1] + 1, _GAP


def _decode(letters: bytes) -> bytes:
    try:
        return urlsafe_b64decode(letters[: len(letters) // 4 * 4])
    except Base64Error:
        return b""


def _without_overlaps(spans: Iterable[Span]) -> Iterator[Span]:
    end = 0
    for span in sorted(spans, key=lambda one: (one[0], -one[1])):
        if span[0] >= end:
            end = span[1]
            yield span


def _mask(code: bytes) -> bytes:
    return mask_code(code.decode(errors="replace")).encode()


def _wide_mask(code: bytes, encoding: str) -> bytes:
    # Within a text in ASCII the two byte orders are not distinguishable, and need not be.
    return mask_code(code.decode(encoding, errors="replace")).replace("…", "...").encode(encoding)


def _wide_pattern(encoding: str) -> re.Pattern[bytes]:
    def unit(pattern: bytes) -> bytes:
        zeros = rb"\0" * (len(" ".encode(encoding)) - 1)
        return pattern + zeros if encoding.endswith("le") else zeros + pattern

    name = b"".join(unit(bytes([letter])) for letter in _NAME)
    blanks, colon, quote = rb"(?:%b)*" % unit(rb"\s"), unit(b":"), unit(b'"')
    value = rb"(?P<code>(?:%b)+)" % unit(rb'[^"\\&\s%\0]')
    return re.compile(b"".join((name, quote, blanks, colon, blanks, quote, value)))


_WIDE = {one: _wide_pattern(one) for one in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")}
