"""Plans as they are stored."""

import msgspec
import pytest

from ibconsole.model import ActionDraft, ActionType
from ibconsole.services.setup.plans.plan import (
    Plan,
    PlanKind,
    PlannedStep,
    StepKind,
    decode_plan,
    encode_plan,
)

DRAFT = ActionDraft(type=ActionType.HTTP_FORWARD, forward_url="https://a.example/in")
PLAN = Plan(
    connection="c",
    base_url="https://x.api.example",
    kind=PlanKind.UNDO,
    title="Undo: delete action",
    steps=(
        PlannedStep(number=1, kind=StepKind.CREATE_CONFIGURATION, application="app"),
        PlannedStep(number=2, kind=StepKind.CREATE_ACTION, application="app", draft=DRAFT),
    ),
    expected={"app": "[]"},
    made_at=1,
    notes=("The keys are new.",),
)


def test_a_stored_plan_is_read_again() -> None:
    assert decode_plan(encode_plan(PLAN)) == PLAN


def test_each_plan_has_an_id_of_its_own() -> None:
    fields = msgspec.structs.asdict(PLAN) | {"id": msgspec.UNSET}
    del fields["id"]
    assert Plan(**fields).id != Plan(**fields).id


@pytest.mark.parametrize("stored", ["", "{}", '{"kind": "other"}'])
def test_what_is_no_plan_is_refused(stored: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_plan(stored)


def test_deletions_are_known() -> None:
    assert [kind for kind in StepKind if kind.deletes] == [
        StepKind.DELETE_ACTION,
        StepKind.DELETE_CONFIGURATION,
    ]
