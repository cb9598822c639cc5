"""The redaction of one export: values in, values without secrets out, and a record of it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from ibconsole.services.evidence.redaction.bodies import BodyRedaction, Headers, RedactedContent
from ibconsole.services.evidence.redaction.json_values import JsonRedaction
from ibconsole.services.evidence.redaction.known_secrets import KnownSecrets
from ibconsole.services.evidence.redaction.rules import (
    Pseudonyms,
    RedactionRules,
    Replacement,
    ReplacementKind,
)
from ibconsole.services.evidence.redaction.texts import TextRedaction


class Redaction:
    """Redacts what goes into one export, by one set of rules. Not thread-safe.

    `place` names where something stands for `replacements`, which the user sees before the export.
    Identifiers are replaced everywhere once they are known: `learn` those of all parts first,
    because one part may name in a text what only another one shows to be an identifier.

    Each text is searched for secrets in other spellings, which takes a millisecond. While
    `is_strict` is false it is not: then search what was made of many texts with `leaks`, at once.
    """

    def __init__(
        self,
        secrets: KnownSecrets,
        rules: RedactionRules = RedactionRules(),  # noqa: B008 it is frozen
        pseudonyms: Pseudonyms | None = None,
    ) -> None:
        self._texts = TextRedaction(secrets, rules, pseudonyms or Pseudonyms())
        self._json = JsonRedaction(self._texts, is_strict=True)
        self._lenient_json = JsonRedaction(self._texts)
        self.is_strict = True
        self._bodies = BodyRedaction(self._texts)

    @property
    def replacements(self) -> Sequence[Replacement]:
        """Everything that was replaced, in the order of first occurrence."""
        return self._texts.replacements

    @property
    def guarded(self) -> KnownSecrets:
        """The secrets and the replaced codes: the final scan must find none of them."""
        return self._texts.guarded

    @property
    def learned(self) -> Mapping[str, ReplacementKind]:
        """The identifiers that were found or learned: another redaction may learn them first."""
        return self._texts.learned

    def leaks(self, data: bytes) -> bool:
        """Return whether a secret, or a code that became a pseudonym, can be found in the data."""
        return self._texts.leaks(data)

    def learn(self, kind: ReplacementKind, *values: str) -> None:
        """Replace these identifiers wherever they occur; those shorter than 12 by name only."""
        self._texts.learn(kind, *values)

    def redact_text(self, text: str, place: str = "") -> str:
        """Redact a text of the program or its user, such as a note or a finding."""
        return self._checked(self._texts.text(text, place), place)

    def redact_url(self, url: str, place: str = "") -> str:
        """Redact a URL: user and password, codes, tokens in its path, query and fragment."""
        return self._checked(self._texts.url(url, place), place)

    def redact_headers(
        self, headers: Iterable[tuple[str, str]], place: str = ""
    ) -> tuple[tuple[str, str], ...]:
        """Redact the values of headers; keep their names, order and spelling."""
        return self._checked_headers(self._texts.headers(headers, place), place)

    def redact_value(self, value: object, place: str = "") -> Any:
        """Redact what JSON consists of; a new value is returned."""
        json = self._json if self.is_strict else self._lenient_json
        return json.value(value, place)

    def redact_body(self, body: bytes, headers: Headers = (), place: str = "") -> bytes:
        """Redact a body, which is decoded by its headers and stays so: see `redact_content`."""
        return self._bodies.content(headers, body, place).body

    def redact_content(
        self, body: bytes, headers: Iterable[tuple[str, str]], place: str = ""
    ) -> RedactedContent:
        """Redact a body together with its headers, which say what became of it."""
        content = self._bodies.content(headers, body, place)
        return replace(content, headers=self._checked_headers(content.headers, place))

    def redact_message(self, raw: bytes, place: str = "") -> bytes:
        """Redact the bytes of an HTTP request or answer; its framing is made anew."""
        return self._bodies.message(raw, place)

    def _checked_headers(self, headers: Headers, place: str) -> Headers:
        # A name is kept, unless a secret is in it.
        return tuple(
            (self._checked(name, place), self._checked(value, place)) for name, value in headers
        )

    def _checked(self, redacted: str, place: str) -> str:
        """Mask the words of a redacted text in which a secret can be found anyway, or all of it."""
        if not self._leaks(redacted):
            return redacted
        words = _BLANKS.split(redacted)
        shown = "".join(self._mask(place) if self._leaks(word) else word for word in words)
        return self._mask(place) if self._leaks(shown) else shown

    def _leaks(self, text: str) -> bool:
        return (
            self.is_strict
            and bool(text)
            and self._texts.leaks(text.encode("utf-8", "surrogatepass"))
        )

    def _mask(self, place: str) -> str:
        return self._texts.mask(ReplacementKind.SECRET, place)


_BLANKS = re.compile(r"(\s+)")
