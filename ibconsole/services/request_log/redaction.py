"""What must not be shown of a request: credentials never, application codes only on demand.

The second line of defence: whoever sends a request masks the secrets that it knows; here
goes whatever looks like one.
"""

import re
from collections.abc import Callable, Iterable
from urllib.parse import unquote

from ibconsole.secret import MASK

Headers = tuple[tuple[str, str], ...]

_GIVEAWAYS = (
    r"api[-_]?key|access[-_]?key|token|secret|passw(?:or)?d|passphrase|signature|authorization"
)
_SECRET_HEADER = re.compile(rf"(?i)cookie|{_GIVEAWAYS}")
_SCHEME = re.compile(r"(?i)(?:App|Basic|Bearer|Digest|IBSSO)\s")
_SECRET_PARAMETER = re.compile(
    rf"(?i)([?&](?:[^=&#]*(?:{_GIVEAWAYS})[^=&#]*|key|sig|auth|pwd)=)[^&#]*"
)
_USER = re.compile(r"(?<=://)[^/?#@]+(?=@)")
_SECRET_MEMBER = re.compile(
    rb"""(?i)("(?:access_token|refresh_token|id_token|client_secret|password|api_?key)"\s*:\s*")"""
    rb"""(?:[^"\\]|\\.)*"""
)
_SECRET_FIELD = re.compile(
    rb"(?i)((?:^|&)(?:access_token|refresh_token|client_secret|password|api_?key)=)[^&]*"
)

_CODE_IN_PATH = re.compile(r"(?<=/applications/)[^/?#\s\"']+")
_CODE_IN_JSON = re.compile(r'("applicationCode"\s*:\s*")((?:[^"\\]|\\.)+)')
# A shorter text may occur by chance in what has nothing to do with it.
_UNMISTAKABLE = 12


def safe_headers(headers: Iterable[tuple[str, str]]) -> Headers:
    """Headers with the values of those masked that carry credentials or cookies."""
    return tuple((name, _safe_value(name, value)) for name, value in headers)


def safe_url(url: str) -> str:
    """A URL without its user and password, and with parameters masked that look like keys."""
    return _SECRET_PARAMETER.sub(rf"\g<1>{MASK}", _USER.sub(MASK, url))


def safe_body(body: bytes, headers: Headers) -> bytes:
    """A body with the values masked that are credentials by their names."""
    mask = rb"\g<1>" + MASK.encode()
    kinds = (value for name, value in headers if name.lower() == "content-type")
    if any("urlencoded" in kind.lower() for kind in kinds):
        return _SECRET_FIELD.sub(mask, body)
    return _SECRET_MEMBER.sub(mask, body)


def is_secret_header(name: str) -> bool:
    """Whether a header of this name carries a credential or a cookie."""
    return bool(_SECRET_HEADER.search(name))


def codes_in(*texts: str) -> tuple[str, ...]:
    """The application codes in URLs and JSON, each once, as they are written there and plain."""
    found: dict[str, None] = {}
    for text in texts:
        for code in _CODE_IN_PATH.findall(text):
            found |= {code: None, unquote(code): None}
        for _, code in _CODE_IN_JSON.findall(text):
            found[code] = None
    return tuple(found)


def without_codes(text: str, codes: Iterable[str], mask: Callable[[str], str]) -> str:
    """The text with its application codes masked, and these wherever they occur in it.

    A code is the mobile SDK's credential (platform.md §3).
    """
    text = _CODE_IN_PATH.sub(lambda found: mask(found[0]), text)
    text = _CODE_IN_JSON.sub(lambda found: found[1] + mask(found[2]), text)
    for code in codes:
        if len(code) >= _UNMISTAKABLE:
            text = text.replace(code, mask(code))
    return text


def _safe_value(name: str, value: str) -> str:
    if not value or not is_secret_header(name):
        return value
    scheme = _SCHEME.match(value)
    return f"{scheme[0]}{MASK}" if scheme else MASK
