"""Changes of the setup: configurations are created and deleted, actions deleted and restored.

`action_editor` creates and replaces actions.
"""

from collections.abc import Sequence

from PySide6.QtCore import QObject

from ibconsole.errors import Severity, UserError
from ibconsole.model import Action, ActionDraft, ActionType
from ibconsole.plural import counted
from ibconsole.services.setup import (
    AlreadyExists,
    ChangeProgress,
    ChangeStep,
    StepState,
    create_actions,
    delete_actions,
    draft_of,
    missing_drafts,
)
from ibconsole.ui.setup.action_editor import ActionEditor
from ibconsole.ui.setup.actions import target_of, type_of
from ibconsole.ui.setup.change_runner import ChangeRunner, ChangeTarget, SetupOf
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit import Permit, UiTasks, run_at_once
from ibconsole.ui.widgets import Question

_CONFIGURATION_CONSEQUENCE = (
    "Inbound messages of this application are then neither forwarded nor kept for pulling. This"
    " cannot be undone: a new configuration gets another key, and its actions are probably deleted"
    " with it (the platform does not document it)."
)
_ACTION_CONSEQUENCE = (
    "This action no longer handles inbound messages. You can create it again, but it gets another"
    " key, and messages that arrive in the meantime may be lost."
)
_ACTIONS_CONSEQUENCE = (
    "These actions no longer handle inbound messages. You can create them again, but they get other"
    " keys, and messages that arrive in the meantime may be lost."
)
_PRESENT = "The same action exists already; nothing was created."
# More actions than this are counted instead of listed.
_MAX_LISTED = 5


class ChangeInterrupted(UserError):
    """A change of several actions stopped half-way."""


class ChangesPresenter(QObject):
    """Creates and deletes configurations, deletes and restores actions.

    Each runs through `permit`, which asks the user to unlock the connection if it is locked.
    """

    def __init__(
        self,
        panes: SetupPanes,
        selection: SetupSelection,
        setup_of: SetupOf,
        tasks: UiTasks,
        permit: Permit = run_at_once,
    ) -> None:
        super().__init__(panes)
        self._panes = panes
        self._selection = selection
        self._runner = ChangeRunner(panes, selection, setup_of, tasks, permit)
        self._editor = ActionEditor(panes, selection, self._runner, tasks)
        configuration, actions = panes.configuration_pane, panes.actions_pane
        configuration.create_requested.connect(lambda: permit(self._on_create_requested))
        configuration.delete_requested.connect(lambda: permit(self._on_delete_requested))
        actions.delete_requested.connect(
            lambda chosen: permit(lambda: self._on_delete_actions_requested(chosen))
        )
        actions.banner_action_requested.connect(lambda: permit(self._on_restore_requested))

    async def create_configuration(self, target: ChangeTarget) -> str:
        """Create a configuration; return a sentence about the outcome."""
        created = await self._runner.setup(target).create_configuration(target.application.code)
        self._selection.created_keys.add(created.key)
        return "Configuration created. It has no action yet."

    async def delete_configuration(self, target: ChangeTarget) -> str:
        """Delete the target's configuration; return a sentence about the outcome."""
        await self._runner.setup(target).delete_configuration(target.application.code, target.key)
        return f"Configuration deleted: {target.key}."

    async def delete_actions(self, target: ChangeTarget, actions: Sequence[Action]) -> str:
        """Delete actions one by one; return a sentence about the outcome.

        Raises ChangeInterrupted if some were deleted and some were not.
        """
        pane = self._panes.actions_pane

        def show(steps: tuple[ChangeStep, ...]) -> None:
            done = sum(step.state is StepState.DONE for step in steps)
            pane.set_subtitle(f"deleting {done + 1:,} of {len(steps):,}" if len(steps) > 1 else "")

        progress = ChangeProgress([target_of(action) for action in actions], show)
        setup = self._runner.setup(target)
        outcome = await delete_actions(setup, target.configuration_id, actions, progress)
        self._runner.restorable = tuple(map(draft_of, outcome.done))
        if outcome.error and not outcome.done:
            raise outcome.error
        if outcome.error:
            left = counted(len(outcome.remaining), "action")
            raise ChangeInterrupted(
                f"{counted(len(outcome.done), 'action')} deleted, {left} left: {outcome.error}",
                details=outcome.error.details,
            )
        if len(actions) > 1:
            return f"{counted(len(actions), 'action')} deleted."
        [action] = actions
        goes_to = f": {target_of(action)}" if action.forward_url else ""
        return f"{type_of(action)} action deleted{goes_to}."

    async def restore_actions(self, target: ChangeTarget, drafts: Sequence[ActionDraft]) -> str:
        """Create deleted actions again; return a sentence about the outcome.

        Those that exist by now are left out: another window may have created them, or a request
        whose answer was lost.
        """
        setup = self._runner.setup(target)
        self._runner.restorable = tuple(drafts)
        listed = await setup.actions(target.application.code, target.key)
        drafts = missing_drafts(listed, drafts)
        self._runner.restorable = tuple(drafts)
        if not drafts:
            raise AlreadyExists(_PRESENT)
        progress = ChangeProgress([draft.forward_url for draft in drafts], lambda _: None)
        outcome = await create_actions(setup, target.configuration_id, drafts, progress)
        self._runner.restorable = tuple(drafts[len(outcome.done) :])
        if outcome.error:
            raise outcome.error
        return f"{counted(len(drafts), 'action')} created again, with other keys."

    def _on_create_requested(self) -> None:
        if target := self._runner.target():
            self._runner.start(target, self._panes.configuration_pane, self.create_configuration)

    def _on_delete_requested(self) -> None:
        target = self._runner.target()
        if not target or not target.configuration:
            return
        facts = [("Configuration", target.key)]
        if self._selection.actions:
            facts.append(("Actions in it", f"{len(self._selection.actions):,}"))
        question = Question(
            "Delete this configuration?", _CONFIGURATION_CONSEQUENCE, "Delete configuration", facts
        )
        pane = self._panes.configuration_pane
        self._runner.ask(target, pane, question, self.delete_configuration)

    def _on_delete_actions_requested(self, actions: Sequence[Action]) -> None:
        target = self._runner.target()
        if not target or not target.configuration or not actions:
            return

        async def delete(target: ChangeTarget) -> str:
            return await self.delete_actions(target, actions)

        question = _question_about(actions)
        self._runner.ask(target, self._panes.actions_pane, question, delete)

    def _on_restore_requested(self) -> None:
        drafts = missing_drafts(self._selection.actions or (), self._runner.restorable)
        target = self._runner.target()
        if self._runner.restorable and not drafts:
            self._runner.withdraw_restoration()
            self._panes.actions_pane.banner.show_notice(Severity.INFO, _PRESENT)
        elif len(drafts) == 1 and drafts[0].type in set(ActionType):
            self._editor.open(drafts[0], unique=True)
        elif drafts and target:
            self._runner.start(
                target,
                self._panes.actions_pane,
                lambda target: self.restore_actions(target, drafts),
            )


def _question_about(actions: Sequence[Action]) -> Question:
    """Return the question before actions are deleted; it lists a few and counts the others."""
    shown = [f"{type_of(one)} · {target_of(one)} · {one.key}" for one in actions[:_MAX_LISTED]]
    rest = len(actions) - len(shown)
    shown += [f"and {rest:,} more"] if rest else []
    facts = [("Action" if number == 0 else "", text) for number, text in enumerate(shown)]
    if len(actions) > 1:
        several = f"{len(actions):,} actions"
        return Question(f"Delete {several}?", _ACTIONS_CONSEQUENCE, f"Delete {several}", facts)
    if actions[0].callback_data:
        facts.append(("Callback data", actions[0].callback_data))
    return Question("Delete this action?", _ACTION_CONSEQUENCE, "Delete action", facts)
