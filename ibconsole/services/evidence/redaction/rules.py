"""Choices of what is redacted, the record of what was, and pseudonyms for identifiers."""

import hmac
import secrets
from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

_SALT_SIZE = 32  # bytes


class TextChoice(StrEnum):
    """The treatment of what people wrote: as it is, a mask in its place, or left out."""

    KEPT = "kept"
    MASKED = "masked"
    REMOVED = "removed"


class RedactionRules(msgspec.Struct, frozen=True, kw_only=True):
    """The choices of one export. Secrets are masked whatever they are.

    `texts` is about the texts and keywords of messages, `payloads` about their custom payload and
    callback data, `other_bodies` about bodies that are no JSON, form or text that is understood:
    nothing in them is known to be a text, so that masked ones are replaced by a note. With
    `message_ids` the ids of messages become pseudonyms, too.
    """

    texts: TextChoice = TextChoice.MASKED
    payloads: TextChoice = TextChoice.MASKED
    other_bodies: TextChoice = TextChoice.MASKED
    message_ids: bool = False


class ReplacementKind(StrEnum):
    """The reason of a replacement."""

    SECRET = "secret"  # noqa: S105 a name
    CREDENTIAL = "credential"  # by the name of its header or member, or by its form
    URL_SECRET = "secret in a URL"  # noqa: S105 a name
    APPLICATION = "application code"
    INSTALLATION = "installation"
    SUBSCRIBER = "subscriber"
    MESSAGE = "message id"
    TEXT = "text"
    PAYLOAD = "payload"
    BODY = "body"
    CODING = "coding"


class Replacement(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was replaced in a place, and how often; `token` is what stands there now."""

    place: str
    kind: ReplacementKind
    token: str
    count: int = 1


_PREFIXES: Mapping[ReplacementKind, str] = {
    ReplacementKind.APPLICATION: "app",
    ReplacementKind.INSTALLATION: "installation",
    ReplacementKind.SUBSCRIBER: "subscriber",
    ReplacementKind.MESSAGE: "message",
}


class Pseudonyms:
    """Pseudonyms of identifiers in one case: `app-1`, `installation-7`. Not thread-safe.

    Equal identifiers of a kind get the same one, in all exports of the case. Keep `salt` and
    `known` with the case, and never export them. `known` has the tokens by keyed hashes of
    identifiers: none is stored, and without the salt none can be guessed.
    """

    def __init__(self, salt: bytes = b"", known: Mapping[str, str] = MappingProxyType({})) -> None:
        self.salt = salt or secrets.token_bytes(_SALT_SIZE)
        self._tokens = dict(known)
        self._given = set(self._tokens.values())
        self._numbers = Counter(token.rpartition("-")[0] for token in self._given)
        self._seen: set[str] = set()

    @property
    def known(self) -> Mapping[str, str]:
        """The tokens that were given, by the keyed hash of what they stand for."""
        return MappingProxyType(self._tokens)

    def token(self, kind: ReplacementKind, identifier: str) -> str:
        """Return the pseudonym of an identifier, which is none that was seen as an identifier."""
        self._seen.add(identifier)
        data = f"{kind}\0{identifier}".encode("utf-8", "surrogatepass")
        digest = hmac.new(self.salt, data, "sha256").hexdigest()
        token = self._tokens.get(digest, "")
        if not token or token == identifier:
            token = self._tokens[digest] = self._new(_PREFIXES[kind])
            self._given.add(token)
        return token

    def _new(self, prefix: str) -> str:
        while True:
            self._numbers[prefix] += 1
            token = f"{prefix}-{self._numbers[prefix]}"
            if token not in self._given and token not in self._seen:
                return token
