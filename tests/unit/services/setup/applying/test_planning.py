import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ibconsole.model import ActionDraft
from ibconsole.secret import MASK
from ibconsole.services.setup import InboundRoute, route_bytes
from ibconsole.services.setup.applying.planning import SetupPlan
from ibconsole.services.setup.plans import PlannedStep, StepKind
from tests.unit.services.setup.applying.setups import (
    CODE,
    PULL,
    forward,
    plan,
    route,
)

CREATE, CREATE_CONFIGURATION = StepKind.CREATE_ACTION, StepKind.CREATE_CONFIGURATION
DELETE, DELETE_CONFIGURATION = StepKind.DELETE_ACTION, StepKind.DELETE_CONFIGURATION
NOTHING = InboundRoute()
U = forward("https://u")
NEW = forward("https://new")
OLD = forward("https://old")
V = forward("https://v")
U_WITH_DATA = forward("https://u", "d")


def kinds(found: SetupPlan) -> list[StepKind]:
    return [step.kind for step in found.plan.steps]


@pytest.mark.parametrize(
    ("drafts", "actual"),
    [
        (None, NOTHING),
        ([], route()),
        ([PULL, U], route(U, PULL)),
        ([PULL, PULL], route(PULL, PULL)),
        ([forward(f"https://{MASK}@a/x")], route(forward("https://u:p@a/x"))),
    ],
)
@pytest.mark.parametrize("prune", [False, True])
def test_what_is_as_the_file_wants_it_stays(
    drafts: list[ActionDraft] | None, actual: InboundRoute, prune: bool
) -> None:
    """Nothing is planned where the account has what the file has, in any order."""
    found = plan(drafts, actual, prune=prune)

    assert (found.plan.steps, found.plan.expected, found.differs) == ((), {}, False)
    assert found.differences[0].unchanged == len(drafts or ())


def test_a_configuration_is_created_before_its_actions() -> None:
    """Actions of a new configuration name no key, which is not known yet."""
    found = plan([PULL, U], NOTHING)

    assert found.plan.steps == (
        PlannedStep(number=1, kind=CREATE_CONFIGURATION, application=CODE, application_name="Shop"),
        PlannedStep(number=2, kind=CREATE, application=CODE, application_name="Shop", draft=PULL),
        PlannedStep(
            number=3,
            kind=CREATE,
            application=CODE,
            application_name="Shop",
            draft=U,
        ),
    )
    assert found.plan.expected == {CODE: "[]"}


def test_what_is_missing_is_created_in_the_configuration_that_exists() -> None:
    """Two equal actions in the file are two actions."""
    found = plan([PULL, PULL], route(PULL))

    [step] = found.plan.steps
    assert (step.kind, step.configuration, step.draft) == (CREATE, "conf", PULL)
    assert found.plan.expected == {CODE: route_bytes(route(PULL)).decode()}


def test_what_is_extra_stays_and_is_named() -> None:
    """Without --prune nothing is deleted, and the account and the file still differ."""
    found = plan([PULL], route(PULL, PULL, U))

    assert found.plan.steps == ()
    assert found.differs
    assert [one.action.key for one in found.differences[0].extra] == ["a2", "a3"]
    assert found.plan.notes == ("The file does not have 2 actions: what is extra stays.",)


def test_what_is_new_exists_before_what_is_extra_is_deleted() -> None:
    """With --prune a changed action is created first: at least one exists at any time."""
    found = plan([NEW], route(OLD), prune=True)

    assert kinds(found) == [CREATE, DELETE]
    assert (found.plan.steps[1].configuration, found.plan.steps[1].action) == ("conf", "a1")
    assert "handled twice" in found.plan.notes[0]


def test_no_configuration_is_wanted() -> None:
    """A configuration is deleted at once, with its actions, and only with --prune."""
    additive, pruned = plan(None, route(PULL)), plan(None, route(PULL), prune=True)

    assert (additive.plan.steps, additive.differs) == ((), True)
    assert additive.plan.notes == (
        "The file does not have 1 configuration and 1 action: what is extra stays.",
    )
    [step] = pruned.plan.steps
    assert (step.kind, step.configuration) == (DELETE_CONFIGURATION, "conf")
    assert step.note == "Its 1 action is deleted with it."


def test_an_empty_configuration_is_deleted_without_a_note() -> None:
    """A configuration without actions takes nothing with it."""
    [step] = plan(None, route(), prune=True).plan.steps

    assert (step.kind, step.note) == (DELETE_CONFIGURATION, "")


def test_an_action_without_a_key_cannot_be_deleted() -> None:
    """It is named instead of a request that would mean something else."""
    [configuration] = route(PULL).configurations
    keyless = replace(configuration.actions[0], key="")
    actual = InboundRoute((replace(configuration, actions=(keyless,)),))

    found = plan([], actual, prune=True)

    assert found.plan.steps == ()
    assert found.plan.notes == ("1 action without a key cannot be deleted.",)


DRAFTS = st.lists(
    st.sampled_from([PULL, U, V, U_WITH_DATA]),
    max_size=5,
)


@settings(max_examples=30)
@given(st.none() | DRAFTS, st.none() | DRAFTS, st.booleans())
def test_an_applied_plan_leaves_nothing_to_do(
    drafts: list[ActionDraft] | None, present: list[ActionDraft] | None, prune: bool
) -> None:
    """After all steps the account has all that the file has; with --prune, nothing else."""
    actual = NOTHING if present is None else route(*present)
    steps = plan(drafts, actual, prune=prune).plan.steps

    after = carried_out(steps, actual)

    assert plan(drafts, after, prune=prune).plan.steps == ()
    if prune:
        assert not plan(drafts, after).differs
    else:
        assert not any(step.kind.deletes for step in steps)


def carried_out(steps: tuple[PlannedStep, ...], before: InboundRoute) -> InboundRoute:
    """The route after some steps."""
    actions = {one.key: one for state in before.configurations for one in state.actions}
    exists = bool(before.configurations)
    for step in steps:
        if step.kind is CREATE:
            assert exists
            assert step.draft
            new = route(step.draft, first=100 + step.number).configurations[0].actions[0]
            actions[new.key] = new
        elif step.kind is DELETE:
            del actions[step.action]
        else:
            exists = step.kind is CREATE_CONFIGURATION
            actions = {}
    if not exists:
        return NOTHING
    [state] = route().configurations
    return InboundRoute((replace(state, actions=tuple(actions.values())),))
