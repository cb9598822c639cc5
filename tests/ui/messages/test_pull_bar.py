"""The controls that pull show the true state."""

import pytest
from PySide6.QtWidgets import QDialog

from ibconsole.services.runtime.status import (
    PullLoopMode,
    PullLoopState,
    PullLoopStatus,
    PullState,
    PullStatus,
    Status,
)
from ibconsole.services.runtime.team_status import TeamLink, TeamStatus
from ibconsole.ui.messages.pull_bar import PullBar
from ibconsole.ui.messages.pull_presenter import PullPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.messages.pulls import SANDBOX, asked


async def test_repeated_pulls_in_progress(bar: PullBar, pull_presenter: PullPresenter) -> None:
    """Repeated pulls show what they brought, can be stopped, and allow no other pull."""
    pull_loop = PullLoopStatus(PullLoopMode.AUTO, PullLoopState.WAITING, batches=3, messages=1200)
    pull_presenter.show_status(Status(SANDBOX, PullStatus(PullState.IDLE), pull_loop=pull_loop))

    assert bar.stop.isVisible()
    assert bar.progress.text() == "1,200 messages in 3 pulls"
    assert not bar.pull.isVisible()
    assert not bar.pull_command.isEnabled()
    assert bar.stop_command.isEnabled()

    pull_presenter.show_status(Status(SANDBOX, PullStatus(PullState.IDLE)))
    assert bar.pull.isVisible()
    assert not bar.stop.isVisible()
    assert not bar.stop_command.isEnabled()


async def test_pull_started_elsewhere(bar: PullBar, pull_presenter: PullPresenter) -> None:
    """A pull that was not started in the window is shown too, with what still waits."""
    pull_presenter.show_status(Status(SANDBOX, PullStatus(PullState.PULLING, pending=37)))
    assert not bar.pull.isEnabled()
    assert bar.pull.text() == "Pulling…"
    assert bar.pending.text() == "37 waiting"

    pull_presenter.show_status(Status(SANDBOX, PullStatus(PullState.IDLE)))
    assert bar.pull.isEnabled()
    assert bar.pending.isHidden()


async def test_who_of_the_team_pulls(bar: PullBar, pull_presenter: PullPresenter) -> None:
    """The bar says who of the team has the right to pull, as long as it is another computer."""
    link = TeamLink("db/team", "acme", (SANDBOX.id,), puller="the collector east")
    pull_presenter.show_status(Status(SANDBOX, team=TeamStatus((link,))))
    assert bar.puller.text() == "The collector east pulls"
    assert bar.puller.isVisible()

    pull_presenter.show_status(Status(SANDBOX))
    assert bar.puller.isHidden()


async def test_no_pull_without_a_connection(bar: PullBar, pull_presenter: PullPresenter) -> None:
    """Without a connection the button is disabled, and says why; of no account messages wait."""
    pull_presenter.show_status(Status(pull=PullStatus(PullState.IDLE, pending=37)))

    assert bar.pending.isHidden()
    assert not bar.pull.isEnabled()
    assert "no connection" in bar.pull.toolTip()


@pytest.mark.usefixtures("pull_presenter")
async def test_controls_have_names(bar: PullBar, tasks: UiTasks) -> None:
    """Every control has a name for screen readers."""
    dialog = await asked(bar, tasks, bar.auto_command.trigger)
    controls = (bar.pull, bar.more, bar.limit, bar.stop, dialog.limit, dialog.interval)

    assert all(control.accessibleName() for control in controls)
    dialog.done(QDialog.DialogCode.Rejected)
