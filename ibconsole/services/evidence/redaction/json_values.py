"""Redaction of JSON: messages wherever they are, and everything else by the names of its members.

JSON within strings, plain or in base64, is redacted as JSON again. The result is JSON of the same
structure, but for what is removed; its layout and the spelling of numbers are not kept.
"""

import base64
import re
from collections.abc import Mapping
from typing import Any

from ibconsole.model import Undecodable, encode_as_read, parse
from ibconsole.secret import MASK
from ibconsole.services.evidence.redaction.rules import ReplacementKind, TextChoice
from ibconsole.services.evidence.redaction.texts import (
    TextRedaction,
    identifier_kind,
    is_sensitive,
)

_MAX_STRINGS = 5  # JSON strings in one another
_SHORTEST = 8  # bytes of JSON that can hold something
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_LARGEST_CUT = 4 << 20  # bytes; capturing stops at far fewer
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[{}\[\],]|[^\s"{}\[\],]++|"', re.DOTALL)
_CLOSING = {b"{": b"}", b"[": b"]"}
_SIGNS = frozenset({b",", *_CLOSING, *_CLOSING.values()})
# The names in a message (platform.md §3). `to` repeats the code of the application.
_MESSAGE_KINDS: Mapping[str, ReplacementKind] = {
    "from": ReplacementKind.INSTALLATION,
    "to": ReplacementKind.APPLICATION,
    "text": ReplacementKind.TEXT,
    "cleanText": ReplacementKind.TEXT,
    "keyword": ReplacementKind.TEXT,
    "customPayload": ReplacementKind.PAYLOAD,
    "callbackData": ReplacementKind.PAYLOAD,
    "messageId": ReplacementKind.MESSAGE,
    "pairedMessageId": ReplacementKind.MESSAGE,
    "initialMessageId": ReplacementKind.MESSAGE,
    "bulkId": ReplacementKind.MESSAGE,
}
# Errors of the platform have members `messageId` and `text`, too (platform.md §7).
_ERRORS = frozenset({"requestError", "serviceException", "policyException"})


class JsonRedaction:
    """Redacts JSON. With `is_strict` a string that has a secret in any spelling is masked."""

    def __init__(self, texts: TextRedaction, *, is_strict: bool = False) -> None:
        self._texts = texts
        self._is_strict = is_strict

    def value(self, value: object, place: str) -> Any:
        """Return the redacted value; the original is not changed."""
        return self._value(value, place, strings=0, in_error=False)

    def body(self, body: bytes, place: str) -> bytes | None:
        """Return redacted JSON; None if the body is none. Raises nothing."""
        try:
            value = parse(body)
        except Undecodable:
            return None
        return encode_as_read(self.value(value, place))

    def _value(self, value: object, place: str, *, strings: int, in_error: bool) -> Any:
        if isinstance(value, dict):
            return self._object(value, place, strings=strings, in_error=in_error)
        if isinstance(value, list):
            return [
                self._value(one, f"{place}[{at}]", strings=strings, in_error=in_error)
                for at, one in enumerate(value)
            ]
        if isinstance(value, str):
            return self._string(value, place, strings=strings, in_error=in_error)
        if value is None or isinstance(value, bool):
            return value
        # A number can be an identifier or a secret, too.
        text = str(value)
        redacted = self._texts.identifiers(self._texts.secrets(text, place), place)
        return value if redacted == text else redacted

    def _object(
        self, value: dict[str, Any], place: str, *, strings: int, in_error: bool
    ) -> dict[str, Any]:
        redacted: dict[str, Any] = {}
        # A list of headers, as in HAR: the name is a member of its own.
        named = value.get("name") if "value" in value else None
        for name, member in value.items():
            at = f"{place}.{name}" if place else name
            shown = self._name(name, at, redacted)
            if name == "value" and isinstance(named, str) and is_sensitive(named):
                redacted[shown] = self._masked(member, ReplacementKind.CREDENTIAL, at)
                continue
            kind = None if in_error else self._kind(name)
            if kind is None:
                within = in_error or name in _ERRORS
                redacted[shown] = self._value(member, at, strings=strings, in_error=within)
                continue
            choice = self._choice(kind)
            if choice is TextChoice.REMOVED:
                self._texts.record(at, kind, "")
            elif choice is TextChoice.KEPT:
                redacted[shown] = self._value(member, at, strings=strings, in_error=False)
            else:
                redacted[shown] = self._masked(member, kind, at)
        return redacted

    def _kind(self, name: str) -> ReplacementKind | None:
        if kind := _MESSAGE_KINDS.get(name) or identifier_kind(name):
            if kind is ReplacementKind.MESSAGE and not self._texts.rules.message_ids:
                return None
            return kind
        # Configurations and actions are identified by a member `key`, which opens nothing.
        is_credential = is_sensitive(name) and name != "key"
        return ReplacementKind.CREDENTIAL if is_credential else None

    def _choice(self, kind: ReplacementKind) -> TextChoice:
        rules = self._texts.rules
        choices = {ReplacementKind.TEXT: rules.texts, ReplacementKind.PAYLOAD: rules.payloads}
        return choices.get(kind, TextChoice.MASKED)

    def _masked(self, value: Any, kind: ReplacementKind, place: str) -> Any:
        """Replace everything in a value that says something; its structure stays."""
        if isinstance(value, dict):
            return {
                self._texts.text(name, place): self._masked(one, kind, f"{place}.{name}")
                for name, one in value.items()
            }
        if isinstance(value, list):
            return [self._masked(one, kind, f"{place}[{at}]") for at, one in enumerate(value)]
        if value is None or isinstance(value, bool) or value == "":
            return value
        text = value if isinstance(value, str) else str(value)
        if kind in _PSEUDONYMOUS:
            return self._texts.pseudonym(kind, text, place)
        return self._texts.mask(kind, place)

    def _name(self, name: str, place: str, others: Mapping[str, Any]) -> str:
        shown = self._safe(name, self._texts.text(name, place), place)
        number = 2
        unique = shown
        while unique in others:
            unique, number = f"{shown} {number}", number + 1
        return unique

    def _string(self, text: str, place: str, *, strings: int, in_error: bool) -> str:
        if strings < _MAX_STRINGS and len(text) >= _SHORTEST:
            for read, write in ((_plain, _as_text), (_decoded, _as_base64)):
                if (inner := read(text)) is not None:
                    value = self._value(inner, place, strings=strings + 1, in_error=in_error)
                    return write(encode_as_read(value))
        return self._safe(text, self._texts.text(text, place), place)

    def _safe(self, text: str, redacted: str, place: str) -> str:
        """Return the mask in place of a redacted text in which a secret can be found anyway."""
        if not self._is_strict or len(text) < _SHORTEST:
            return redacted
        if not self._texts.leaks(redacted.encode("utf-8", "surrogatepass")):
            return redacted
        return self._texts.mask(ReplacementKind.SECRET, place)


def close_cut(body: bytes) -> bytes | None:
    """Return JSON that ends too early, without what is incomplete, and closed; else None."""
    if body.lstrip()[:1] not in _CLOSING or len(body) > _LARGEST_CUT:
        return None
    open_ones: list[bytes] = []
    end, closing = 0, b""
    for found in _TOKEN.finditer(body):
        token = found[0]
        if token == b'"':  # a text that does not end
            break
        if token not in _SIGNS:
            continue
        if not _follow(token, open_ones) or not open_ones:
            return None
        # Up to here each value is complete, but for a comma, which has no value behind it.
        end = found.start() if token == b"," else found.end()
        closing = b"".join(reversed(open_ones))
    return body[:end] + closing


def _follow(sign: bytes, open_ones: list[bytes]) -> bool:
    """Open or close a bracket; return whether the sign may stand there."""
    if sign in _CLOSING:
        open_ones.append(_CLOSING[sign])
        return True
    return bool(open_ones) and (sign == b"," or open_ones.pop() == sign)


_PSEUDONYMOUS = frozenset(
    {
        ReplacementKind.APPLICATION,
        ReplacementKind.INSTALLATION,
        ReplacementKind.SUBSCRIBER,
        ReplacementKind.MESSAGE,
    }
)
_Container = dict[str, Any] | list[Any]


def _plain(text: str) -> _Container | None:
    """Return the object or array in a string, None if there is none."""
    if text.lstrip()[:1] not in {"{", "["}:
        return None
    return _container(text.encode("utf-8", "surrogatepass"))


def _decoded(text: str) -> _Container | None:
    """Return the object or array that a string in base64 holds, None if there is none."""
    if MASK in text or not _BASE64.fullmatch(text):
        return None
    digits = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(digits + "=" * (-len(digits) % 4))
    except ValueError:
        return None
    return _container(data) if data.lstrip()[:1] in {b"{", b"["} else None


def _container(data: bytes) -> _Container | None:
    try:
        value = parse(data)
    except Undecodable:
        return None
    return value if isinstance(value, dict | list) and value else None


def _as_text(data: bytes) -> str:
    return data.decode()


def _as_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
