"""Redaction of everything that an agent reads: what it gets leaves this computer.

Secrets are masked, application codes, installations and subscribers are pseudonyms, which an agent
may use in later questions of the same session. Texts and payloads are as the user of the server
has chosen; an agent cannot change that.
"""

import io
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ibconsole.errors import UserError
from ibconsole.model import encode
from ibconsole.services.evidence.redaction import (
    KnownSecrets,
    Pseudonyms,
    Redaction,
    RedactionRules,
    ReplacementKind,
    TextChoice,
    scan,
)

_RETRY = 60.0  # seconds after which a keyring that gave nothing is asked again
_FRESH = 300.0  # seconds after which secrets are read again, because connections may be added


class AnswerWithheld(UserError):
    """An answer would have shown a secret."""


class _KnownPseudonyms(Pseudonyms):
    """Pseudonyms that lead back to what they stand for, in the memory of this process."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}

    def token(self, kind: ReplacementKind, identifier: str) -> str:
        token = super().token(kind, identifier)
        self.values[token] = identifier
        return token


class AnswerRedaction:
    """Redacts one answer. For one thread at a time."""

    def __init__(
        self, secrets: KnownSecrets, rules: RedactionRules, pseudonyms: Pseudonyms
    ) -> None:
        self._redaction = Redaction(secrets, rules, pseudonyms)
        self._pseudonyms = pseudonyms
        self.problems = secrets.problems

    def application(self, code: str) -> str:
        """Return the pseudonym of an application code, which is replaced everywhere from now on."""
        if not code:
            return ""
        self._redaction.learn(ReplacementKind.APPLICATION, code)
        return self._pseudonyms.token(ReplacementKind.APPLICATION, code)

    def learn_installation(self, sender: str) -> None:
        """Replace an installation everywhere from now on, also where it stands in a text."""
        self._redaction.learn(ReplacementKind.INSTALLATION, sender)

    def value(self, value: Any) -> Any:
        """Return what JSON consists of without secrets, identifiers, and texts if so chosen."""
        return self._redaction.redact_value(value)

    def text(self, text: str) -> str:
        """Return a sentence of the program without secrets and identifiers."""
        return self._redaction.redact_text(text)

    def url(self, url: str) -> str:
        """Return a URL, or the target of a request, without the secrets in it."""
        return self._redaction.redact_url(url)

    def row(self, value: dict[str, Any], **kept: Any) -> dict[str, Any]:
        """Return a redacted object with some members as they are; alone if a secret is in it."""
        shown = {**kept, **self.value(value)}
        if self._leaks(encode(shown)):
            return {**kept, "withheld": "A secret was found in what is stored."}
        return shown

    def finish(self, answer: Any) -> bytes:
        """Return a redacted answer as JSON. Raises AnswerWithheld if a secret is in it anyway."""
        data = encode(answer)
        if self._leaks(data):
            raise AnswerWithheld(
                "The answer is withheld, because a secret was found in it. Ask for less, such as"
                " one message by its id."
            )
        return data

    def _leaks(self, data: bytes) -> bool:
        return bool(scan([("The answer", io.BytesIO(data))], self._redaction.guarded))


class AgentRedaction:
    """Makes the redaction of each answer, with the same pseudonyms for the whole session.

    `gather` reads the secrets, which is repeated from time to time.
    """

    def __init__(
        self,
        gather: Callable[[], Awaitable[KnownSecrets]],
        rules: RedactionRules = RedactionRules(),  # noqa: B008 it is frozen
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gather = gather
        self._rules = rules
        self._clock = clock
        self._pseudonyms = _KnownPseudonyms()
        self._secrets: KnownSecrets | None = None
        self._until = 0.0

    @property
    def shows_texts(self) -> bool:
        """True if the texts of messages are readable, so that they may be searched as well."""
        return self._rules.texts is TextChoice.KEPT

    def meaning_of(self, name: str) -> str:
        """Return what a pseudonym of this session stands for; any other name as it is."""
        return self._pseudonyms.values.get(name.strip(), name)

    async def open(self) -> AnswerRedaction:
        """Return the redaction of one answer; may wait for the keyring. Raises SettingsError."""
        now = self._clock()
        if self._secrets is None or now >= self._until:
            self._secrets = await self._gather()
            self._until = now + (_RETRY if self._secrets.problems else _FRESH)
        return AnswerRedaction(self._secrets, self._rules, self._pseudonyms)
