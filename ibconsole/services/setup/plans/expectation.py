"""The route that a plan expects before each of its steps, and what a step makes of it.

Pure functions. Objects that were there when the plan was made are compared as received; what the
plan itself created is compared by its key and by what was sent.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from ibconsole.model import Action, ActionDraft, read_action
from ibconsole.services.setup import (
    ConfigurationState,
    InboundRoute,
    canonical_bytes,
    draft_of,
)
from ibconsole.services.setup.plans.plan import PlannedStep, StepKind


class Effect(msgspec.Struct, frozen=True):
    """The effect of a step: the route after it, and the key of what was created."""

    after: InboundRoute
    key: str = ""


class Expectation(msgspec.Struct, frozen=True):
    """The expected route of an application; `own` are the keys that the plan itself created.

    `found` are the actions that a configuration held when the plan created it: a platform may keep
    those of a deleted one (platform.md §8). Each of them can stand for one that is to be created.
    """

    route: InboundRoute
    own: frozenset[str] = frozenset()
    found: tuple[Action, ...] = ()

    def differences(self, actual: InboundRoute) -> tuple[str, ...]:
        """Return what an actual route has otherwise, a clause for each object; none if equal."""
        return tuple(_differences(self.route, actual, self.own))

    def after(self, step: PlannedStep, effect: Effect) -> "Expectation":
        """Return the expectation after a step with this effect."""
        own, found = self.own | {effect.key} - {""}, self.found
        if step.kind is StepKind.CREATE_CONFIGURATION:
            created = effect.after.configuration(effect.key)
            found = created.actions if created else ()
        return Expectation(effect.after, own, found)

    def taken(self, step: PlannedStep) -> tuple["Expectation", str] | None:
        """Return the expectation, and a key, if an action that was found stands for the step's."""
        if step.kind is not StepKind.CREATE_ACTION:
            return None
        action = next((one for one in self.found if draft_of(one) == step.draft), None)
        if action is None:
            return None
        left = tuple(one for one in self.found if one is not action)
        return replace(self, found=left), action.key


def find_effect(
    step: PlannedStep, before: InboundRoute, actual: InboundRoute, key: str = ""
) -> Effect | None:
    """Return the effect of a step that an actual route shows; None if it shows none.

    `key` is that of the created object, if the platform returned it. Whether the actual route has
    other differences is not considered, except that only one configuration may be new.
    """
    match step.kind:
        case StepKind.CREATE_CONFIGURATION:
            return _created_configuration(before, actual)
        case StepKind.CREATE_ACTION:
            return _created_action(step, before, actual, key)
        case StepKind.DELETE_ACTION:
            listed = any(one.key == step.action for one in _actions(actual))
            return None if listed else Effect(expected_effect(step, before).after)
        case StepKind.DELETE_CONFIGURATION:
            target = target_of(step, before)
            gone = target is not None and actual.configuration(target.key) is None
            return Effect(expected_effect(step, before).after) if gone else None


def expected_effect(step: PlannedStep, before: InboundRoute, key: str = "") -> Effect:
    """Return the effect that a step has by the plan; `key` is that of what it creates."""
    if step.kind is StepKind.CREATE_CONFIGURATION:
        created = ConfigurationState(key, (), {"key": key})
        return Effect(InboundRoute((*before.configurations, created)), key)
    target = target_of(step, before)
    if target is None:
        return Effect(before, key)
    if step.kind is StepKind.DELETE_CONFIGURATION:
        left = tuple(one for one in before.configurations if one is not target)
        return Effect(InboundRoute(left))
    if step.kind is StepKind.DELETE_ACTION:
        actions = tuple(one for one in target.actions if one.key != step.action)
    else:
        draft = step.draft or ActionDraft(type="")
        actions = (*target.actions, read_action({"key": key, **draft.raw}))
    changed = replace(target, actions=actions)
    return Effect(
        InboundRoute(tuple(changed if one is target else one for one in before.configurations)), key
    )


def target_of(step: PlannedStep, route: InboundRoute) -> ConfigurationState | None:
    """Return the configuration that a step is about; None if it is not there."""
    if step.configuration:
        return route.configuration(step.configuration)
    only = route.configurations
    return only[0] if len(only) == 1 else None


def _created_configuration(before: InboundRoute, actual: InboundRoute) -> Effect | None:
    new = [one for one in actual.configurations if before.configuration(one.key) is None]
    if len(new) != 1:
        return None
    return Effect(InboundRoute((*before.configurations, new[0])), new[0].key)


def _created_action(
    step: PlannedStep, before: InboundRoute, actual: InboundRoute, key: str
) -> Effect | None:
    target = target_of(step, before)
    found = actual.configuration(target.key) if target else None
    if target is None or found is None:
        return None
    known = {one.key for one in target.actions}
    new = [one for one in found.actions if one.key not in known and draft_of(one) == step.draft]
    chosen = next((one for one in new if one.key == key), new[0] if new else None)
    if chosen is None:
        return None
    changed = replace(target, actions=(*target.actions, chosen))
    return Effect(
        InboundRoute(tuple(changed if one is target else one for one in before.configurations)),
        chosen.key,
    )


def _differences(
    expected: InboundRoute, actual: InboundRoute, own: Collection[str]
) -> Iterator[str]:
    for one in expected.configurations:
        found = actual.configuration(one.key)
        if found is None:
            yield f"the configuration {one.key} is not there any more"
        elif one.key not in own and canonical_bytes(one.raw) != canonical_bytes(found.raw):
            yield f"the configuration {one.key} was changed"
    for one in actual.configurations:
        if expected.configuration(one.key) is None:
            yield f"there is a new configuration, {one.key}"
        yield from _action_differences(expected.configuration(one.key), one, own)


def _action_differences(
    expected: ConfigurationState | None, actual: ConfigurationState, own: Collection[str]
) -> Iterator[str]:
    former = expected.actions if expected else ()
    before, now = _counted(former, own), _counted(actual.actions, own)
    missing = {key for key, _ in before - now}
    extra = {key for key, _ in now - before}
    types = {one.key: one.type for one in (*former, *actual.actions)}
    for key in sorted(missing | extra):
        words = "was changed" if key in missing & extra else "is not there any more"
        yield f"the {types[key]} action {key} {words if key in missing else 'is new'}"


def _counted(actions: Sequence[Action], own: Collection[str]) -> Counter[tuple[str, bytes]]:
    return Counter(
        (one.key, canonical_bytes(draft_of(one).raw if one.key in own else one.raw))
        for one in actions
    )


def _actions(route: InboundRoute) -> Iterator[Action]:
    for configuration in route.configurations:
        yield from configuration.actions
