"""Redaction of an archive before it is written, and the one that is the default."""

import re
from collections.abc import Sequence
from typing import Protocol

from ibconsole.secret import MASK
from ibconsole.services.request_log import (
    find_codes,
    mask_body_codes,
    mask_codes,
    redact_body,
    redact_headers,
    redact_url,
)
from ibconsole.text import mask_code

Headers = Sequence[tuple[str, str]]

# A segment of a path that is long and mixed is a capability, such as the listener's path. The keys
# in the platform's own paths are none.
_TOKEN = re.compile(r"(?<=/)(?=[A-Za-z_-]*\d|[a-z\d_-]*[A-Z])[\w-]{14,}(?=[/?#]|$)", re.ASCII)
_PARTS = re.compile(r"(\w+://[^/?#]*|)([^?#]*)(.*)", re.ASCII | re.DOTALL)
_LIKE_URL = re.compile(r"/|https?://", re.IGNORECASE)
_OF_PLATFORM = re.compile(r"(?:\w+://[^/?#]*)?/push/\d/", re.ASCII)


class ExchangeRedaction(Protocol):
    """The redaction of requests and answers: values in, values without secrets out."""

    def redact_url(self, url: str) -> str: ...
    def redact_headers(self, headers: Headers) -> Headers: ...
    def redact_body(self, body: bytes, headers: Headers) -> bytes: ...


class LogRedaction:
    """The redaction of the request log: credentials by their names, tokens in paths.

    With `mask` application codes are masked as well, which are the mobile SDK's credential.
    """

    def __init__(self, *, mask: bool = True) -> None:
        self._mask = mask

    def redact_url(self, url: str) -> str:
        """Return a URL without user, secret parameters and unguessable segments of its path."""
        redacted = self._text(redact_url(url))
        if _OF_PLATFORM.match(redacted):
            return redacted
        parts = _PARTS.fullmatch(redacted)
        return f"{parts[1]}{_TOKEN.sub(MASK, parts[2])}{parts[3]}" if parts else redacted

    def redact_headers(self, headers: Headers) -> Headers:
        """Return headers with the values of credentials and cookies masked."""
        return tuple((name, self._value(value)) for name, value in redact_headers(headers))

    def redact_body(self, body: bytes, headers: Headers) -> bytes:
        """Return a body with the values masked that are credentials by their names."""
        redacted = redact_body(body, tuple(headers))
        return mask_body_codes(redacted) if self._mask else redacted

    def _value(self, value: str) -> str:
        """Redact the value of a header, which may be a URL or its path, as proxies add them."""
        return self.redact_url(value) if _LIKE_URL.match(value) else self._text(value)

    def _text(self, text: str) -> str:
        return mask_codes(text, find_codes(text), mask_code) if self._mask else text
