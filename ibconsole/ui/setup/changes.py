"""What the user changes in the setup: asked first, told afterwards, one at a time.

After every change, and after every failed one, the setup is loaded again: a request that
found no answer may have done its work all the same.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from PySide6.QtCore import QObject

from ibconsole.errors import UserError
from ibconsole.model import Action, ActionDraft, ActionType, Application, Configuration
from ibconsole.plural import counted
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.services.setup import (
    Exists,
    Place,
    Progress,
    Replacement,
    State,
    Step,
    create_actions,
    delete_actions,
    draft_of,
    preview_new_action,
)
from ibconsole.text import mask_code
from ibconsole.ui.setup.action_dialog import ActionPlace, NewActionDialog
from ibconsole.ui.setup.actions import target_of, type_of
from ibconsole.ui.setup.applications import name_of
from ibconsole.ui.setup.look_up_dialog import LookUpDialog
from ibconsole.ui.setup.raw_dialog import RawDialog
from ibconsole.ui.setup.setup import CHANGE, SetupPanes, SetupPresenter, details_of, is_same
from ibconsole.ui.toolkit import UiTasks
from ibconsole.ui.widgets import ConfirmDialog, PaneFrame, Question

_CONFIGURATION_GOES = (
    "From then on, inbound messages of this application are neither forwarded nor kept for"
    " pulling. What becomes of its actions is not documented: take it that they go, too. It"
    " cannot be undone; a configuration created again gets another key."
)
_ACTION_GOES = (
    "Inbound messages are no longer handled by it, from now on. You can create it again, but it"
    " gets another key, and what arrives meanwhile may be lost."
)
_ACTIONS_GO = (
    "Inbound messages are no longer handled by them, from now on. You can create them again, but"
    " they get other keys, and what arrives meanwhile may be lost."
)
# As many as the eye counts; the number of the others is said.
_NAMED = 5
_ELSEWHERE = "The connection has changed since you were asked; nothing was deleted."


class SetupWriter(Protocol):
    """The account's setup, as far as changing it goes."""

    async def actions(self, code: str, key: str) -> list[Action]: ...
    async def create_configuration(self, code: str) -> Configuration: ...
    async def delete_configuration(self, code: str, key: str) -> None: ...
    async def create_action(self, code: str, key: str, draft: ActionDraft) -> Action: ...
    async def delete_action(self, code: str, key: str, action: str, /) -> None: ...


class Stopped(UserError):
    """A change of several things ended in its middle."""

    def __init__(self, sentence: str, details: str = "") -> None:
        super().__init__(sentence)
        self.details = details


@dataclass(frozen=True, slots=True)
class _Place:
    """What was at hand when the user asked for a change."""

    connection: ConnectionStatus
    application: Application
    configuration: Configuration | None

    @property
    def key(self) -> str:
        return self.configuration.key if self.configuration else ""


# The setup of one connection: what was asked of one is never done to another.
SetupOf = Callable[[ConnectionStatus], SetupWriter]
# Makes a change, and returns what to tell of it.
Work = Callable[[_Place], Coroutine[Any, Any, str]]


class ChangesPresenter(QObject):
    """Creates, replaces and deletes configurations and actions."""

    def __init__(
        self, panes: SetupPanes, shown: SetupPresenter, setup_of: SetupOf, tasks: UiTasks
    ) -> None:
        super().__init__(panes)
        self._panes = panes
        self._shown = shown
        self._setup_of = setup_of
        self._tasks = tasks
        self._deleted: tuple[ActionDraft, ...] = ()
        panes.configuration_pane.create_requested.connect(self._on_create_requested)
        panes.configuration_pane.delete_requested.connect(self._on_delete_requested)
        panes.actions_pane.new_requested.connect(self._on_new_requested)
        panes.actions_pane.duplicate_requested.connect(self._on_duplicate_requested)
        panes.actions_pane.replace_requested.connect(self._on_replace_requested)
        panes.actions_pane.delete_requested.connect(self._on_delete_actions_requested)
        panes.applications_pane.look_up_requested.connect(self._on_look_up_requested)
        for pane in (panes.applications_pane, panes.configuration_pane, panes.actions_pane):
            pane.raw_requested.connect(self._on_raw_requested)
        panes.actions_pane.banner_action_requested.connect(self._on_again_requested)

    async def create_configuration(self, place: _Place) -> str:
        """Create one; what to tell of it."""
        created = await self._setup(place).create_configuration(place.application.code)
        self._shown.created.add(created.key)
        return "Configuration created. It has no action yet."

    async def delete_configuration(self, place: _Place) -> str:
        """Delete the one that was at hand; what to tell of it."""
        await self._setup(place).delete_configuration(place.application.code, place.key)
        return f"Configuration deleted: {place.key}."

    async def delete_actions(self, place: _Place, actions: Sequence[Action]) -> str:
        """Delete them one by one, remembering what they were; what to tell of it."""
        pane = self._panes.actions_pane

        def tell(steps: tuple[Step, ...]) -> None:
            done = sum(step.state is State.DONE for step in steps)
            pane.set_subtitle(f"deleting {done + 1:,} of {len(steps):,}" if len(steps) > 1 else "")

        progress = Progress([target_of(action) for action in actions], tell)
        where = Place(place.application.code, place.key)
        outcome = await delete_actions(self._setup(place), where, actions, progress)
        self._deleted = tuple(map(draft_of, outcome.done))
        if outcome.error and not outcome.done:
            raise outcome.error
        if outcome.error:
            left = counted(len(outcome.left), "action")
            raise Stopped(
                f"{counted(len(outcome.done), 'action')} deleted, {left} left: {outcome.error}",
                details_of(outcome.error),
            )
        if len(actions) > 1:
            return f"{counted(len(actions), 'action')} deleted."
        [action] = actions
        goes_to = f": {target_of(action)}" if action.forward_url else ""
        return f"{type_of(action)} action deleted{goes_to}."

    async def create_again(self, place: _Place, drafts: Sequence[ActionDraft]) -> str:
        """Create what was deleted; what to tell of it."""
        progress = Progress([draft.forward_url for draft in drafts], lambda _: None)
        where = Place(place.application.code, place.key)
        outcome = await create_actions(self._setup(place), where, drafts, progress)
        self._deleted = tuple(drafts[len(outcome.done) :])
        if outcome.error:
            raise outcome.error
        return f"{counted(len(drafts), 'action')} created again, with other keys."

    async def replace_action(self, replacement: Replacement, dialog: NewActionDialog) -> None:
        """Create, verify, delete: each step is told, and what exists if one fails."""
        dialog.show_busy()
        with self._shown.changing():
            await replacement.run()
        if replacement.finished:
            dialog.finish()
            sentence = f"Action replaced; the new one's key is {replacement.new_key}."
            self._panes.actions_pane.banner.show_notice("ok", sentence)
        else:
            error = replacement.error
            dialog.show_failed(
                f"{error} {replacement.sentence}", details_of(error) if error else ""
            )
            dialog.show_stopped(
                begun=replacement.exists is not Exists.OLD, both=replacement.exists is Exists.BOTH
            )
        self._shown.reload()

    async def withdraw(self, replacement: Replacement, dialog: NewActionDialog) -> None:
        """Delete the new action again: everything is as it was."""
        dialog.show_busy()
        try:
            with self._shown.changing():
                await replacement.withdraw()
        except UserError as error:
            dialog.show_failed(f"{error} {replacement.sentence}", details_of(error))
            dialog.show_stopped(begun=True, both=True)
        else:
            dialog.finish()
            sentence = "The new action was deleted again; everything is as it was."
            self._panes.actions_pane.banner.show_notice("info", sentence)
        finally:
            self._shown.reload()

    async def look_up(self, code: str, by_id: bool, dialog: LookUpDialog) -> None:
        """Find an application; the dialog closes only if there is one."""
        dialog.show_busy()
        try:
            await self._shown.look_up(code, by_id=by_id)
        except UserError as error:
            dialog.show_failed(str(error), details_of(error))
        else:
            dialog.finish()

    async def create_action(
        self, place: _Place, draft: ActionDraft, dialog: NewActionDialog
    ) -> None:
        """Create it; the dialog closes only if that succeeds."""
        dialog.show_busy()
        try:
            with self._shown.changing():
                created = await self._setup(place).create_action(
                    place.application.code, place.key, draft
                )
        except UserError as error:
            dialog.show_failed(str(error), details_of(error))
        else:
            dialog.finish()
            self._tell(self._panes.actions_pane, place, "ok", f"{type_of(created)} action created.")
        finally:
            self._load_again(place)

    async def _carry_out(self, place: _Place, pane: PaneFrame, work: Work) -> None:
        """Make a change and tell in the pane how it went."""
        self._deleted = ()
        pane.show_loading()
        try:
            with self._shown.changing():
                told = await work(place)
        except UserError as error:
            kind = "info" if getattr(error, "existing", None) else "danger"
            self._tell(pane, place, kind, str(error), details=details_of(error))
        else:
            self._tell(pane, place, "ok", told)
        finally:
            self._load_again(place)

    def _setup(self, place: _Place) -> SetupWriter:
        return self._setup_of(place.connection)

    def _load_again(self, place: _Place) -> None:
        if is_same(self._shown.application, place.application):
            self._shown.reload()

    def _tell(
        self, pane: PaneFrame, place: _Place, kind: str, sentence: str, *, details: str = ""
    ) -> None:
        here = is_same(self._shown.application, place.application)
        again = "Create it again…" if len(self._deleted) == 1 else "Create them again"
        action = again if here and self._deleted else ""
        if not here:
            sentence = f"{name_of(place.application)}: {sentence}"
        pane.banner.show_notice(kind, sentence, action=action, details=details)

    def _place(self) -> _Place | None:
        """Where a change would be made; None if there is nothing, or one is under way."""
        application = self._shown.application
        if application is None or self._tasks.running(CHANGE):
            return None
        return _Place(self._shown.connection, application, self._shown.configuration)

    def _begin(self, place: _Place, pane: PaneFrame, work: Work) -> None:
        """Begin what the user agreed to, unless it is no longer what he was asked."""
        if place.connection != self._shown.connection:
            pane.banner.show_notice("warning", _ELSEWHERE)
        elif not self._tasks.running(CHANGE):
            self._tasks.start(CHANGE, self._carry_out, place, pane, work)

    def _ask(self, place: _Place, pane: PaneFrame, question: Question, work: Work) -> None:
        connection = place.connection
        facts = [*question.facts, ("Application", name_of(place.application))]
        if connection.name:
            facts.append(("Account", f"{connection.name} · {connection.base_url}"))
        typed = connection.name if connection.environment == "production" else ""
        whole = replace(question, facts=facts, typed=typed)
        dialog = ConfirmDialog(whole, self._panes.theme, self._panes.window())
        dialog.accepted.connect(lambda: self._begin(place, pane, work))
        dialog.open()

    def _open_new(
        self, draft: ActionDraft | None = None, replaces: Action | None = None
    ) -> tuple[_Place, NewActionDialog] | None:
        place = self._place()
        if not place or not place.configuration:
            return None
        others = [one for one in self._shown.actions or () if one is not replaces]
        where = ActionPlace(
            application=name_of(place.application),
            configuration=place.key,
            existing=counted(len(others), "action") if others else "",
            listener_url=self._shown.listener_url,
            sandbox=place.connection.environment == "sandbox",
            here=tuple(one.forward_url for one in others if one.forward_url),
            elsewhere=self._urls_elsewhere(place),
            request=partial(_preview, place),
            replaces=f"{type_of(replaces)} · {target_of(replaces)}" if replaces else "",
        )
        dialog = NewActionDialog(where, self._panes.theme, self._panes.window(), draft=draft)
        dialog.open()
        return place, dialog

    def _open_creation(self, draft: ActionDraft | None = None) -> None:
        if not (opened := self._open_new(draft)):
            return
        place, dialog = opened
        dialog.create_requested.connect(
            lambda wanted: self._tasks.start(CHANGE, self.create_action, place, wanted, dialog)
        )

    def _urls_elsewhere(self, place: _Place) -> tuple[str, ...]:
        return tuple(
            action.forward_url
            for known in self._shown.known.every_action()
            if (known.code, known.key) != (place.application.code, place.key)
            for action in known.actions.items
            if action.forward_url
        )

    def _on_create_requested(self) -> None:
        if place := self._place():
            self._begin(place, self._panes.configuration_pane, self.create_configuration)

    def _on_delete_requested(self) -> None:
        place = self._place()
        if not place or not place.configuration:
            return
        facts = [("Configuration", place.key)]
        if self._shown.actions:
            facts.append(("With it", counted(len(self._shown.actions), "action")))
        question = Question(
            "Delete this configuration?", _CONFIGURATION_GOES, "Delete configuration", facts
        )
        self._ask(place, self._panes.configuration_pane, question, self.delete_configuration)

    def _on_delete_actions_requested(self, actions: Sequence[Action]) -> None:
        place = self._place()
        if not place or not place.configuration or not actions:
            return
        shown = [f"{type_of(one)} · {target_of(one)} · {one.key}" for one in actions[:_NAMED]]
        rest = len(actions) - len(shown)
        shown += [f"and {rest:,} more"] if rest else []
        facts = [("Action" if number == 0 else "", words) for number, words in enumerate(shown)]
        if len(actions) == 1 and actions[0].callback_data:
            facts.append(("Callback data", actions[0].callback_data))

        async def delete(place: _Place) -> str:
            return await self.delete_actions(place, actions)

        several = f"{len(actions):,} actions"
        question = Question(
            f"Delete {several}?" if len(actions) > 1 else "Delete this action?",
            _ACTIONS_GO if len(actions) > 1 else _ACTION_GOES,
            f"Delete {several}" if len(actions) > 1 else "Delete action",
            facts,
        )
        self._ask(place, self._panes.actions_pane, question, delete)

    def _on_new_requested(self) -> None:
        self._open_creation()

    def _on_duplicate_requested(self, action: Action) -> None:
        self._open_creation(draft_of(action))

    def _on_replace_requested(self, action: Action) -> None:
        if not (opened := self._open_new(draft_of(action), action)):
            return
        place, dialog = opened
        where = Place(place.application.code, place.key)
        replacement: Replacement | None = None

        def begin(wanted: ActionDraft) -> None:
            nonlocal replacement
            # What was begun is gone on with; a change of mind begins anew.
            if replacement is None or replacement.exists is Exists.OLD:
                replacement = Replacement(
                    self._setup(place), where, action, wanted, dialog.show_steps
                )
            self._tasks.start(CHANGE, self.replace_action, replacement, dialog)

        def withdraw() -> None:
            if replacement:
                self._tasks.start(CHANGE, self.withdraw, replacement, dialog)

        dialog.create_requested.connect(begin)
        dialog.withdraw_requested.connect(withdraw)

    def _on_again_requested(self) -> None:
        drafts, place = self._deleted, self._place()
        if len(drafts) == 1 and drafts[0].type in set(ActionType):
            self._open_creation(drafts[0])
        elif drafts and place:
            self._begin(
                place, self._panes.actions_pane, lambda where: self.create_again(where, drafts)
            )

    def _on_look_up_requested(self) -> None:
        dialog = LookUpDialog(self._panes.theme, self._panes.window())
        dialog.wanted.connect(
            lambda code, by_id: self._tasks.start("look up", self.look_up, code, by_id, dialog)
        )
        dialog.stop_requested.connect(lambda: self._tasks.cancel("look up"))
        dialog.open()

    def _on_raw_requested(self, title: str, raw: object) -> None:
        if isinstance(raw, Mapping):
            RawDialog(title, raw, self._panes.theme, self._panes.window()).open()


def _preview(place: _Place, draft: ActionDraft) -> tuple[str, str]:
    code = place.application.code
    return preview_new_action(
        place.connection.base_url, code, place.key, draft, shown_code=mask_code(code)
    )
