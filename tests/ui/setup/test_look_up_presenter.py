"""An application is found by its code or ID, among the listed ones or on the platform."""

import asyncio

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.api.platform import Platform
from ibconsole.errors import Severity, UserError
from ibconsole.services.runtime.status import Status
from ibconsole.ui.setup.look_up_dialog import LookUpDialog
from ibconsole.ui.setup.look_up_presenter import LookUpPresenter
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.presenter import SetupPresenter
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.setup.conftest import PRODUCTION, GatedSetup
from tests.ui.setup.steps import cells, click


async def test_looking_up(
    panes: SetupPanes,
    presenter: SetupPresenter,
    selection: SetupSelection,
    platform: Platform,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """An ID finds its application only if it is treated as an ID; else nothing is found."""
    [wanted, *_] = await platform.applications()
    panes.applications_pane.look_up.trigger()
    [dialog] = panes.findChildren(LookUpDialog)
    dialog.code.setText(wanted.id)
    click(qtbot, dialog.submit)
    await tasks.settled()
    assert dialog.banner.severity == Severity.DANGER

    dialog.by_id.setChecked(True)
    click(qtbot, dialog.submit)
    await tasks.settled()
    assert selection.application == wanted


async def test_look_up_across_a_change_of_connection(
    panes: SetupPanes, gated: GatedSetup, gated_presenter: SetupPresenter, tasks: UiTasks
) -> None:
    """An answer from the previous account never gets into the list of the present one."""
    look_up = panes.findChild(LookUpPresenter)
    assert look_up

    async def switch() -> None:
        gated_presenter.show_status(Status(connection=PRODUCTION))
        await tasks.settled()
        gated.gates["a"].set()

    with pytest.raises(UserError, match="changed meanwhile"):
        await asyncio.gather(look_up.look_up("x", by_id=False), switch())

    assert cells(panes.applications_pane) == ["a", "b"]


async def test_code_of_an_unlisted_application(
    panes: SetupPanes,
    gated: GatedSetup,
    gated_presenter: SetupPresenter,
    selection: SetupSelection,
    tasks: UiTasks,
) -> None:
    """An application that the platform does not list is added to the list and selected."""
    learned: list[list[str]] = []
    gated_presenter.applications_changed.connect(
        lambda applications: learned.append([one.code for one in applications])
    )
    look_up = panes.findChild(LookUpPresenter)
    assert look_up
    gated.gates["x"] = gated.gates["a"]
    gated.gates["a"].set()

    await look_up.look_up("x", by_id=False)
    await tasks.settled()

    assert cells(panes.applications_pane) == ["a", "b", "x"]
    assert learned == [["a", "b", "x"]]
    assert selection.application
    assert selection.application.code == "x"
