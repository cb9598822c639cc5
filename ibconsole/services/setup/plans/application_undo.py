"""The undo of what an act did to one application: steps, notes, and conflicts with others.

What the act did comes from the audit. The values of what it deleted come from the history of the
setup, which has the state before each change.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from ibconsole.archive.history import SetupPoint
from ibconsole.model import Action, ActionDraft, Undecodable, encode, parse, read_actions
from ibconsole.plural import counted
from ibconsole.secret import MASK
from ibconsole.services.audit import redact
from ibconsole.services.setup import ConfigurationState, InboundRoute, draft_of, route_of
from ibconsole.services.setup.plans.acts import ActChange, ActRecord
from ibconsole.services.setup.plans.plan import PlannedStep, StepKind


class _Net(msgspec.Struct):
    """The net effect of an act: what it deleted, and what it created and did not delete itself."""

    deleted: dict[str, ActionDraft]
    created: dict[str, ActChange]
    deleted_configuration: str = ""
    created_configuration: str = ""
    home: str = ""  # the configuration of the actions


class ApplicationUndo:
    """The part of an undo that is about one application; `plan` fills it.

    `now` is its setup as it is, `points` are the states that are recorded of it, oldest first, and
    `keys` the present keys of what was created again. `can_be_put` is false if a conflict cannot be
    resolved by putting actions into a configuration of others.
    """

    def __init__(
        self,
        record: ActRecord,
        code: str,
        now: InboundRoute,
        points: Sequence[SetupPoint],
        keys: Mapping[str, str],
    ) -> None:
        self.code = code
        self.now = now
        self.creations: list[PlannedStep] = []
        self.deletions: list[PlannedStep] = []
        self.notes: list[str] = []
        self.conflicts: list[str] = []
        self.can_be_put = True
        self._changes = [change for change in record.changes if change.application == code]
        self._points = points
        self._keys = keys
        self._name = ""

    def plan(self, name: str, *, into_existing: bool) -> None:
        """Work out the steps, the notes, and the conflicts with what others did."""
        self._name = name
        net = self._net()
        deletions = [key for key, one in net.created.items() if self._is_as_created(key, one)]
        gone = [self._present(key) for key in deletions]
        target = self._target(net, into_existing=into_existing)
        if net.deleted and not self.conflicts:
            self._create(net, target, gone)
        self._delete(net, gone)

    def _net(self) -> _Net:
        """Return what the act comes to in the end."""
        net = _Net({}, {})
        for change in self._changes:
            key = change.key or self._unknown_key(change, net)
            if not key:
                self.notes.append(
                    f"{self._name}: whether an action or a configuration was created is not known,"
                    " and none that was is there now."
                )
            elif change.is_certain or not change.kind.deletes or not self._exists(key):
                self._add(net, change, key)
        return net

    def _add(self, net: _Net, change: ActChange, key: str) -> None:
        before = self._before(change)
        match change.kind:
            case StepKind.CREATE_CONFIGURATION:
                net.created_configuration = key
            case StepKind.CREATE_ACTION:
                net.created[key], net.home = change, change.configuration
            case StepKind.DELETE_ACTION if net.created.pop(key, None) is None:
                net.home = change.configuration
                listed = [one for one in before.actions if one.key == key] if before else []
                self._add_deleted(net, change, listed or _recorded_actions(change, key))
            case StepKind.DELETE_CONFIGURATION:
                listed = list(before.actions) if before else _recorded_actions(change)
                left = [one for one in listed if net.created.pop(one.key, None) is None]
                if key == net.created_configuration:
                    net.created_configuration = ""
                else:
                    net.deleted_configuration = net.home = key
                    self._add_deleted(net, change, left, may_be_empty=before is not None)

    def _add_deleted(
        self, net: _Net, change: ActChange, found: Sequence[Action], *, may_be_empty: bool = False
    ) -> None:
        if not found and not may_be_empty:
            self.notes.append(
                f"{self._name}: what {change.kind.value} deleted is not known, because the setup"
                " before it was not recorded. It cannot be created again."
            )
        for action in found:
            if MASK in action.forward_url + action.callback_data:
                self.notes.append(
                    f"{self._name}: the {action.type} action {action.key} contains the credential"
                    " of the account, which is not stored. Create it again by hand."
                )
            else:
                net.deleted[action.key] = draft_of(action)

    def _target(self, net: _Net, *, into_existing: bool) -> ConfigurationState | None:
        """Return the configuration for what is created again; None if it is to be created."""
        if not net.deleted and not net.deleted_configuration:
            return None
        home = self.now.configuration(self._present(net.home))
        own = self.now.configuration(self._present(net.created_configuration))
        target = home or own
        if target:
            return target
        if not self.now.configurations:
            if net.deleted_configuration:
                self.creations.append(
                    self._step(StepKind.CREATE_CONFIGURATION, replaces=net.deleted_configuration)
                )
            else:
                self.can_be_put = False
                self.conflicts.append(
                    f"The configuration {net.home} of {self._name} was deleted since: undo that"
                    " first."
                )
            return None
        if not into_existing:
            others = " and ".join(one.key for one in self.now.configurations)
            self.conflicts.append(
                f"{self._name} has another configuration by now ({others}), which this program did"
                " not create here. What was deleted can be put into it if you say so."
            )
        return self.now.configurations[0]

    def _create(self, net: _Net, target: ConfigurationState | None, gone: Collection[str]) -> None:
        """Create what was deleted, except what is there by now."""
        left = [one for one in target.actions if one.key not in gone] if target else []
        present = Counter(draft_of(one) for one in left)
        wanted = self._counts_before(net)
        keys = {one.key for one in left}
        for key, draft in net.deleted.items():
            if self._present(key) in keys:
                continue
            if present[draft] >= wanted[draft]:
                self.notes.append(
                    f"{self._name}: an action like the deleted {draft.type} action {key} is there"
                    " by now, so it is not created again."
                )
                continue
            present[draft] += 1
            self.creations.append(
                self._step(
                    StepKind.CREATE_ACTION,
                    configuration=target.key if target else "",
                    draft=draft,
                    replaces=key,
                )
            )

    def _counts_before(self, net: _Net) -> Counter[ActionDraft]:
        """Return how many equal actions there were before the act, and at least what it deleted."""
        deleted = Counter(net.deleted.values())
        route = self._route_before(self._changes[0])
        states = route.configurations if route else ()
        return deleted | Counter(draft_of(one) for state in states for one in state.actions)

    def _delete(self, net: _Net, gone: Sequence[str]) -> None:
        """Delete what was created: the configuration as a whole if nothing else is in it."""
        own = self.now.configuration(self._present(net.created_configuration))
        others = [one for one in own.actions if one.key not in gone] if own else []
        if own and not others and not net.deleted:
            self.deletions.append(self._step(StepKind.DELETE_CONFIGURATION, configuration=own.key))
            return
        if own and others and not net.deleted:
            self.notes.append(
                f"{self._name}: the configuration {own.key} stays, because it holds"
                f" {counted(len(others), 'action')} of later changes."
            )
        for state in self.now.configurations:
            for action in state.actions:
                if action.key in gone:
                    self.deletions.append(
                        self._step(
                            StepKind.DELETE_ACTION, configuration=state.key, action=action.key
                        )
                    )

    def _is_as_created(self, key: str, change: ActChange) -> bool:
        """Return whether an action is there as it was sent, or as it was seen after its creation.

        The platform may write a value in another form than it was sent.
        """
        action = self._action(self._present(key))
        if action is None:
            self.notes.append(f"{self._name}: the action {key} is not there any more.")
            return False
        after = _all_actions(self._route_after(change))
        seen = [draft_of(one) for one in after if one.key == action.key]
        if _redacted(action) != change.after and draft_of(action) not in seen:
            self.notes.append(
                f"{self._name}: the action {key} is not as it was created, so it stays."
            )
            return False
        return True

    def _unknown_key(self, change: ActChange, net: _Net) -> str:
        """Return the key of what was created, if exactly one object can be it; else ""."""
        before, after = self._route_before(change), self._route_after(change)
        known = {one.key for one in _all_actions(before)} | set(net.created)
        if change.kind is StepKind.CREATE_CONFIGURATION:
            new = {one.key for one in self.now.configurations}
            new -= {one.key for one in before.configurations} if before else set()
        else:
            new = {
                one.key
                for one in _all_actions(self.now)
                if one.key not in known and _redacted(one) == change.after
            }
        if after:
            seen = {one.key for one in after.configurations}
            new &= seen | {one.key for one in _all_actions(after)}
        return new.pop() if len(new) == 1 and before else ""

    def _before(self, change: ActChange) -> ConfigurationState | None:
        route = self._route_before(change)
        return route.configuration(change.configuration) if route else None

    def _route_before(self, change: ActChange) -> InboundRoute | None:
        former = [point for point in self._points if point.seen_from <= change.at]
        return _route(former[-1]) if former else None

    def _route_after(self, change: ActChange) -> InboundRoute | None:
        later = [point for point in self._points if point.seen_from > change.at]
        return _route(later[0]) if later else None

    def _present(self, key: str) -> str:
        return self._keys.get(key, key)

    def _exists(self, key: str) -> bool:
        return self.now.configuration(key) is not None or self._action(key) is not None

    def _action(self, key: str) -> Action | None:
        return next((one for one in _all_actions(self.now) if one.key == key), None)

    def _step(self, kind: StepKind, **values: object) -> PlannedStep:
        step = PlannedStep(number=0, kind=kind, application=self.code, application_name=self._name)
        return msgspec.structs.replace(step, **values)


def _route(point: SetupPoint) -> InboundRoute | None:
    try:
        return route_of(point.content) if point.content is not None else InboundRoute()
    except Undecodable:
        return None


def _all_actions(route: InboundRoute | None) -> Iterator[Action]:
    for configuration in route.configurations if route else ():
        yield from configuration.actions


def _redacted(action: Action) -> str:
    return redact(encode(draft_of(action).raw))


def _recorded_actions(change: ActChange, key: str = "") -> list[Action]:
    """Return what the audit has of deleted actions, if nothing in it was redacted."""
    try:
        found = read_actions(parse(change.before.encode()))
    except (Undecodable, UnicodeEncodeError):
        return []
    return [] if MASK in change.before else [one for one in found if key in {"", one.key}]
