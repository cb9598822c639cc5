"""Masking of a connection's secrets in received data, before it is stored or shown.

An answer may repeat the credential of its request. In bytes, each secret is replaced by as many
asterisks, so that lengths and offsets do not change; all other bytes stay as received.
Compressed data cannot be searched: it has to be masked after it is decompressed.
"""

import html
import json
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote, quote_plus

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
        stream = self.stream()
        return stream.feed(data) + stream.finish()

    def mask_for_log(self, data: bytes) -> bytes:
        """Return the bytes with short secrets masked as well; the length may change."""
        data = self.mask_bytes(data)
        if not self._words:
            return data
        return _bytes(self.mask_text(data.decode("utf-8", "surrogateescape")))

    def stream(self) -> "StreamMask":
        """Return a mask for bytes that arrive in pieces."""
        return StreamMask(self._forms)

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


class StreamMask:
    """A mask for bytes that arrive in pieces; a secret may be spread over several of them.

    Only the end of a piece that could be the beginning of a secret is held back. Every byte of
    every occurrence is masked, wherever the pieces are divided.
    """

    def __init__(self, forms: Sequence[bytes]) -> None:
        self._forms = forms
        self._seen = b""
        self._shown = b""

    def feed(self, data: bytes) -> bytes:
        """Add a piece; return the bytes that are certain, possibly none."""
        seen, shown = self._seen + data, bytearray(self._shown + data)
        for form in self._forms:
            at = seen.find(form)
            while at >= 0:
                shown[at : at + len(form)] = b"*" * len(form)
                at = seen.find(form, at + 1)
        end = len(seen) - max(
            (_partial_match_length(form, seen) for form in self._forms), default=0
        )
        self._seen, self._shown = seen[end:], bytes(shown[end:])
        return bytes(shown[:end])

    def finish(self) -> bytes:
        """Return the bytes held back: the data has ended, so they are not a secret."""
        rest, self._seen, self._shown = self._shown, b"", b""
        return rest


def mask_secret_headers(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return headers for a log, with the values of secret headers masked except their scheme."""
    return tuple(
        (name, _scheme_of(value) if name.lower() in _SECRET_HEADERS else value)
        for name, value in headers
    )


def _scheme_of(credential: str) -> str:
    scheme = credential.partition(" ")[0]
    return f"{scheme} {MASK}" if scheme in _SCHEMES else MASK


def _partial_match_length(form: bytes, seen: bytes) -> int:
    """Return how many bytes at the end could be the beginning of a secret."""
    at = seen.find(form[:1], max(len(seen) - len(form) + 1, 0))
    while at >= 0:
        if form.startswith(seen[at:]):
            return len(seen) - at
        at = seen.find(form[:1], at + 1)
    return 0


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
