"""Plans in words, and the steps that a reviewer chooses."""

from msgspec.structs import replace

from ibconsole.model import ActionDraft, ActionType
from ibconsole.services.setup.multi_step import StepState
from ibconsole.services.setup.plans.plan import (
    Plan,
    PlanKind,
    PlannedStep,
    StepKind,
    StepProgress,
)
from ibconsole.services.setup.plans.review import PlanReview, describe_step, plan_text, summarize

FORWARD = ActionDraft(
    type=ActionType.HTTP_FORWARD,
    forward_url="https://me:secret@a.example/in?token=abc",
    callback_data="blue",
)
PULL = ActionDraft(type=ActionType.PULL)
EXPECTED = (
    '[{"configuration":{"key":"c1"},"actions":[{"key":"old","type":"HTTP_FORWARD",'
    '"forwardUrl":"https://old.example/in","callbackData":"red"}]}]'
)


def step(number: int, kind: StepKind, code: str = "one", **fields: object) -> PlannedStep:
    made = PlannedStep(number=number, kind=kind, application=code, application_name=code.title())
    return replace(made, **fields)


def plan_of(*steps: PlannedStep, kind: PlanKind = PlanKind.APPLY) -> Plan:
    return Plan(
        connection="c",
        base_url="https://x.api.example",
        kind=kind,
        title="Apply shop.yaml",
        steps=steps,
        expected={"one": EXPECTED},
        made_at=1,
        notes=("The keys are new.",),
    )


PLAN = plan_of(
    step(1, StepKind.CREATE_CONFIGURATION, "two"),
    step(2, StepKind.CREATE_ACTION, "two", draft=FORWARD),
    step(3, StepKind.CREATE_ACTION, "one", configuration="c1", draft=PULL, note="Its key is new."),
    step(4, StepKind.DELETE_ACTION, "one", configuration="c1", action="old"),
    step(5, StepKind.DELETE_CONFIGURATION, "one", configuration="c1"),
)


def test_a_step_is_said_in_words() -> None:
    """The reviewer reads what is created or deleted, and of which action."""
    steps = PlanReview(PLAN).steps

    assert [(one.application, one.what) for one in steps] == [
        ("Two", "Create configuration"),
        ("Two", "Create forward action"),
        ("One", "Create pull action"),
        ("One", "Delete forward action"),
        ("One", "Delete configuration"),
    ]
    assert (steps[3].goes_to, steps[3].callback_data) == ("https://old.example/in", "red")
    assert steps[2].goes_to == "kept until they are pulled"
    assert steps[4].goes_to == "c1"


def test_an_application_without_a_name_has_a_masked_code() -> None:
    """The code is a credential: it is shown in part."""
    plan = plan_of(step(1, StepKind.CREATE_CONFIGURATION, "0123456789abcdef", application_name=""))
    assert PlanReview(plan).steps[0].application == "0123…cdef"


def test_an_action_of_an_unknown_type_keeps_the_type() -> None:
    assert (
        describe_step(step(1, StepKind.CREATE_ACTION, draft=ActionDraft(type="MAIL")))
        == "Create MAIL action"
    )
    assert describe_step(step(1, StepKind.DELETE_ACTION, action="gone")) == "Delete action"


def test_deletions_are_chosen_unasked_only_to_undo() -> None:
    """A file that deletes something does so only where the user chooses it."""
    assert PlanReview(PLAN).first_choice == {1, 2, 3}
    assert PlanReview(replace(PLAN, kind=PlanKind.UNDO)).first_choice == {1, 2, 3, 4, 5}


def test_an_action_needs_its_configuration() -> None:
    review = PlanReview(PLAN)

    assert review.without({1, 2, 3}, [1]) == {3}
    assert review.with_({3}, [2]) == {1, 2, 3}


def test_a_configuration_is_deleted_only_with_the_chosen_actions() -> None:
    """Deleting it would delete an action whose own deletion was not chosen."""
    review = PlanReview(PLAN)

    assert review.with_((), [5]) == {4, 5}
    assert review.without({4, 5}, [4]) == frozenset()


def test_a_new_configuration_needs_the_place_of_the_old_one() -> None:
    plan = plan_of(
        step(1, StepKind.DELETE_CONFIGURATION, configuration="c1"),
        step(2, StepKind.CREATE_CONFIGURATION),
        step(3, StepKind.CREATE_ACTION, draft=PULL),
    )
    assert PlanReview(plan).with_((), [3]) == {1, 2, 3}
    assert PlanReview(plan).first_choice == frozenset()


def test_the_text_of_a_plan_has_no_credentials() -> None:
    """A plan can be pasted into a ticket, with what was done and what was not."""
    progress = {
        1: StepProgress(1, StepState.DONE, "key"),
        2: StepProgress(2, StepState.FAILED, problem="The platform answered 500."),
    }

    text = plan_text(PlanReview(PLAN), "Acme", progress, {1, 2, 3})

    assert "secret" not in text
    assert "token=abc" not in text
    assert "   1. Two · Create configuration · done" in text
    assert "    The platform answered 500." in text
    assert "Deletions (2):" in text
    assert "   5. One · Delete configuration · c1 · not chosen" in text
    assert text.endswith("The keys are new.")


def test_a_plan_without_notes_ends_with_its_steps() -> None:
    plan = replace(PLAN, notes=(), steps=PLAN.steps[:1])
    assert plan_text(PlanReview(plan), "Acme").endswith("Create configuration")


def test_the_choice_is_summed_up() -> None:
    review = PlanReview(PLAN)

    assert summarize(review, {1, 2, 3}) == "3 creations in 2 applications"
    assert summarize(review, {3, 4}) == "1 creation and 1 deletion in 1 application"
    assert summarize(review, ()) == "nothing is chosen"
