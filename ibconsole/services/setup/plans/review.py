"""The review of a plan: its steps in words, the steps that others need, and the plan as text."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from ibconsole.model import ActionDraft, ActionType
from ibconsole.plural import counted
from ibconsole.services.request_log import redact_url
from ibconsole.services.setup import InboundRoute, StepState, draft_of, route_of
from ibconsole.services.setup.plans.plan import (
    Plan,
    PlanKind,
    PlannedStep,
    StepKind,
    StepProgress,
)
from ibconsole.text import escape_invisible, mask_code

_KEPT = "kept until they are pulled"


class ReviewedStep(msgspec.Struct, frozen=True):
    """A step in words.

    `needs` are the numbers of earlier steps without which it cannot be made, or would take away
    more than it says. `goes_to` and `callback_data` are those of the action that is created or
    deleted, as far as the plan knows them.
    """

    number: int
    application: str
    what: str
    deletes: bool
    goes_to: str = ""
    callback_data: str = ""
    note: str = ""
    needs: tuple[int, ...] = ()


class PlanReview:
    """The steps of a plan for a reviewer, who chooses among them.

    `deletions` are the numbers of those that take something away.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        needs = _needs_of(plan.steps)
        routes = {code: route_of(text.encode()) for code, text in plan.expected.items()}
        self.steps = tuple(
            _reviewed(step, routes.get(step.application, InboundRoute()), needs[step.number])
            for step in plan.steps
        )
        self.deletions = frozenset(step.number for step in self.steps if step.deletes)
        self._needs = {number: tuple(needed) for number, needed in needs.items()}
        self._dependents: dict[int, list[int]] = defaultdict(list)
        for number, needed in needs.items():
            for one in needed:
                self._dependents[one].append(number)

    @property
    def first_choice(self) -> frozenset[int]:
        """The numbers of the steps to choose unasked: deletions only where they undo something."""
        numbers = frozenset(step.number for step in self.steps)
        if self.plan.kind is PlanKind.UNDO:
            return numbers
        return self.without(numbers, self.deletions)

    def with_(self, chosen: Collection[int], added: Iterable[int]) -> frozenset[int]:
        """Return a choice with more steps, and with those that they need."""
        return frozenset(chosen) | _reachable(added, self._needs)

    def without(self, chosen: Collection[int], removed: Iterable[int]) -> frozenset[int]:
        """Return a choice with fewer steps, and without those that need them."""
        return frozenset(chosen) - _reachable(removed, self._dependents)


def describe_step(step: PlannedStep, draft: ActionDraft | None = None) -> str:
    """Return a step in some words: "Create forward action"; `draft` is that of its action."""
    verb = "Delete" if step.kind.deletes else "Create"
    if step.kind in {StepKind.CREATE_CONFIGURATION, StepKind.DELETE_CONFIGURATION}:
        return f"{verb} configuration"
    kinds = {ActionType.HTTP_FORWARD: "forward ", ActionType.PULL: "pull "}
    known = draft or step.draft
    kind = kinds.get(known.type, f"{known.type} ") if known else ""  # type: ignore[call-overload]
    return f"{verb} {escape_invisible(kind)}action"


def plan_text(
    review: PlanReview,
    account: str,
    progress: Mapping[int, StepProgress] | None = None,
    chosen: Collection[int] | None = None,
) -> str:
    """Return a plan as lines for a ticket or a terminal; URLs are redacted.

    `progress` is that of the steps by their numbers; without it no state is shown. Of a choice,
    steps that are not in `chosen` are marked.
    """
    plan, known = review.plan, progress or {}
    unknown = "" if progress is None else StepState.WAITING.value
    lines = [plan.title, f"Account: {account}"]
    for deletes in (False, True):
        steps = [step for step in review.steps if step.deletes is deletes]
        if steps:
            lines += ["", *([f"Deletions ({len(steps):,}):"] if deletes else [])]
        for step in steps:
            found = known.get(step.number, StepProgress(step.number, StepState.WAITING))
            state = found.state.value if step.number in known else unknown
            if chosen is not None and step.number not in chosen:
                state = "not chosen"
            lines.append(" · ".join(_words(step, state)))
            lines += [f"    {found.problem}"] if found.problem else []
    return "\n".join([*lines, *(["", *plan.notes] if plan.notes else [])])


def summarize(review: PlanReview, chosen: Collection[int]) -> str:
    """Return what the chosen steps come to: "2 creations and 1 deletion in 3 applications"."""
    steps = [step for step in review.plan.steps if step.number in chosen]
    deletions = sum(step.kind.deletes for step in steps)
    counts = [
        counted(number, noun)
        for number, noun in ((len(steps) - deletions, "creation"), (deletions, "deletion"))
        if number
    ]
    where = counted(len({step.application for step in steps}), "application")
    return f"{' and '.join(counts)} in {where}" if counts else "nothing is chosen"


def _words(step: ReviewedStep, state: str) -> Iterator[str]:
    yield f"{step.number:>4}. {step.application}"
    yield step.what
    yield from filter(None, (redact_url(step.goes_to), step.callback_data, step.note, state))


def _reviewed(step: PlannedStep, expected: InboundRoute, needs: Collection[int]) -> ReviewedStep:
    draft = step.draft or (_deleted_action(step, expected) if step.kind.deletes else None)
    goes_to = draft.forward_url if draft else step.configuration if step.kind.deletes else ""
    if draft and draft.type == ActionType.PULL and not draft.forward_url:
        goes_to = _KEPT
    return ReviewedStep(
        number=step.number,
        application=escape_invisible(step.application_name) or mask_code(step.application),
        what=describe_step(step, draft),
        deletes=step.kind.deletes,
        goes_to=goes_to,
        callback_data=draft.callback_data if draft else "",
        note=step.note,
        needs=tuple(sorted(needs)),
    )


def _deleted_action(step: PlannedStep, expected: InboundRoute) -> ActionDraft | None:
    actions = (action for one in expected.configurations for action in one.actions)
    return next((draft_of(action) for action in actions if action.key == step.action), None)


def _needs_of(steps: Collection[PlannedStep]) -> dict[int, set[int]]:
    """Return the numbers of the earlier steps that each step needs, by its number.

    An action goes into the configuration that an earlier step creates. There is one configuration
    at most (platform.md §1), so the former one has to go first. With a configuration, all of its
    actions are deleted: also those whose own deletion was not chosen, if it were not needed.
    """
    created: dict[str, int] = {}
    deleted: dict[str, int] = {}
    emptied: dict[tuple[str, str], set[int]] = defaultdict(set)
    needs: dict[int, set[int]] = {}
    for step in steps:
        code = step.application
        needed: set[int | None] = set()
        match step.kind:
            case StepKind.CREATE_CONFIGURATION:
                created[code], needed = step.number, {deleted.get(code)}
            case StepKind.CREATE_ACTION if not step.configuration:
                needed = {created.get(code)}
            case StepKind.DELETE_ACTION:
                emptied[code, step.configuration].add(step.number)
            case StepKind.DELETE_CONFIGURATION:
                deleted[code] = step.number
                needed = {*emptied[code, step.configuration], *emptied[code, ""]}
        needs[step.number] = {one for one in needed if one is not None}
    return needs


def _reachable(starts: Iterable[int], links: Mapping[int, Collection[int]]) -> set[int]:
    found: set[int] = set()
    waiting = list(starts)
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += links.get(number, ())
    return found
