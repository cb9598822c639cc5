"""The differences between a file, an account and what was applied last, by application."""

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum

import msgspec

from ibconsole.model import Action, ActionDraft, Application
from ibconsole.services.documents import DocumentProblem
from ibconsole.services.setup import InboundRoute, draft_of
from ibconsole.services.setup.applying.matching import match_actions
from ibconsole.services.setup.files import WantedApplication, creation_problem

AppliedActions = tuple[ActionDraft, ...]


class Provenance(StrEnum):
    """The relation of a difference to what files have brought about from this computer."""

    APPLIED = "applied"  # a file has created it, or found it
    OTHER = "other"  # no file did
    UNKNOWN = "unknown"  # no file was applied to the application


class ResolvedApplication(msgspec.Struct, frozen=True):
    """An application that a file names, and the application of the account that it is."""

    wanted: WantedApplication
    application: Application


class MissingAction(msgspec.Struct, frozen=True):
    """An action that the file has and the account has not."""

    draft: ActionDraft
    provenance: Provenance


class ExtraAction(msgspec.Struct, frozen=True):
    """An action that the account has and the file has not, and the key of its configuration."""

    configuration: str
    action: Action
    provenance: Provenance


class ApplicationDifference(msgspec.Struct, frozen=True, kw_only=True):
    """The difference between the file and the account for one application.

    `extra_configurations` are keys of configurations where the file wants none; their actions are
    extra as well. `unchanged` is the number of actions that are as the file wants them.
    """

    code: str
    name: str
    missing_configuration: bool = False
    missing: tuple[MissingAction, ...] = ()
    extra_configurations: tuple[str, ...] = ()
    extra: tuple[ExtraAction, ...] = ()
    unchanged: int = 0

    @property
    def is_empty(self) -> bool:
        """True if the application is as the file wants it."""
        return not (
            self.missing_configuration or self.missing or self.extra_configurations or self.extra
        )


class RouteComparison:
    """The comparison of one application; `problems` gets what keeps a plan from being made."""

    def __init__(
        self,
        resolved: ResolvedApplication,
        route: InboundRoute,
        applied: AppliedActions | None,
        problems: list[DocumentProblem],
    ) -> None:
        self._wanted = resolved.wanted
        self._application = resolved.application
        self._configurations = route.configurations
        self._before = applied
        self._problems = problems
        self._actions = [
            (one.key, action) for one in route.configurations for action in one.actions
        ]
        self._matches = match_actions(self._wanted.actions, [action for _, action in self._actions])

    def difference(self) -> ApplicationDifference:
        """Return the difference, and note problems."""
        wants_none = self._wanted.configuration is None
        if not wants_none and len(self._configurations) > 1:
            self._add_problem(
                f"{self._wanted.label} has {len(self._configurations)} configurations,"
                " and a file describes one: delete the others first"
            )
        return ApplicationDifference(
            code=self._application.code,
            name=self._application.name,
            missing_configuration=not wants_none and not self._configurations,
            missing=tuple(self._missing()),
            extra_configurations=tuple(one.key for one in self._configurations if wants_none),
            extra=tuple(self._extra()),
            unchanged=len(self._matches.pairs),
        )

    def applied(self, *, prune: bool) -> AppliedActions:
        """Return what files have brought about after this one: without masks, as it will exist.

        What an earlier file has created stays in it for as long as it is not deleted.
        """
        drafts = [one.draft for one in self._wanted.actions]
        for index, other in self._matches.pairs:
            drafts[index] = draft_of(self._actions[other][1])
        if not prune:
            known = (one for one in self._extra() if one.provenance is Provenance.APPLIED)
            drafts += [draft_of(one.action) for one in known]
        return tuple(drafts)

    def _missing(self) -> Iterator[MissingAction]:
        unused = self._unused_before()
        for index in self._matches.missing:
            one = self._wanted.actions[index]
            rule = creation_problem(one)
            if not rule and not _is_text(one.draft):
                rule = "half of a character (a lone surrogate) cannot be sent"
            if rule:
                self._problems.append(DocumentProblem(one.position, rule))
            yield MissingAction(one.draft, self._provenance(one.draft, unused))

    def _extra(self) -> Iterator[ExtraAction]:
        unused = self._unused_before()
        for index in self._matches.extra:
            key, action = self._actions[index]
            yield ExtraAction(key, action, self._provenance(draft_of(action), unused))

    def _unused_before(self) -> Counter[ActionDraft] | None:
        """Return the actions that were applied and are not the unchanged ones."""
        if self._before is None:
            return None
        unchanged = Counter(draft_of(self._actions[other][1]) for _, other in self._matches.pairs)
        return Counter(self._before) - unchanged

    @staticmethod
    def _provenance(draft: ActionDraft, unused: Counter[ActionDraft] | None) -> Provenance:
        if unused is None:
            return Provenance.UNKNOWN
        if not unused[draft]:
            return Provenance.OTHER
        unused[draft] -= 1
        return Provenance.APPLIED

    def _add_problem(self, rule: str) -> None:
        self._problems.append(DocumentProblem(self._wanted.position, rule))


def _is_text(draft: ActionDraft) -> bool:
    """Return whether a draft is sent as it is; the platform may have sent halves of characters."""
    try:
        "".join(draft.raw.values()).encode()
    except UnicodeEncodeError:
        return False
    return True
