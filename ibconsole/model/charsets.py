"""The character encoding of a body: found out, and converted to UTF-8.

JSON is UTF-8, and a proxy on the way often declares another encoding for it by default. So bytes
that are valid UTF-8 are UTF-8, whatever is declared: text in another encoding is practically never
valid UTF-8 by accident. A byte order mark counts most, then UTF-8, then what is declared, then
what the bytes look like. Whatever is not beyond doubt stays as it is, for lenient readers.
"""

import codecs
import re
from collections.abc import Iterable
from encodings.aliases import aliases
from functools import cache, lru_cache

import msgspec

from ibconsole.lazy import lazy_pattern

_LONGEST_NAME = 40
_BOMS = (  # the longer ones first: that of UTF-16 is the beginning of that of UTF-32
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = lazy_pattern(
    r"""(?i)(?:^|[;,\s])charset\*?\s*[=:]\s*(?:"([^"]*)"?|'([^']*)'?|([^;,\s]*))"""
)
_UTF8_CHARACTER = lazy_pattern(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_C1 = lazy_pattern("[\x80-\x9f]")
# Encodings of ASCII bytes that mean something else than these; so valid UTF-8 proves nothing.
_SEVEN_BIT = lazy_pattern(r"(?:iso2022|hz|utf-7)")
_UTF8 = {"utf-8", "ascii", "utf-8-sig"}
# No encodings of text that is sent: those of names and of literals in Python's source.
_NO_TEXT = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_OTHER_NAMES = {
    "unicode": "utf-16",
    "ucs2": "utf-16",
    "iso10646ucs2": "utf-16",
    "ucs4": "utf-32",
    "utf8mb4": "utf-8",
    "ansi": "cp1252",
    "iso88598i": "iso8859-8",
    "iso88596i": "iso8859-6",
}


class Utf8Body(msgspec.Struct, frozen=True):
    """A body in UTF-8, and a sentence on its encoding, empty if that is as documented.

    `data` is the same object as the body if nothing was converted.
    """

    data: bytes
    remark: str = ""


def to_utf8(body: bytes, content_type: str = "") -> Utf8Body:
    """Convert a body to UTF-8 by its byte order mark, its declaration, or its bytes. Never raises.

    A character that was cut off at the end is left out.
    """
    if body.startswith(codecs.BOM_UTF8):
        return Utf8Body(body, "The body begins with a byte order mark.")
    for mark, name in _BOMS:
        if body.startswith(mark):
            text = _decode(body[len(mark) :], name, "replace") or ""
            return _converted(text, f"The body is encoded in {name.upper()}, as it begins.")
    declared, codec = declared_charset(content_type)
    if _is_utf8(body):
        return _read_utf8(body, declared, codec)
    return (
        _read_declared(body, declared, codec)
        or _read_by_zeros(body, declared)
        or _read_western(body, declared)
        or Utf8Body(body, _not_applied(declared, codec))
    )


def content_type_of(headers: Iterable[tuple[str, str]]) -> str:
    """Return the first Content-Type of these headers; empty if there is none."""
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def declared_charset(content_type: str) -> tuple[str, str]:
    """Return the charset of a Content-Type as it is written, and the name of Python's codec.

    The codec is empty for a charset that is unknown, and both for none.
    """
    found = _CHARSET.search(content_type)
    if not found:
        return "", ""
    name = (found[1] or found[2] or found[3] or "").replace("\\", "").strip().strip("\"'")
    return name[:_LONGEST_NAME], _codec(name) if len(name) <= _LONGEST_NAME else ""


@lru_cache(maxsize=256)
def _codec(name: str) -> str:
    squeezed = re.sub("[^a-z0-9]", "", name.lower())
    squeezed = squeezed.removeprefix("cs") if squeezed.startswith("csiso") else squeezed
    candidates = [name, squeezed, squeezed.removeprefix("x")]
    if windows := re.fullmatch("x?(?:cp|ms|dos|win|windows|ibm|ccsid)([0-9]+)", squeezed):
        candidates.append(f"cp{windows[1]}")
    for candidate in candidates:
        known = _OTHER_NAMES.get(candidate) or _squeezed_aliases().get(candidate, candidate)
        try:
            codec = codecs.lookup(known).name
        except (LookupError, ValueError):
            continue
        if codec.replace("-", "_") not in _NO_TEXT and _is_for_text(codec):
            return codec
    return ""


def _is_for_text(codec: str) -> bool:
    try:
        b" ".decode(codec)
    except LookupError:  # Python's words for "hex" and the like
        return False
    except UnicodeError:
        return True
    return True


@cache
def _squeezed_aliases() -> dict[str, str]:
    names = sorted({*aliases, *aliases.values()})
    return {re.sub("[^a-z0-9]", "", name.lower()): aliases.get(name, name) for name in names}


def _is_utf8(body: bytes) -> bool:
    """Return whether the body is valid UTF-8, perhaps cut, without the zeros of UTF-16."""
    if b"\0" in body:
        return False
    if body.isascii():  # much faster than decoding
        return True
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def _read_utf8(body: bytes, declared: str, codec: str) -> Utf8Body:
    if _SEVEN_BIT.match(codec):
        text = _decode(body, codec)
        if text is not None and not text.isascii():
            return _converted(text, f"The body is encoded in {declared}, as it declares.")
    if body.isascii() or not declared or codec in _UTF8:
        return Utf8Body(body)
    return Utf8Body(body, f"The body declares {declared}, but is UTF-8, and was read as that.")


def _read_declared(body: bytes, declared: str, codec: str) -> Utf8Body | None:
    if not codec or codec in _UTF8:
        return None
    if codec in {"utf-16", "utf-32"}:  # without a byte order mark; usually little-endian
        codec = _codec_by_zeros(body) or f"{codec}-le"
    text = _decode(body, codec)
    if text is not None and codec == "iso8859-1" and _C1.search(text):
        text = _decode(body, "cp1252") or text  # as browsers do: text has no such controls
    if text is None or not _is_plausible(text):
        return None
    return _converted(text, f"The body is encoded in {declared}, as it declares.")


def _read_by_zeros(body: bytes, declared: str) -> Utf8Body | None:
    codec = _codec_by_zeros(body)
    text = _decode(body, codec, "replace") if codec else None
    if text is None or not _is_plausible(text):
        return None
    return _converted(text, f"The body is encoded in {codec.upper()}, {_despite(declared)}.")


def _read_western(body: bytes, declared: str) -> Utf8Body | None:
    if b"\0" in body or _UTF8_CHARACTER.search(body):
        return None  # damaged, or UTF-8 that was damaged: both stay as they are
    text = _decode(body, "cp1252")
    if text is None or not _is_plausible(text):
        return None
    return _converted(text, f"The body seems to be encoded in Windows-1252, {_despite(declared)}.")


def _codec_by_zeros(body: bytes) -> str:
    """Return the encoding of a body that begins with an ASCII character (RFC 4627 §3)."""
    zeros = tuple(byte == 0 for byte in body[:4])
    if zeros == (True, True, True, False) and not any(body[4:7]):
        return "utf-32-be"
    if zeros == (False, True, True, True):
        return "utf-32-le"
    if zeros[:2] == (True, False) and not any(body[2:3]):
        return "utf-16-be"
    return "utf-16-le" if zeros[:2] == (False, True) else ""


def _decode(body: bytes, codec: str, errors: str = "strict") -> str | None:
    """Decode a body, without a character that was cut off at its end; None if it is invalid."""
    try:
        return codecs.getincrementaldecoder(codec)(errors).decode(body)
    except (ValueError, LookupError, OverflowError):
        return None


def _is_plausible(text: str) -> bool:
    """Return whether this can be JSON, or a form or a file that holds JSON."""
    return "\0" not in text and any(sign in text for sign in ('"', "=", "{", "["))


def _converted(text: str, remark: str) -> Utf8Body:
    return Utf8Body(text.removeprefix("\ufeff").encode("utf-8", "replace"), remark)


def _despite(declared: str) -> str:
    return f"although it declares {declared}" if declared else "which it does not declare"


def _not_applied(declared: str, codec: str) -> str:
    if not declared or codec in _UTF8:
        return ""
    return f"The body declares {declared}, which does not apply to it; it was read as UTF-8."
