"""Commands on jobs are asked about where they cannot be taken back."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibconsole.archive.ledger.records import Decision, ItemState, RedeliveryState
from ibconsole.ui.redelivery.job_commands import DecisionRequest, JobCommands, JobTargets
from ibconsole.ui.toolkit.commands import Command
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.confirm import ConfirmDialog
from tests.ui.redelivery.rows import job_row

RUNNING = job_row(RedeliveryState.RUNNING, waiting=1)
LEFT = job_row(RedeliveryState.FINISHED, unknown=2, undelivered=1)


class Chosen:
    """What is selected in the tab."""

    targets = JobTargets()

    def __call__(self) -> JobTargets:
        return self.targets


@pytest.fixture
def chosen() -> Chosen:
    return Chosen()


@pytest.fixture
def commands(chosen: Chosen, theme: Theme, qtbot: QtBot) -> Iterator[JobCommands]:
    parent = QWidget()
    qtbot.addWidget(parent)
    yield JobCommands(chosen, list, theme, parent)
    for dialog in parent.findChildren(ConfirmDialog):
        dialog.done(0)


def enabled(commands: JobCommands) -> list[str]:
    every = (*commands.on_job, *commands.on_items)
    assert all(one.isEnabled() or one.disabled_reason for one in every)
    return [one.name for one in every if one.isEnabled()]


@pytest.mark.parametrize(
    ("targets", "names"),
    [
        (JobTargets(), []),
        (JobTargets(RUNNING), ["Pause the job", "Cancel the job…"]),
        (
            JobTargets(job_row(RedeliveryState.PAUSED, waiting=1)),
            ["Resume the job", "Cancel the job…"],
        ),
        (
            JobTargets(LEFT, [1, 2], answers=(3, 4)),
            [
                "Send all undelivered messages of the job again",
                "Send all unknown messages of the job again…",
                "Count all unknown messages of the job as delivered…",
                "Compare two answers…",
                "Send the selected messages again…",
                "Count the selected unknown messages as delivered…",
                "Copy row of the job",
            ],
        ),
    ],
)
def test_only_what_is_possible_is_enabled(
    commands: JobCommands, chosen: Chosen, targets: JobTargets, names: list[str]
) -> None:
    """What cannot be done says why."""
    chosen.targets = targets
    commands.update()

    assert enabled(commands) == names


def confirm(commands: JobCommands, command: Command) -> str:
    """Trigger a command, agree to its question, and return its title."""
    command.trigger()
    [dialog] = [one for one in commands._pane.findChildren(ConfirmDialog) if one.isVisible()]
    dialog.proceed.click()
    return dialog.windowTitle()


@pytest.mark.parametrize(
    ("name", "title", "request_"),
    [
        (
            "send_all_again",
            "Send all 2 unknown messages again?",
            DecisionRequest(1, Decision.RESEND),
        ),
        (
            "accept",
            "Count 1 selected message as delivered?",
            DecisionRequest(1, Decision.ACCEPT, (5,)),
        ),
    ],
)
def test_decisions_are_asked_for(
    commands: JobCommands,
    chosen: Chosen,
    qtbot: QtBot,
    name: str,
    title: str,
    request_: DecisionRequest,
) -> None:
    """A decision about unknown messages says what it means before it is recorded."""
    chosen.targets = JobTargets(LEFT, [5])
    commands.update()
    with qtbot.waitSignal(commands.decision_requested) as decided:
        asked = confirm(commands, getattr(commands, name))

    assert asked == title
    assert decided.args == [request_]


def test_refused_messages_are_sent_again_without_a_question(
    commands: JobCommands, chosen: Chosen, qtbot: QtBot
) -> None:
    """For certain the endpoint has not got them: nothing can arrive twice."""
    chosen.targets = JobTargets(LEFT)
    commands.update()
    with qtbot.waitSignal(commands.decision_requested) as decided:
        commands.retry_all.trigger()

    assert decided.args == [DecisionRequest(1, Decision.RESEND, None, ItemState.UNDELIVERED)]


def test_a_job_is_cancelled_after_a_question(
    commands: JobCommands, chosen: Chosen, qtbot: QtBot
) -> None:
    """A job cannot be resumed once it is cancelled; pausing it needs no question."""
    chosen.targets = JobTargets(RUNNING)
    commands.update()
    with qtbot.waitSignal(commands.pause_requested):
        commands.pause.trigger()
    with qtbot.waitSignal(commands.cancel_requested) as cancelled:
        asked = confirm(commands, commands.cancel)

    assert (asked, cancelled.args) == ("Cancel this job?", [1])
