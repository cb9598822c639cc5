"""The plan that makes an account's setup that of a file, or that of another application.

Nothing is deleted unless it is asked for: what the file does not have is named, and stays.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from ibconsole.clock import now_ms
from ibconsole.model import ActionDraft
from ibconsole.plural import counted
from ibconsole.services.documents import DocumentProblem, InvalidDocument
from ibconsole.services.setup import InboundRoute, draft_of, route_bytes
from ibconsole.services.setup.applying.differences import (
    ApplicationDifference,
    AppliedActions,
    Provenance,
    ResolvedApplication,
    RouteComparison,
)
from ibconsole.services.setup.files import SetupFile
from ibconsole.services.setup.plans import (
    TWICE,
    Plan,
    PlanKind,
    PlannedStep,
    StepKind,
    choose_steps,
)


class PlanOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The account that a plan is for, its title, and whether it deletes what is extra."""

    connection: str
    base_url: str
    title: str
    kind: PlanKind = PlanKind.APPLY
    prune: bool = False


_RESTORED = "It was in the file when it was applied before, and is missing now."
_EXTRA = {
    Provenance.APPLIED: "It was in the file when it was applied before.",
    Provenance.OTHER: "No file that was applied here has created it.",
    Provenance.UNKNOWN: "",
}


class SetupPlan(msgspec.Struct, frozen=True):
    """A plan, the differences that it was made from, and what will have been applied after it.

    `resolved` and `routes` are the applications and routes that it was made for, by code.
    """

    plan: Plan
    differences: tuple[ApplicationDifference, ...]
    applied: Mapping[str, AppliedActions]
    resolved: tuple[ResolvedApplication, ...]
    routes: Mapping[str, InboundRoute]

    @property
    def differs(self) -> bool:
        """True if the file and the account differ, also in what the plan leaves as it is."""
        return not all(one.is_empty for one in self.differences)


def choose_from(planned: SetupPlan, chosen: Collection[int]) -> SetupPlan:
    """Return the part of a plan with these steps, by their numbers; see `choose_steps`.

    An action that is not created will not have been applied; one that an earlier file has created
    stays in what was applied while it is not deleted.
    """
    plan = choose_steps(planned.plan, chosen)
    made = {step.number for step in plan.steps}
    applied = {code: list(drafts) for code, drafts in planned.applied.items()}
    for step in planned.plan.steps:
        if step.number in made:
            continue
        drafts = applied[step.application]
        if step.draft in drafts:
            drafts.remove(step.draft)
        elif step.kind.deletes:
            drafts += _kept_by(step, planned.differences)
    return replace(
        planned, plan=plan, applied={code: tuple(drafts) for code, drafts in applied.items()}
    )


def _kept_by(
    deletion: PlannedStep, differences: Iterable[ApplicationDifference]
) -> Iterator[ActionDraft]:
    """Yield what earlier files have created and stays if this deletion is not made."""
    for difference in differences:
        for one in difference.extra if difference.code == deletion.application else ():
            is_meant = (
                one.action.key == deletion.action
                if deletion.action
                else one.configuration == deletion.configuration
            )
            if is_meant and one.provenance is Provenance.APPLIED:
                yield draft_of(one.action)


def build_plan(
    file: SetupFile,
    resolved: Sequence[ResolvedApplication],
    routes: Mapping[str, InboundRoute],
    applied: Mapping[str, AppliedActions],
    options: PlanOptions,
) -> SetupPlan:
    """Return the plan that gives the applications what the file wants, in the order of the file.

    `routes` are those of the account and `applied` those that were applied last, by code. For each
    application what is missing is created first, the configuration before its actions, and then
    what is extra is deleted, if the options say so. A plan without steps changes nothing. Raises
    InvalidDocument if a masked value would have to be sent, or if an application has several
    configurations.
    """
    problems: list[DocumentProblem] = []
    differences, done = [], {}
    for one in resolved:
        code = one.application.code
        comparison = RouteComparison(one, routes[code], applied.get(code), problems)
        differences.append(comparison.difference())
        done[code] = comparison.applied(prune=options.prune)
    if problems:
        raise InvalidDocument(file.name, problems)
    steps = [
        step
        for difference in differences
        for step in _steps(difference, routes[difference.code], prune=options.prune)
    ]
    plan = Plan(
        connection=options.connection,
        base_url=options.base_url,
        kind=options.kind,
        title=options.title,
        steps=tuple(replace(step, number=number) for number, step in enumerate(steps, start=1)),
        expected={
            code: route_bytes(routes[code]).decode()
            for code in dict.fromkeys(step.application for step in steps)
        },
        made_at=now_ms(),
        notes=tuple(_notes(differences, prune=options.prune)),
    )
    return SetupPlan(plan, tuple(differences), done, tuple(resolved), routes)


def _steps(
    difference: ApplicationDifference, route: InboundRoute, *, prune: bool
) -> Iterator[PlannedStep]:
    if difference.missing_configuration:
        yield _step(difference, StepKind.CREATE_CONFIGURATION)
    key = "".join(one.key for one in route.configurations[:1])
    for missing in difference.missing:
        restored = missing.provenance is Provenance.APPLIED
        yield _step(
            difference,
            StepKind.CREATE_ACTION,
            configuration=key,
            draft=missing.draft,
            note=_RESTORED if restored else "",
        )
    if prune:
        yield from _deletions(difference)


def _deletions(difference: ApplicationDifference) -> Iterator[PlannedStep]:
    for one in difference.extra:
        if one.action.key and one.configuration not in difference.extra_configurations:
            yield _step(
                difference,
                StepKind.DELETE_ACTION,
                configuration=one.configuration,
                action=one.action.key,
                note=_EXTRA[one.provenance],
            )
    for key in difference.extra_configurations:
        inside = sum(one.configuration == key for one in difference.extra)
        note = (
            f"Its {counted(inside, 'action is', 'actions are')} deleted with it." if inside else ""
        )
        yield _step(difference, StepKind.DELETE_CONFIGURATION, configuration=key, note=note)


def _step(difference: ApplicationDifference, kind: StepKind, **values: Any) -> PlannedStep:
    return PlannedStep(
        number=0,
        kind=kind,
        application=difference.code,
        application_name=difference.name,
        **values,
    )


def _notes(differences: Sequence[ApplicationDifference], *, prune: bool) -> Iterator[str]:
    actions = sum(len(one.extra) for one in differences)
    configurations = sum(len(one.extra_configurations) for one in differences)
    if not prune and (actions or configurations):
        kept = [
            counted(configurations, "configuration") if configurations else "",
            counted(actions, "action") if actions else "",
        ]
        yield f"The file does not have {' and '.join(filter(None, kept))}: what is extra stays."
    if not prune:
        return
    if any(one.missing and one.extra for one in differences):
        yield TWICE
    keyless = sum(
        not one.action.key and one.configuration not in difference.extra_configurations
        for difference in differences
        for one in difference.extra
    )
    if keyless:
        yield f"{counted(keyless, 'action')} without a key cannot be deleted."
