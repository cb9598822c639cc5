"""Facts that were recorded, in place of what this computer would see.

The setup is read as ever: what is still as it was recorded counts as the recorded object, so that
the same rules find the same numbers, and what was changed since counts as it is.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from msgspec.structs import replace

from ibconsole.model import Action
from ibconsole.services.diagnosis.rules import (
    ApplicationFacts,
    ConfigurationFacts,
    Facts,
    ReadingProblem,
)
from ibconsole.text import mask_code


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


_K = TypeVar("_K", bound=_Keyed)


class RecordedFacts:
    """Completes what is read of a setup with facts that were recorded, `now` among them."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._by_code: dict[str, list[ApplicationFacts]] = defaultdict(list)
        for one in facts.applications or ():
            self._by_code[one.application.code].append(one)

    def with_setup(self, applications: Sequence[ApplicationFacts]) -> Facts:
        """Return the recorded facts with these applications, each recorded one at most once."""
        left = {code: list(found) for code, found in self._by_code.items()}
        return replace(self.facts, applications=tuple(_merge(one, left) for one in applications))

    def without_setup(self, problem: ReadingProblem) -> Facts:
        """Return the recorded facts, where the applications could not be read for this reason.

        If they could not be read when the facts were recorded, the recorded reason stands.
        """
        account = self.facts.account
        problem = account.problem or problem
        return replace(self.facts, applications=None, account=replace(account, problem=problem))

    def differences(self, found: Facts) -> Sequence[str]:
        """Return a sentence about each application whose setup is not as it was recorded."""
        if found.applications is None or self.facts.applications is None:
            agree = (found.applications is None) is (self.facts.applications is None)
            return [] if agree else ["The list of applications is not as it was recorded."]
        left = {code: list(one) for code, one in self._by_code.items()}
        changed = []
        for one in found.applications:
            recorded = _take(left, one)
            if recorded is None or _setup_of(recorded) != _setup_of(one):
                changed.append(one)
        missing = [one for rest in left.values() for one in rest]
        return [
            *(f"The setup of {_name(one)} is not as it was recorded." for one in changed),
            *(f"The application {_name(one)} is not listed any more." for one in missing),
        ]


def _merge(found: ApplicationFacts, left: dict[str, list[ApplicationFacts]]) -> ApplicationFacts:
    recorded = _take(left, found)
    if recorded is None:
        return found
    if found.configurations is None or recorded.configurations is None:
        was_unread = recorded.configurations is None
        if was_unread and found.configurations is None:
            return recorded
        return replace(found, arrivals=recorded.arrivals)
    configurations = tuple(
        _merge_configuration(one, before)
        for one, before in _paired(found.configurations, recorded.configurations)
    )
    return replace(recorded, configurations=configurations)


def _merge_configuration(
    found: ConfigurationFacts, recorded: ConfigurationFacts | None
) -> ConfigurationFacts:
    if recorded is None:
        return found
    if found.actions is None or recorded.actions is None:
        return recorded if found.actions is recorded.actions else found
    actions = tuple(
        before if before and _is_same(one, before) else one
        for one, before in _paired(found.actions, recorded.actions)
    )
    return replace(recorded, actions=actions)


def _is_same(action: Action, other: Action) -> bool:
    return (action.type, action.forward_url, action.callback_data) == (
        other.type,
        other.forward_url,
        other.callback_data,
    )


def _paired(found: Sequence[_K], recorded: Sequence[_K]) -> Iterator[tuple[_K, _K | None]]:
    """Yield each object with the recorded one of its key; several of one key in their order."""
    by_key: dict[str, list[_K]] = defaultdict(list)
    for one in recorded:
        by_key[one.key].append(one)
    for one in found:
        same = by_key[one.key]
        yield one, same.pop(0) if same else None


def _take(
    left: Mapping[str, list[ApplicationFacts]], found: ApplicationFacts
) -> ApplicationFacts | None:
    """Take the recorded application out that this one is: by its code, then by what is listed."""
    candidates = left.get(found.application.code)
    if not candidates:
        return None
    same = [one for one in candidates if one.application == found.application]
    taken = (same or candidates)[0]
    candidates.remove(taken)
    return taken


def _setup_of(facts: ApplicationFacts) -> object:
    return [
        (
            one.key,
            one.actions and [(a.key, a.type, a.forward_url, a.callback_data) for a in one.actions],
        )
        for one in facts.configurations or ()
    ], facts.configurations is None


def _name(facts: ApplicationFacts) -> str:
    return facts.application.name or mask_code(facts.application.code) or "without a name"
