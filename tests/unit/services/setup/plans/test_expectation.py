"""What a plan expects, and what differs from it."""

import pytest
from msgspec.structs import replace

from ibconsole.model import ActionDraft, read_action
from ibconsole.services.setup.inbound_route import ConfigurationState, InboundRoute
from ibconsole.services.setup.plans.expectation import (
    Effect,
    Expectation,
    expected_effect,
    find_effect,
    target_of,
)
from ibconsole.services.setup.plans.plan import PlannedStep, StepKind

DRAFT = ActionDraft(type="PULL")


def configuration(key: str, *actions: dict[str, str], **raw: str) -> ConfigurationState:
    return ConfigurationState(key, tuple(map(read_action, actions)), {"key": key, **raw})


def route(*configurations: ConfigurationState) -> InboundRoute:
    return InboundRoute(configurations)


def step(kind: StepKind, **values: str) -> PlannedStep:
    made = PlannedStep(number=1, kind=kind, application="app", draft=DRAFT)
    return replace(made, **values)


A = {"key": "a", "type": "PULL"}
B = {"key": "b", "type": "HTTP_FORWARD", "forwardUrl": "https://x.example/"}


@pytest.mark.parametrize(
    ("actual", "words"),
    [
        (route(configuration("c", B, A)), []),
        (route(), ["the configuration c is not there any more"]),
        (route(configuration("c", A, B, note="x")), ["the configuration c was changed"]),
        (
            route(configuration("c", A, B), configuration("d", {"key": "e", "type": "MAIL"})),
            ["there is a new configuration, d", "the MAIL action e is new"],
        ),
        (
            route(configuration("c", {**A, "muted": "yes"})),
            ["the PULL action a was changed", "the HTTP_FORWARD action b is not there any more"],
        ),
    ],
)
def test_each_difference_is_named(actual: InboundRoute, words: list[str]) -> None:
    """The order of actions is no difference, every value that was received is one."""
    assert list(Expectation(route(configuration("c", A, B))).differences(actual)) == words


def test_what_the_plan_created_is_compared_by_what_was_sent() -> None:
    """The platform may add values of its own to a new object."""
    expected = Expectation(route(configuration("c", A)), frozenset({"a", "c"}))

    assert not expected.differences(
        route(configuration("c", {**A, "createdBy": "me"}, since="now"))
    )
    assert expected.differences(route(configuration("c", {**A, "forwardUrl": "https://y.example"})))


@pytest.mark.parametrize("kind", StepKind)
def test_an_effect_by_the_plan_is_found_as_such(kind: StepKind) -> None:
    before = route() if kind is StepKind.CREATE_CONFIGURATION else route(configuration("c", A, B))
    made = step(kind, action="b")

    assert find_effect(made, before, before) is None
    effect = expected_effect(made, before, "" if kind.deletes else "new")
    found = find_effect(made, before, effect.after)

    assert found
    assert (found.key, Expectation(found.after).differences(effect.after)) == (effect.key, ())
    assert not Expectation(before).after(made, effect).differences(effect.after)


def test_the_platforms_word_decides_between_equal_actions() -> None:
    before = route(configuration("c"))
    after = route(configuration("c", A, {**A, "key": "z"}))

    found = find_effect(step(StepKind.CREATE_ACTION), before, after, "z")

    assert found == Effect(route(configuration("c", {**A, "key": "z"})), "z")


def test_without_its_configuration_a_step_has_no_effect() -> None:
    made = step(StepKind.CREATE_ACTION, configuration="gone")

    assert target_of(made, route(configuration("c"))) is None
    assert find_effect(made, route(configuration("c")), route(configuration("c", A))) is None
    assert find_effect(made, route(configuration("gone")), route()) is None
    assert expected_effect(made, route()).after == route()
    assert target_of(step(StepKind.CREATE_ACTION), route()) is None


def test_several_new_configurations_are_not_the_plans() -> None:
    two = route(configuration("c"), configuration("d"))
    assert find_effect(step(StepKind.CREATE_CONFIGURATION), route(), two) is None


def test_an_action_that_the_platform_kept_stands_for_one() -> None:
    """One for one: the second equal action is created."""
    created = Effect(route(configuration("c", A, B)), "c")
    expected = Expectation(route()).after(step(StepKind.CREATE_CONFIGURATION), created)

    taken = expected.taken(step(StepKind.CREATE_ACTION))

    assert taken
    left, key = taken
    assert key == "a"
    assert left.taken(step(StepKind.CREATE_ACTION)) is None
    assert expected.taken(step(StepKind.DELETE_ACTION, action="a")) is None
