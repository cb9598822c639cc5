"""The facts as rules use them: forwards by URL, each URL judged once, and findings put together."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import msgspec

from ibconsole.model import Action, ActionType
from ibconsole.services.diagnosis.catalogue import (
    Basis,
    Confidence,
    Evidence,
    Finding,
    Level,
    Subject,
    definition_of,
)
from ibconsole.services.diagnosis.rules.facts import (
    ApplicationFacts,
    ConfigurationFacts,
    Facts,
)
from ibconsole.services.forward_test import (
    HOST_FAULTS,
    UrlContext,
    UrlFault,
    UrlRemark,
    shown_url,
    url_remarks,
)


class Forward(msgspec.Struct, frozen=True):
    """An action that forwards to a URL, with what it belongs to."""

    application: ApplicationFacts
    configuration: ConfigurationFacts
    action: Action

    @property
    def url(self) -> str:
        """The URL as the platform lists it."""
        return self.action.forward_url


class FactsIndex:
    """The facts of one account, indexed once, so that no rule compares everything with all."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.applications: Sequence[ApplicationFacts] = facts.applications or ()
        self._remarks: dict[str, tuple[UrlRemark, ...]] = {}
        self._shown: dict[str, str] = {}

    @cached_property
    def forwards(self) -> Sequence[Forward]:
        """All actions that forward to a URL, in the platform's order."""
        return [
            Forward(application, configuration, action)
            for application, configuration in self.configurations()
            for action in configuration.actions or ()
            if action.type == ActionType.HTTP_FORWARD and action.forward_url
        ]

    @cached_property
    def by_url(self) -> Mapping[str, Sequence[Forward]]:
        """The forwards to each URL, spaces around it taken off."""
        found = defaultdict(list)
        for forward in self.forwards:
            found[forward.url.strip()].append(forward)
        return found

    def configurations(self) -> Iterator[tuple[ApplicationFacts, ConfigurationFacts]]:
        """Yield every configuration that was read, with its application."""
        for application in self.applications:
            for configuration in application.configurations or ():
                yield application, configuration

    def remarks(self, url: str) -> tuple[UrlRemark, ...]:
        """Return the remarks on the spelling of a URL."""
        if url not in self._remarks:
            account = self.facts.account
            context = UrlContext(sandbox=account.sandbox, production=account.production)
            found = url_remarks(url, context)
            if account.is_local:  # its platform reaches this computer
                found = tuple(one for one in found if one.fault is not UrlFault.LOOPBACK)
            self._remarks[url] = found
        return self._remarks[url]

    def is_reachable(self, url: str) -> bool:
        """Return whether the spelling of the URL lets the platform reach it."""
        return not any(remark.fault in _UNREACHABLE for remark in self.remarks(url))

    def account_subject(self, url: str = "") -> Subject:
        """Return the account as a subject."""
        return Subject(connection=self.facts.account.connection, url=shown_url(url))

    def subject(
        self,
        application: ApplicationFacts,
        configuration: ConfigurationFacts | None = None,
        action: Action | None = None,
    ) -> Subject:
        """Return an application, its configuration or one of its actions as a subject."""
        return Subject(
            connection=self.facts.account.connection,
            application=application.application.code,
            application_name=application.application.name,
            configuration=configuration.key if configuration else "",
            action=action.key if action else "",
            url=self._shown_url(action.forward_url) if action else "",
        )

    def _shown_url(self, url: str) -> str:
        if url not in self._shown:
            self._shown[url] = shown_url(url)
        return self._shown[url]

    def subject_of(self, forward: Forward) -> Subject:
        """Return a forward as a subject."""
        return self.subject(forward.application, forward.configuration, forward.action)


_UNREACHABLE = HOST_FAULTS | {UrlFault.SYNTAX, UrlFault.SPACE}


def report(
    number: int,
    subject: Subject,
    sentence: str,
    *evidence: Evidence,
    times: int = 1,
    level: Level | None = None,
    remedy: str = "",
) -> Finding:
    """Return a finding with the level and the confidence of its definition.

    `times` counts observations, and is ignored if the definition is not based on observation.
    """
    definition = definition_of(number)
    observed = definition.basis is Basis.OBSERVED
    return Finding(
        number=number,
        level=level or definition.level,
        subject=subject,
        sentence=sentence,
        confidence=Confidence(definition.basis, times if observed else 0),
        evidence=evidence,
        remedy=remedy,
    )
