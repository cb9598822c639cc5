"""Redaction of URLs that keeps equal ones equal, and different ones different.

The rules of the diagnosis compare URLs, so that a mask in place of each secret would change what
they find. A secret part becomes a token of ASCII that is the same in all exports of a case.
"""

import hmac
import re
from collections.abc import Callable, Sequence

from ibconsole.secret import MASK
from ibconsole.services.evidence.redaction import Redaction

_PSEUDONYM = r"\b(?:app|installation|subscriber|message)-\d+\b"
_HIDDEN = re.compile(rf"{MASK}|{_PSEUDONYM}")
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>\\|`{}^]+", re.IGNORECASE)
_PUNCTUATION = ".,;:!?)]"  # behind a URL in a text
_HELD = re.compile("\ue000(\\d+)\ue001")
_MOST_HIDDEN = 12  # parts of one URL that get tokens of their own
_DIGITS = 9  # of a token, which is as long as the path of a listener then
_LONG = 100  # characters: a longer part keeps its length, which is a fault of its own


class UrlRedaction:
    """Redacts URLs, alone and in texts. `salt` is that of the case's pseudonyms."""

    def __init__(self, redaction: Redaction, salt: bytes) -> None:
        self._redaction = redaction
        self._salt = salt

    def url(self, url: str, place: str) -> str:
        """Redact a URL, or the target of a request."""
        redacted = self._redaction.redact_url(url, place)
        marks = _HIDDEN.findall(redacted)
        if redacted == url or MASK not in marks:
            return redacted
        parts = _HIDDEN.split(redacted)
        found = None
        if len(marks) <= _MOST_HIDDEN:
            found = _between(parts, url)
        originals = found or [f"{at} {url}" for at in range(len(marks))]
        shown = [
            self.token(original) if mark == MASK else mark
            for mark, original in zip(marks, originals, strict=True)
        ]
        pieces = [piece for pair in zip(parts, [*shown, ""], strict=True) for piece in pair]
        return "".join(pieces)

    def text(self, text: str, place: str) -> str:
        """Redact a text with the URLs in it, which are the same in all texts."""
        if "://" not in text:
            return self._redaction.redact_text(text, place)
        held: list[str] = []
        marked = _URL.sub(lambda found: self._hold(found[0], place, held), text)
        return restored(self._redaction.redact_text(marked, place), held)

    def value(self, value: object, place: str) -> object:
        """Redact what JSON consists of, with the URLs in it."""
        held: list[str] = []

        def hold(found: re.Match[str]) -> str:
            return self._hold(found[0], place, held)

        marked = _each_text(value, lambda text: _URL.sub(hold, text) if "://" in text else text)
        redacted = self._redaction.redact_value(marked, place)
        return _each_text(redacted, lambda text: restored(text, held))

    def token(self, original: str) -> str:
        """Return what stands in place of a secret part, the same for equal ones."""
        digest = hmac.new(self._salt, original.encode("utf-8", "surrogatepass"), "sha256")
        token = f"masked-{digest.hexdigest()[:_DIGITS]}"
        return token.ljust(len(original), "x") if len(original) > _LONG else token

    def _hold(self, found: str, place: str, held: list[str]) -> str:
        """Return a mark that redaction leaves alone in place of a URL."""
        url = found.rstrip(_PUNCTUATION)
        held.append(self.url(url, place))
        return f"\ue000{len(held) - 1}\ue001{found[len(url) :]}"


def _between(parts: Sequence[str], text: str) -> Sequence[str] | None:
    """Return what a text has between these parts of it, None if it has not all of them in order."""
    if not text.startswith(parts[0]):
        return None
    found, end = [], len(parts[0])
    for part in parts[1:-1]:
        start = text.find(part, end)
        if start < 0:
            return None
        found.append(text[end:start])
        end = start + len(part)
    last = len(text) - len(parts[-1])
    if last < end or not text.endswith(parts[-1]):
        return None
    return [*found, text[end:last]]


def restored(text: str, held: list[str]) -> str:
    """Return a text with the redacted URLs in place of their marks."""

    def url_of(found: re.Match[str]) -> str:
        number = int(found[1])
        return held[number] if number < len(held) else ""

    return _HELD.sub(url_of, text) if "\ue000" in text else text


def _each_text(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(name): _each_text(one, change) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(one, change) for one in value]
    return value
