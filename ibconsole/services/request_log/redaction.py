"""Redaction of requests: credentials always, application codes unless they are asked for.

This is the second line of defence. The sender of a request masks the secrets that it knows;
this module masks everything that looks like one.
"""

from collections.abc import Callable, Iterable
from urllib.parse import unquote

from ibconsole.lazy import lazy_pattern
from ibconsole.secret import MASK

Headers = tuple[tuple[str, str], ...]

_SENSITIVE_NAMES = (
    r"api[-_]?key|access[-_]?key|token|secret|passw(?:or)?d|passphrase|signature|authorization"
)
_SECRET_HEADER = lazy_pattern(rf"(?i)cookie|{_SENSITIVE_NAMES}")
_SCHEME = lazy_pattern(r"(?i)(?:App|Basic|Bearer|Digest|IBSSO)\s")
_SECRET_PARAMETER = lazy_pattern(
    rf"(?i)([?&](?:[^=&#]*(?:{_SENSITIVE_NAMES})[^=&#]*|key|sig|auth|pwd)=)[^&#]*"
)
_USER = lazy_pattern(r"(?<=://)[^/?#@]+(?=@)")
_SECRET_MEMBER = lazy_pattern(
    rb"""(?i)("(?:access_token|refresh_token|id_token|client_secret|password|api_?key)"\s*:\s*")"""
    rb"""(?:[^"\\]|\\.)*"""
)
_SECRET_FIELD = lazy_pattern(
    rb"(?i)((?:^|&)(?:access_token|refresh_token|client_secret|password|api_?key)=)[^&]*"
)

_CODE_IN_PATH = lazy_pattern(r"(?<=/applications/)[^/?#\s\"']+")
_CODE_IN_JSON = lazy_pattern(r'("applicationCode"\s*:\s*")((?:[^"\\]|\\.)+)')
# A shorter code may occur by chance elsewhere in a text.
_MIN_UNIQUE = 12


def redact_headers(headers: Iterable[tuple[str, str]]) -> Headers:
    """Mask the values of headers with credentials or cookies; keep order and spelling."""
    return tuple((name, _redacted_value(name, value)) for name, value in headers)


def redact_url(url: str) -> str:
    """Mask the user and password in a URL, and parameters with names like those of keys."""
    return _SECRET_PARAMETER.sub(rf"\g<1>{MASK}", _USER.sub(MASK, url))


def redact_body(body: bytes, headers: Headers) -> bytes:
    """Mask the values in a body that are credentials by their names, in JSON or in a form."""
    mask = rb"\g<1>" + MASK.encode()
    kinds = (value for name, value in headers if name.lower() == "content-type")
    if any("urlencoded" in kind.lower() for kind in kinds):
        return _SECRET_FIELD.sub(mask, body)
    return _SECRET_MEMBER.sub(mask, body)


def is_secret_header(name: str) -> bool:
    """Return whether a header of this name carries a credential or a cookie."""
    return bool(_SECRET_HEADER.search(name))


def find_codes(*texts: str) -> tuple[str, ...]:
    """Return the application codes in URLs and JSON, each once.

    A code that is percent-encoded in a URL is returned both encoded and decoded.
    """
    found: dict[str, None] = {}
    for text in texts:
        for code in _CODE_IN_PATH.findall(text):
            found |= {code: None, unquote(code): None}
        for _, code in _CODE_IN_JSON.findall(text):
            found[code] = None
    return tuple(found)


def mask_codes(text: str, codes: Iterable[str], mask: Callable[[str], str]) -> str:
    """Mask the application codes in a text: those in its URLs and JSON, and `codes` everywhere.

    A code is the mobile SDK's credential (platform.md §3).
    """
    text = _CODE_IN_PATH.sub(lambda found: mask(found[0]), text)
    text = _CODE_IN_JSON.sub(lambda found: found[1] + mask(found[2]), text)
    for code in codes:
        if len(code) >= _MIN_UNIQUE:
            text = text.replace(code, mask(code))
    return text


def _redacted_value(name: str, value: str) -> str:
    if not value or not is_secret_header(name):
        return value
    scheme = _SCHEME.match(value)
    return f"{scheme[0]}{MASK}" if scheme else MASK
