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
        path, mark, rest = redacted.partition("?")
        return f"{_TOKEN.sub(MASK, path)}{mark}{rest}"

    def redact_headers(self, headers: Headers) -> Headers:
        """Return headers with the values of credentials and cookies masked."""
        return tuple((name, self._text(value)) for name, value in redact_headers(headers))

    def redact_body(self, body: bytes, headers: Headers) -> bytes:
        """Return a body with the values masked that are credentials by their names."""
        redacted = redact_body(body, tuple(headers))
        return mask_body_codes(redacted) if self._mask else redacted

    def _text(self, text: str) -> str:
        return mask_codes(text, find_codes(text), mask_code) if self._mask else text
