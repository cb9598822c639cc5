"""Changes of the setup: configurations are created and deleted, actions deleted.

`action_editor` creates and replaces actions.
"""

from collections.abc import Sequence

from PySide6.QtCore import QObject

from ibconsole.model import Action
from ibconsole.plural import counted
from ibconsole.services.setup import (
    ChangeProgress,
    ChangeStep,
    StepState,
    delete_actions,
)
from ibconsole.ui.setup.action_editor import ActionEditor
from ibconsole.ui.setup.actions import target_of, type_of
from ibconsole.ui.setup.applications import name_of
from ibconsole.ui.setup.change_runner import (
    ChangeInterrupted,
    ChangeRunner,
    ChangeTarget,
    SetupOf,
)
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit import Permit, UiTasks, run_at_once
from ibconsole.ui.widgets import Question

_CONFIGURATION_CONSEQUENCE = (
    "Inbound messages of this application are then neither forwarded nor kept for pulling. Its"
    " actions are probably deleted with it (the platform does not document it). You can undo this,"
    " but everything gets other keys, and messages that arrive in the meantime may be lost."
)
_ACTION_CONSEQUENCE = (
    "This action no longer handles inbound messages. You can undo this, but it gets another key,"
    " and messages that arrive in the meantime may be lost."
)
_ACTIONS_CONSEQUENCE = (
    "These actions no longer handle inbound messages. You can undo this, but they get other keys,"
    " and messages that arrive in the meantime may be lost."
)
# More actions than this are counted instead of listed.
_MAX_LISTED = 5


class ChangesPresenter(QObject):
    """Creates and deletes configurations, deletes actions.

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
        ActionEditor(panes, selection, self._runner, tasks)
        configuration, actions = panes.configuration_pane, panes.actions_pane
        configuration.create_requested.connect(lambda: permit(self._on_create_requested))
        configuration.delete_requested.connect(lambda: permit(self._on_delete_requested))
        actions.delete_requested.connect(
            lambda chosen: permit(lambda: self._on_delete_actions_requested(chosen))
        )

    async def create_configuration(self, target: ChangeTarget) -> str:
        """Create a configuration; return a sentence about the outcome."""
        created = await self._runner.setup(target).create_configuration(target.application.code)
        self._selection.created_keys.add(created.key)
        return "Configuration created. It has no action yet."

    async def delete_configuration(self, target: ChangeTarget) -> str:
        """Delete the target's configuration; return a sentence about the outcome."""
        await self._runner.setup(target).delete_configuration(target.application.code, target.key)
        return f"Configuration of {name_of(target.application)} deleted."

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
