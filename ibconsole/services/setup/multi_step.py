"""Changes of the setup in several requests, one after the other, with progress.

The platform has no PUT and deletes one action at a time, so such a change can stop half-way.
The result then says what exists: after an unclear answer the actions are listed again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from ibconsole.errors import UserError
from ibconsole.model import Action, ActionDraft
from ibconsole.services.audit import user_act


class StepState(StrEnum):
    """The states of a step; the values are shown to users."""

    WAITING = "waiting"
    RUNNING = "under way"
    DONE = "done"
    FAILED = "failed"
    NOT_TRIED = "not tried"


class ChangeStep(msgspec.Struct, frozen=True):
    """One request of a change: its label, its state, and a message for the user."""

    label: str
    state: StepState = StepState.WAITING
    message: str = ""


StepsObserver = Callable[[tuple[ChangeStep, ...]], None]


class ActionSetup(Protocol):
    """The actions of an account."""

    async def actions(self, code: str, key: str) -> list[Action]: ...
    async def create_action(self, code: str, key: str, draft: ActionDraft) -> Action: ...
    async def delete_action(self, code: str, key: str, action: str, /) -> None: ...


class ConfigurationId(msgspec.Struct, frozen=True):
    """A configuration by its application's code and its own key."""

    code: str
    key: str


class ChangeResult(msgspec.Struct, frozen=True):
    """The result of a change in several steps, complete or not.

    `done` and `remaining` are actions, in the given order. `error` is why the change stopped,
    None if it did not fail; `uncertain` means that the step which failed may have succeeded.
    """

    done: tuple[Action, ...] = ()
    remaining: tuple[Action, ...] = ()
    error: UserError | None = None
    uncertain: bool = False


class ChangeProgress:
    """The steps of a change; `on_change` is called with all of them at every change."""

    def __init__(self, labels: Sequence[str], on_change: StepsObserver) -> None:
        self.steps = tuple(ChangeStep(label) for label in labels)
        self._on_change = on_change

    def set(self, index: int, state: StepState, message: str = "") -> None:
        """Set the state of one step."""
        step = replace(self.steps[index], state=state, message=message)
        self.steps = (*self.steps[:index], step, *self.steps[index + 1 :])
        self._on_change(self.steps)

    def skip_rest(self) -> None:
        """Set every waiting step to "not tried"."""
        self.steps = tuple(
            replace(step, state=StepState.NOT_TRIED) if step.state is StepState.WAITING else step
            for step in self.steps
        )
        self._on_change(self.steps)


async def delete_actions(
    setup: ActionSetup,
    target: ConfigurationId,
    actions: Sequence[Action],
    progress: ChangeProgress,
    is_stopped: Callable[[], bool] = bool,
) -> ChangeResult:
    """Delete actions one by one, until the first failure or until `is_stopped` returns True.

    An action that does not exist any more counts as deleted. A UserError is returned in the
    result, not raised.
    """
    with user_act():
        for index, action in enumerate(actions):
            if is_stopped():
                break
            progress.set(index, StepState.RUNNING)
            try:
                await setup.delete_action(target.code, target.key, action.key)
            except UserError as error:
                listed = await _is_listed(setup, target, action.key)
                if listed is not False:
                    progress.set(index, StepState.FAILED, _failed_deletion(error, listed=listed))
                    progress.skip_rest()
                    done, remaining = tuple(actions[:index]), tuple(actions[index:])
                    return ChangeResult(done, remaining, error, uncertain=listed is None)
                progress.set(index, StepState.DONE, _NO_LONGER_LISTED)
            else:
                progress.set(index, StepState.DONE)
        else:
            return ChangeResult(tuple(actions))
    progress.skip_rest()
    return ChangeResult(tuple(actions[:index]), tuple(actions[index:]))


class ExistingActions(StrEnum):
    """The actions of a replacement that exist at the moment, as far as is known."""

    OLD = "only the old action"
    BOTH = "both actions"
    NEW = "only the new action"
    OLD_AND_PERHAPS_NEW = "the old action, and perhaps the new one"
    NEW_AND_PERHAPS_OLD = "the new action, and perhaps the old one"


_SENTENCES = {
    ExistingActions.OLD: "Only the old action exists; everything is as it was.",
    ExistingActions.BOTH: "Both actions exist now, so messages may be handled twice.",
    ExistingActions.NEW: "Only the new action exists.",
    ExistingActions.OLD_AND_PERHAPS_NEW: (
        "The old action exists. Whether the new one does is not known."
    ),
    ExistingActions.NEW_AND_PERHAPS_OLD: (
        "The new action exists. Whether the old one still does is not known."
    ),
}

REPLACEMENT_STEPS = ("Create the new action", "See that it is listed", "Delete the old action")
_NO_LONGER_LISTED = "It is not listed any more."


class NotListed(UserError):
    """An action is missing in the list of actions, or differs from what was sent."""


@dataclass
class ActionReplacement:
    """The replacement of an action: create the new one, verify it, then delete the old one.

    While both exist, messages may be handled twice; at least one of them exists at any time. All
    of its requests are one `act` in the audit.
    """

    setup: ActionSetup
    target: ConfigurationId
    old: Action
    draft: ActionDraft
    on_change: StepsObserver
    new: Action | None = None
    existing: ExistingActions = ExistingActions.OLD
    error: UserError | None = None
    act: str = field(default_factory=lambda: uuid4().hex)
    progress: ChangeProgress = field(init=False)
    _keys_before: frozenset[str] = field(default=frozenset(), init=False)

    def __post_init__(self) -> None:
        self.progress = ChangeProgress(REPLACEMENT_STEPS, self.on_change)

    @property
    def sentence(self) -> str:
        """The existing actions, in a sentence."""
        return _SENTENCES[self.existing]

    @property
    def new_key(self) -> str:
        """The key of the new action; empty while it does not exist."""
        return self.new.key if self.new else ""

    @property
    def finished(self) -> bool:
        """True if only the new action exists."""
        return self.existing is ExistingActions.NEW

    async def run(self) -> None:
        """Run the steps that are not done yet, until the first failure.

        `error` then holds the reason, `existing` the actions that exist. Call it again to
        retry. Raises no UserError.
        """
        self.error = None
        for index, step in enumerate((self._create, self._verify, self._delete)):
            if self.progress.steps[index].state is StepState.DONE:
                continue
            self.progress.set(index, StepState.RUNNING)
            try:
                with user_act(self.act):
                    message = await step()
            except UserError as error:
                self.error = error
                self.progress.set(index, StepState.FAILED, str(error))
                return
            self.progress.set(index, StepState.DONE, message)

    async def withdraw(self) -> None:
        """Delete the new action again; raises the UserError if that fails."""
        if not self.new:
            return
        try:
            with user_act(self.act):
                await self.setup.delete_action(self.target.code, self.target.key, self.new.key)
        except UserError:
            if await _is_listed(self.setup, self.target, self.new.key) is not False:
                raise
        self.new = None
        self.existing = ExistingActions.OLD

    async def _create(self) -> str:
        if self.existing is ExistingActions.OLD_AND_PERHAPS_NEW:
            return await self._find_new()
        self._keys_before = frozenset(action.key for action in await self._list())
        if self.old.key not in self._keys_before:
            raise NotListed(
                "The action to be replaced is not listed any more; nothing was created."
            )
        try:
            self.new = await self.setup.create_action(self.target.code, self.target.key, self.draft)
        except UserError as error:
            self.existing = ExistingActions.OLD_AND_PERHAPS_NEW
            return await self._find_new(error)
        self.existing = ExistingActions.BOTH
        return ""

    async def _find_new(self, refusal: UserError | None = None) -> str:
        """Look for an action created by a request whose answer was lost or was an error."""
        try:
            listed = await self._list()
        except UserError as error:
            raise refusal or error from error
        self.new = next((one for one in listed if self._may_be_new(one)), None)
        if self.new:
            self.existing = ExistingActions.BOTH
            return "No answer came, but it is listed."
        self.existing = ExistingActions.OLD
        raise refusal or NotListed("The new action is not listed: it was not created.")

    async def _verify(self) -> str:
        listed = await self._list()
        key = self.new_key
        found = [one for one in listed if (one.key == key if key else self._may_be_new(one))]
        if not found:
            self.existing = ExistingActions.OLD_AND_PERHAPS_NEW
            raise NotListed("It was accepted, but is not listed.")
        self.new, self.existing = found[0], ExistingActions.BOTH
        if not self._is_as_drafted(self.new):
            raise NotListed(
                "It is listed, but not as it was sent: look at both before you delete one."
            )
        return f"Its key is {self.new.key}."

    async def _delete(self) -> str:
        try:
            await self.setup.delete_action(self.target.code, self.target.key, self.old.key)
        except UserError:
            listed = await _is_listed(self.setup, self.target, self.old.key)
            if listed is not False:
                self.existing = (
                    ExistingActions.BOTH if listed else ExistingActions.NEW_AND_PERHAPS_OLD
                )
                raise
            self.existing = ExistingActions.NEW
            return _NO_LONGER_LISTED
        self.existing = ExistingActions.NEW
        return ""

    async def _list(self) -> list[Action]:
        return await self.setup.actions(self.target.code, self.target.key)

    def _may_be_new(self, action: Action) -> bool:
        return action.key not in self._keys_before and self._is_as_drafted(action)

    def _is_as_drafted(self, action: Action) -> bool:
        return draft_of(action) == self.draft


def draft_of(action: Action) -> ActionDraft:
    """Return the draft that creates an action like this one."""
    return ActionDraft(
        type=action.type, forward_url=action.forward_url, callback_data=action.callback_data
    )


async def _is_listed(setup: ActionSetup, target: ConfigurationId, key: str) -> bool | None:
    """Return whether an action is listed; None if the list cannot be read."""
    try:
        listed = await setup.actions(target.code, target.key)
    except UserError:
        return None
    return any(one.key == key for one in listed)


def _failed_deletion(error: UserError, *, listed: bool | None) -> str:
    state = "It may or may not have been deleted." if listed is None else "It still exists."
    return f"{error} {state}"
