"""Plans for the tests of their dialogs."""

from msgspec.structs import replace

from ibconsole.model.application import ActionDraft, ActionType
from ibconsole.services.setup.plans.plan import Plan, PlanKind, PlannedStep, StepKind
from ibconsole.services.setup.plans.review import PlanReview

URL = "https://hooks.bora.example/in"
EXPECTED = (
    '[{"configuration":{"key":"c1"},"actions":[{"key":"old","type":"HTTP_FORWARD",'
    '"forwardUrl":"https://old.example/in","callbackData":"red"}]}]'
)


def step(number: int, kind: StepKind, **fields: object) -> PlannedStep:
    """Return a step of the application *Bora Bank*."""
    made = PlannedStep(
        number=number, kind=kind, application="0123456789abcdef", application_name="Bora Bank"
    )
    return replace(made, **fields)


def plan_of(*steps: PlannedStep, kind: PlanKind = PlanKind.APPLY, title: str = "Apply it") -> Plan:
    """Return a plan of these steps."""
    return Plan(
        connection="c",
        base_url="https://x.api.example",
        kind=kind,
        title=title,
        steps=steps,
        expected={"0123456789abcdef": EXPECTED},
        made_at=1,
        notes=("Messages that arrived meanwhile do not come back.",),
    )


CREATES = (
    step(1, StepKind.CREATE_CONFIGURATION),
    step(
        2,
        StepKind.CREATE_ACTION,
        draft=ActionDraft(type=ActionType.HTTP_FORWARD, forward_url=URL, callback_data="blue"),
        note="Its key is another one.",
    ),
    step(3, StepKind.CREATE_ACTION, draft=ActionDraft(type=ActionType.PULL)),
)
DELETES = (
    step(4, StepKind.DELETE_ACTION, configuration="c1", action="old"),
    step(5, StepKind.DELETE_CONFIGURATION, configuration="c1"),
)
APPLY = plan_of(*CREATES, *DELETES)
UNDO = plan_of(*CREATES, kind=PlanKind.UNDO, title="Undo: configuration deleted at 14:03")


def review(plan: Plan = APPLY) -> PlanReview:
    """Return the review of a plan."""
    return PlanReview(plan)
