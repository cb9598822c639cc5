"""Redaction of the facts behind findings: what the rules read keeps its shape.

Hosts, schemes and ports stay; codes, secret parts of URLs and texts of users are replaced, the same
value by the same token. So the same rules give the same numbers again.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

import msgspec

from ibconsole.services.evidence.bundles.url_redaction import UrlRedaction
from ibconsole.services.evidence.redaction import Redaction, RedactionRules, TextChoice

S = TypeVar("S")

_CODES = frozenset({"code", "application", "application_code"})
_URLS = frozenset({"url", "forward_url", "base_url"})
_BY_URL = frozenset({"endpoints", "owners"})
_HEADERS = frozenset({"headers", "sent_headers"})


class ValueRedaction:
    """Redacts values of the program by the names of their fields."""

    def __init__(self, redaction: Redaction, urls: UrlRedaction, rules: RedactionRules) -> None:
        self._redaction = redaction
        self._urls = urls
        self._rules = rules

    def struct(self, value: S, place: str) -> S:
        """Return a value of the same type after redaction.

        Names of fields and sets of values stay, also if an identifier of someone is the same word.
        """
        redacted: S = self.plain(value, place)
        return redacted

    def plain(self, value: Any, place: str, name: str = "") -> Any:
        """Redact what JSON or a struct consists of; `name` is that of the field that holds it."""
        if isinstance(value, msgspec.Struct):
            fields = ((one, getattr(value, one)) for one in value.__struct_fields__)
            changed = {one: self.plain(inner, f"{place}.{one}", one) for one, inner in fields}
            return msgspec.structs.replace(value, **changed)
        if isinstance(value, Enum):
            return value
        if isinstance(value, Mapping):
            return self._object(value, place, name)
        if isinstance(value, list | tuple):
            if name in _HEADERS and all(map(_is_pair, value)):
                return self._redaction.redact_headers([(one, other) for one, other in value], place)
            listed = (self.plain(one, f"{place}[{at}]", name) for at, one in enumerate(value))
            return type(value)(listed)
        return self._text(value, place, name) if isinstance(value, str) else value

    def code(self, code: str, place: str) -> str:
        """Return the pseudonym of an application code; empty if there is none."""
        return self._member("applicationCode", code, place)

    def installation(self, installation: str, place: str) -> str:
        """Return the pseudonym of an installation; empty if there is none."""
        return self._member("from", installation, place)

    def message_id(self, message_id: str, place: str) -> str:
        """Return the pseudonym of a message, if those are replaced."""
        return self._member("messageId", message_id, place)

    def callback_data(self, text: str, place: str) -> str:
        """Return callback data of an action by the user's choice.

        What is not kept is a token, because rules compare it.
        """
        if not text or self._rules.payloads is TextChoice.KEPT:
            return self._urls.text(text, place)
        self._member("callbackData", text, place)  # records it
        return self._urls.token(text)

    def message_text(self, name: str, text: str, place: str) -> str:
        """Return what a person wrote, `text` or `keyword`, by the user's choice."""
        return self._member(name, text, place)

    def _text(self, text: str, place: str, name: str) -> str:
        if name in _CODES:
            return self.code(text, place.removesuffix(f".{name}"))
        if name in _URLS:
            return self._urls.url(text, place)
        if name == "callback_data":
            return self.callback_data(text, place.removesuffix(f".{name}"))
        return self._urls.text(text, place)

    def _member(self, name: str, value: str, place: str) -> str:
        """Redact a text as the member of this name of what is at the place."""
        if not value:
            return value
        redacted = self._redaction.redact_value({name: value}, place)
        return str(redacted.get(name, ""))

    def _object(self, value: Mapping[str, Any], place: str, name: str) -> dict[str, Any]:
        if name == "raw":
            return self._raw(value, place)
        redacted: dict[str, Any] = {}
        for key, one in value.items():
            shown = self._urls.url(key, place) if name in _BY_URL else self._urls.text(key, place)
            # Under a URL the value is a struct of its own: its name says nothing.
            inner = "" if name in _BY_URL else key
            redacted[shown] = self.plain(one, f"{place}.{key if inner else shown}", inner)
        return redacted

    def _raw(self, value: Mapping[str, Any], place: str) -> dict[str, Any]:
        redacted = self._urls.value(dict(value), place)
        assert isinstance(redacted, dict)  # noqa: S101
        data = value.get("callbackData")
        if isinstance(data, str) and data and self._rules.payloads is not TextChoice.KEPT:
            redacted["callbackData"] = self._urls.token(data)
        return redacted


def _is_pair(value: object) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(isinstance(one, str) for one in value)
    )
