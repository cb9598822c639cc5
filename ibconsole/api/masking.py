"""Takes the secrets of a connection out of what came over the wire, before anybody sees it.

An answer may repeat the credential that it was asked with. Bytes are masked with as many
asterisks as the secret had, so that lengths and offsets stay what they were; all other bytes
stay as received. What is packed cannot be looked into: whoever unpacks it masks it then.
"""

import html
import json
import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote, quote_plus

from ibconsole.secret import MASK, Secret

# Shorter ones occur by chance: a user's password "later" is no reason to spoil his
# customers' messages. They are masked as words in errors and logs, and with their scheme.
SHORTEST = 8

_SCHEMES = ("App", "Basic", "IBSSO", "Bearer")
# Something that looks like a credential of platform.md §6, wherever an answer repeats it.
_CREDENTIAL = re.compile(rf"\b({'|'.join(_SCHEMES)})\s+(?=\S*\d)[\w+/=.~-]{{16,}}")
_HEX = re.compile(r"%[0-9A-F]{2}|\\u[0-9a-f]{4}")
# What some writers of JSON escape although they need not.
_GUARDED = re.compile(r"[&<>=+']")
# Whatever holds a secret that is not ours to know.
_SECRET_HEADERS = {"cookie", "set-cookie", "proxy-authorization", "authorization"}

Headers = tuple[tuple[str, str], ...]


class Mask:
    """Knows every spelling of some secrets: plain, URL-encoded, escaped in JSON or HTML.

    A secret that begins with a scheme, as a whole `Authorization` value does, is known
    without it, too.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        known = {one for secret in secrets for one in _parts(secret.reveal())}
        long = {form for one in known if len(one) >= SHORTEST for form in _spellings(one)}
        short = {form for one in known if 3 <= len(one) < SHORTEST for form in _spellings(one)}
        self._texts = sorted(long, key=len, reverse=True)
        self._forms = [_bytes(form) for form in self._texts]
        self._words = [re.compile(rf"(?<!\w){re.escape(form)}(?!\w)") for form in short]

    def data(self, data: bytes) -> bytes:
        """The bytes with the secrets replaced, each by as many asterisks."""
        if not any(form in data for form in self._forms):
            return data
        stream = self.stream()
        return stream.feed(data) + stream.finish()

    def note(self, data: bytes) -> bytes:
        """Bytes for a log, which need not stay what they were: short secrets are masked, too."""
        data = self.data(data)
        if not self._words:
            return data
        return _bytes(self.text(data.decode("utf-8", "surrogateescape")))

    def stream(self) -> "StreamMask":
        """The same for bytes that come in pieces."""
        return StreamMask(self._forms)

    def text(self, text: str) -> str:
        """A text to be read, an error's or a header's, without what looks like a credential.

        Secrets that are too short for `data` are masked here where they stand alone.
        """
        for form in self._texts:
            text = text.replace(form, MASK)
        for word in self._words:
            text = word.sub(MASK, text)
        return _CREDENTIAL.sub(rf"\1 {MASK}", text)

    def headers(self, headers: Iterable[tuple[str, str]]) -> Headers:
        """The headers of an answer, names and values."""
        return tuple((self.text(name), self.text(value)) for name, value in headers)


class StreamMask:
    """Masks bytes that come in pieces, also where a secret is spread over several.

    Holds back no more than the end of a piece that a secret could begin with. Every byte
    of every occurrence is masked, wherever the pieces part.
    """

    def __init__(self, forms: Sequence[bytes]) -> None:
        self._forms = forms
        self._seen = b""
        self._shown = b""

    def feed(self, data: bytes) -> bytes:
        """Add a piece; what can be shown by now, possibly nothing."""
        seen, shown = self._seen + data, bytearray(self._shown + data)
        for form in self._forms:
            at = seen.find(form)
            while at >= 0:
                shown[at : at + len(form)] = b"*" * len(form)
                at = seen.find(form, at + 1)
        end = len(seen) - max((_begun(form, seen) for form in self._forms), default=0)
        self._seen, self._shown = seen[end:], bytes(shown[end:])
        return bytes(shown[:end])

    def finish(self) -> bytes:
        """What was held back: the bytes have ended, and it was no secret."""
        rest, self._seen, self._shown = self._shown, b"", b""
        return rest


def discreet(headers: Iterable[tuple[str, str]]) -> Headers:
    """Headers for a log: what is a secret by its name is not in it, only its scheme."""
    return tuple(
        (name, _scheme_of(value) if name.lower() in _SECRET_HEADERS else value)
        for name, value in headers
    )


def _scheme_of(credential: str) -> str:
    scheme = credential.partition(" ")[0]
    return f"{scheme} {MASK}" if scheme in _SCHEMES else MASK


def _begun(form: bytes, seen: bytes) -> int:
    """How many bytes at the end could be the beginning of a secret."""
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
    """How a secret may be written."""
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
