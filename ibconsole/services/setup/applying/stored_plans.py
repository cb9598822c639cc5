"""Stored plans that are to be applied or resumed: are file and account as they were?"""

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from ibconsole.errors import UserError
from ibconsole.services.setup import InboundRoute
from ibconsole.services.setup.applying.planning import SetupPlan
from ibconsole.services.setup.plans import (
    JournalledPlan,
    PlannedStep,
    PlanState,
    StepKind,
    describe_step,
)
from ibconsole.text import escape_invisible, mask_code

_MOST_NAMED = 5  # differences in a sentence


class PlanDiffers(UserError):
    """The file or the account is not what a stored plan was made for; nothing was sent.

    `differences` are clauses.
    """

    def __init__(self, plan_id: str, differences: Iterable[str]) -> None:
        self.differences = tuple(differences)
        named = "; ".join(self.differences[:_MOST_NAMED])
        more = len(self.differences) - _MOST_NAMED
        named += f"; and {more:,} more differences" if more > 0 else ""
        super().__init__(
            f"Plan {plan_id} does not fit any more: {named}. Nothing was sent; make a new plan."
        )


def require_current(stored: JournalledPlan, fresh: SetupPlan) -> None:
    """Raise PlanDiffers unless a plan that was made now is the stored one.

    Raises it as well for a plan that was begun, which can only be resumed, and for one that is
    done while something is left to do.
    """
    plan = stored.plan
    if stored.state is PlanState.DONE and not fresh.plan.steps:
        return
    if stored.state is not PlanState.PLANNED:
        done = stored.state is PlanState.DONE
        words = "it was applied already" if done else "it was begun: resume it with --resume"
        raise PlanDiffers(plan.id, [words])
    differences = [
        f"the setup of {_name(code, plan.steps)} was changed"
        for code, route in fresh.plan.expected.items()
        if plan.expected.get(code, route) != route
    ]
    differences += _difference(fresh.plan.steps, plan.steps, "not in the plan")
    differences += _difference(plan.steps, fresh.plan.steps, "not needed any more")
    if not differences and [*map(_content, plan.steps)] != [*map(_content, fresh.plan.steps)]:
        differences.append("its steps have another order now")
    if differences:
        raise PlanDiffers(plan.id, differences)


def require_resumable(stored: JournalledPlan, fresh: SetupPlan) -> None:
    """Raise PlanDiffers unless what is left of a plan is what the file still wants.

    A step whose effect is there already is no difference: an interrupted run may have sent it.
    """
    if stored.state is PlanState.DONE:
        raise PlanDiffers(stored.plan.id, ["it was applied already"])
    left = [_loosely(step) for step in stored.left]
    needed = [_loosely(step) for step in fresh.plan.steps]
    unwanted = [step for step in left if not _is_wanted(step, fresh)]
    differences = [
        *_difference(needed, left, "not in the plan"),
        *_difference(unwanted, needed, "not wanted by the file"),
    ]
    if differences:
        raise PlanDiffers(stored.plan.id, differences)


def _is_wanted(step: PlannedStep, fresh: SetupPlan) -> bool:
    """Return whether the file wants what the step would do, although it need not be done now."""
    wanted = [one.wanted for one in fresh.resolved if one.application.code == step.application]
    route = fresh.routes.get(step.application, InboundRoute())
    match step.kind:
        case StepKind.CREATE_CONFIGURATION:
            return any(one.configuration for one in wanted)
        case StepKind.CREATE_ACTION:
            return any(action.draft == step.draft for one in wanted for action in one.actions)
        case StepKind.DELETE_CONFIGURATION:
            return route.configuration(step.configuration) is None
    keys = {action.key for one in route.configurations for action in one.actions}
    return step.action not in keys


def _difference(
    steps: Iterable[PlannedStep], others: Iterable[PlannedStep], relation: str
) -> Iterator[str]:
    """Yield a clause for each of the steps that is not among the others."""
    present = Counter(map(_content, others))
    for step in steps:
        content = _content(step)
        if present[content]:
            present[content] -= 1
            continue
        yield f"{relation}: “{describe_step(step)}” for {_name(step.application, [step])}"


def _loosely(step: PlannedStep) -> PlannedStep:
    """Return a step without the key of the configuration in which it creates an action."""
    return step if step.kind.deletes else replace(step, configuration="")


def _content(step: PlannedStep) -> tuple[object, ...]:
    return step.kind, step.application, step.configuration, step.action, step.draft


def _name(code: str, steps: Iterable[PlannedStep]) -> str:
    names = (step.application_name for step in steps if step.application == code)
    return f"“{escape_invisible(next(filter(None, names), '')) or mask_code(code)}”"
