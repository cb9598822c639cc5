"""Changes that take several requests: one after the other, each told as it happens.

The platform has no PUT and deletes one action at a time, so that such a change can stop in
its middle. Whatever happens, it then says what exists: what no answer told is looked up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from ibconsole.errors import UserError
from ibconsole.model import Action, ActionDraft


class State(StrEnum):
    """How far a step is."""

    WAITING = "waiting"
    RUNNING = "under way"
    DONE = "done"
    FAILED = "failed"
    LEFT = "not tried"


@dataclass(frozen=True, slots=True)
class Step:
    """One request in the user's words, how far it is, and what is to be told of it."""

    words: str
    state: State = State.WAITING
    told: str = ""


Tell = Callable[[tuple[Step, ...]], None]


class ActionSetup(Protocol):
    """The actions of an account."""

    async def actions(self, code: str, key: str) -> list[Action]: ...
    async def create_action(self, code: str, key: str, draft: ActionDraft) -> Action: ...
    async def delete_action(self, code: str, key: str, action: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Place:
    """The configuration whose actions are changed: the application's code, and its key."""

    code: str
    key: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change in several steps has come to.

    `done` and `left` are actions or drafts, in the order they were given in. `error` is why
    it stopped; `unsure` says that the one it stopped at may be either.
    """

    done: tuple[Action, ...] = ()
    left: tuple[Action, ...] = ()
    error: UserError | None = None
    unsure: bool = False


class Progress:
    """The steps of a change; every change of them is told."""

    def __init__(self, words: Sequence[str], tell: Tell) -> None:
        self.steps = tuple(Step(one) for one in words)
        self._tell = tell

    def set(self, number: int, state: State, told: str = "") -> None:
        """A step is so far now."""
        step = replace(self.steps[number], state=state, told=told)
        self.steps = (*self.steps[:number], step, *self.steps[number + 1 :])
        self._tell(self.steps)

    def leave_rest(self) -> None:
        """What was not begun will not be."""
        self.steps = tuple(
            replace(step, state=State.LEFT) if step.state is State.WAITING else step
            for step in self.steps
        )
        self._tell(self.steps)


async def delete_actions(
    setup: ActionSetup,
    place: Place,
    actions: Sequence[Action],
    progress: Progress,
    stopped: Callable[[], bool] = bool,
) -> Outcome:
    """Delete these, one by one; the first failure ends it, and so does `stopped`.

    One that is gone already counts as deleted. Raises nothing that a user could act on.
    """
    for number, action in enumerate(actions):
        if stopped():
            break
        progress.set(number, State.RUNNING)
        try:
            await setup.delete_action(place.code, place.key, action.key)
        except UserError as error:
            there = await _is_there(setup, place, action.key)
            if there is not False:
                progress.set(number, State.FAILED, _still_there(error, there=there))
                progress.leave_rest()
                done, left = tuple(actions[:number]), tuple(actions[number:])
                return Outcome(done, left, error, unsure=there is None)
            progress.set(number, State.DONE, "It is not listed any more.")
        else:
            progress.set(number, State.DONE)
    else:
        return Outcome(tuple(actions))
    progress.leave_rest()
    return Outcome(tuple(actions[:number]), tuple(actions[number:]))


async def create_actions(
    setup: ActionSetup, place: Place, drafts: Sequence[ActionDraft], progress: Progress
) -> Outcome:
    """Create these, one by one; the first failure ends it. `done` are the new ones."""
    created: list[Action] = []
    for number, draft in enumerate(drafts):
        progress.set(number, State.RUNNING)
        try:
            created.append(await setup.create_action(place.code, place.key, draft))
        except UserError as error:
            progress.set(number, State.FAILED, str(error))
            progress.leave_rest()
            return Outcome(tuple(created), (), error)
        progress.set(number, State.DONE)
    return Outcome(tuple(created))


class Exists(StrEnum):
    """What exists of the two actions of a replacement."""

    OLD = "only the old action"
    BOTH = "both actions"
    NEW = "only the new action"
    OLD_AND_PERHAPS_NEW = "the old action, and perhaps the new one"
    NEW_AND_PERHAPS_OLD = "the new action, and perhaps the old one"


_SENTENCES = {
    Exists.OLD: "Only the old action exists; everything is as it was.",
    Exists.BOTH: "Both actions exist now, so messages may be handled twice.",
    Exists.NEW: "Only the new action exists.",
    Exists.OLD_AND_PERHAPS_NEW: ("The old action exists. Whether the new one does is not known."),
    Exists.NEW_AND_PERHAPS_OLD: (
        "The new action exists. Whether the old one still does is not known."
    ),
}

CREATE, VERIFY, DELETE = range(3)
REPLACING = ("Create the new action", "See that it is listed", "Delete the old action")
_GONE = "The action to be replaced is not listed any more; nothing was created."
_UNLISTED = "It was accepted, but is not listed."
_UNANSWERED = "No answer came, but it is listed."


class NotListed(UserError):
    """The platform accepted an action, and does not list it, or lists it otherwise."""


@dataclass
class Replacement:
    """Puts one action in the place of another: creates, verifies, then deletes the old one.

    While both exist, messages may be handled twice; there is no moment without either.
    """

    setup: ActionSetup
    place: Place
    old: Action
    draft: ActionDraft
    tell: Tell
    new: Action | None = None
    exists: Exists = Exists.OLD
    error: UserError | None = None
    _before: frozenset[str] = frozenset()
    progress: Progress = field(init=False)

    def __post_init__(self) -> None:
        self.progress = Progress(REPLACING, self.tell)

    @property
    def sentence(self) -> str:
        """What exists now, in a sentence."""
        return _SENTENCES[self.exists]

    @property
    def new_key(self) -> str:
        """The key of the new action; empty while there is none."""
        return self.new.key if self.new else ""

    @property
    def finished(self) -> bool:
        """Whether the new action stands alone."""
        return self.exists is Exists.NEW

    async def run(self) -> None:
        """Go through the steps that are not done yet, and stop at the first that fails.

        `error` then says why, `exists` what there is. To be called again for another try.
        """
        self.error = None
        for number, step in enumerate((self._create, self._verify, self._delete)):
            if self.progress.steps[number].state is State.DONE:
                continue
            self.progress.set(number, State.RUNNING)
            try:
                told = await step()
            except UserError as error:
                self.error = error
                self.progress.set(number, State.FAILED, str(error))
                return
            self.progress.set(number, State.DONE, told)

    async def withdraw(self) -> None:
        """Delete the new action again; raises the UserError if that fails."""
        if not self.new:
            return
        try:
            await self.setup.delete_action(self.place.code, self.place.key, self.new.key)
        except UserError:
            if await _is_there(self.setup, self.place, self.new.key) is not False:
                raise
        self.new = None
        self.exists = Exists.OLD

    async def _create(self) -> str:
        if self.exists is Exists.OLD_AND_PERHAPS_NEW:
            return await self._look_for_new()
        listed = await self._listed()
        self._before = frozenset(action.key for action in listed)
        if self.old.key not in self._before:
            raise NotListed(_GONE)
        try:
            self.new = await self.setup.create_action(self.place.code, self.place.key, self.draft)
        except UserError as error:
            self.exists = Exists.OLD_AND_PERHAPS_NEW
            return await self._look_for_new(error)
        self.exists = Exists.BOTH
        return ""

    async def _look_for_new(self, refusal: UserError | None = None) -> str:
        """Whether an action was made by a request that was not answered well."""
        try:
            listed = await self._listed()
        except UserError as error:
            raise refusal or error from error
        self.new = next((one for one in listed if self._may_be_new(one)), None)
        if self.new:
            self.exists = Exists.BOTH
            return _UNANSWERED
        self.exists = Exists.OLD
        raise refusal or NotListed("The new action is not listed: it was not created.")

    async def _verify(self) -> str:
        listed = await self._listed()
        key = self.new.key if self.new else ""
        found = [one for one in listed if one.key == key] if key else []
        found = found or [one for one in listed if not key and self._may_be_new(one)]
        if not found:
            self.exists = Exists.OLD_AND_PERHAPS_NEW
            raise NotListed(_UNLISTED)
        self.new, self.exists = found[0], Exists.BOTH
        if not self._as_drafted(self.new):
            raise NotListed(
                "It is listed, but not as it was sent: look at both before you delete one."
            )
        return f"Its key is {self.new.key}."

    async def _delete(self) -> str:
        try:
            await self.setup.delete_action(self.place.code, self.place.key, self.old.key)
        except UserError:
            there = await _is_there(self.setup, self.place, self.old.key)
            if there is not False:
                self.exists = Exists.BOTH if there else Exists.NEW_AND_PERHAPS_OLD
                raise
            self.exists = Exists.NEW
            return "It is not listed any more."
        self.exists = Exists.NEW
        return ""

    async def _listed(self) -> list[Action]:
        return await self.setup.actions(self.place.code, self.place.key)

    def _may_be_new(self, action: Action) -> bool:
        return action.key not in self._before and self._as_drafted(action)

    def _as_drafted(self, action: Action) -> bool:
        return draft_of(action) == self.draft


def draft_of(action: Action) -> ActionDraft:
    """What one would have to send to get an action like this."""
    return ActionDraft(
        type=action.type, forward_url=action.forward_url, callback_data=action.callback_data
    )


async def _is_there(setup: ActionSetup, place: Place, key: str) -> bool | None:
    """Whether an action is listed; None if nobody can tell."""
    try:
        listed = await setup.actions(place.code, place.key)
    except UserError:
        return None
    return any(one.key == key for one in listed)


def _still_there(error: UserError, *, there: bool | None) -> str:
    state = "It may be deleted or not." if there is None else "It still exists."
    return f"{error} {state}"
