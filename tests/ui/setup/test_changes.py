"""Stepwise changes, what is known at once, and a platform that is slow, failing or flapping."""

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ibconsole.api.authorization import ApiKey
from ibconsole.api.platform import Platform
from ibconsole.api.transport import Transport
from ibconsole.model.application import ActionDraft, ActionType
from ibconsole.secret import Secret
from ibconsole.services.runtime.status import Status
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.palette.setup_search import SetupSearch
from ibconsole.ui.setup.action_dialog import NewActionDialog
from ibconsole.ui.setup.look_up_dialog import LookUpDialog
from ibconsole.ui.setup.raw_dialog import RawDialog
from ibconsole.ui.setup.setup import SetupPanes, SetupPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.widgets.confirm import ConfirmDialog
from tests.ui.conftest import SANDBOX
from tests.ui.setup.test_setup import banner, cells, choose, click

NEW_URL = "https://new.example.com/in"


def forget_faults(running: RunningSimulator) -> None:
    running.simulator.state.faults.clear()


async def replacing(panes: SetupPanes, tasks: UiTasks) -> NewActionDialog:
    """The dialog that replaces the only action of an application."""
    choose(panes, "Kestrel Airways")
    await tasks.settled()
    panes.actions_pane.table.selectRow(0)
    panes.actions_pane.replace_command.trigger()
    [dialog] = panes.findChildren(NewActionDialog)
    dialog.url.setText(NEW_URL)
    return dialog


async def test_replacing(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """Replacing names the gap before, and leaves the new action alone in the end."""
    dialog = await replacing(panes, tasks)
    told = "".join(label.text() for label in dialog.findChildren(QLabel))
    assert "messages may be handled twice" in told

    click(qtbot, dialog.submit)
    await tasks.settled()

    assert cells(panes.actions_pane, 1) == [NEW_URL]
    assert banner(panes.actions_pane).startswith("Action replaced")


async def test_a_slip_is_mended(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """What was mistyped is mended with one press, be there something more important to say."""
    dialog = await replacing(panes, tasks)
    dialog.url.setText(f"{NEW_URL},")

    click(qtbot, dialog.better)

    assert dialog.url.text() == NEW_URL
    assert not dialog.better.isVisible()


async def test_replacing_stops_with_both(
    panes: SetupPanes,
    presenter: SetupPresenter,
    running: RunningSimulator,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """If the old action cannot be deleted, that is said, and the change can be taken back."""
    dialog = await replacing(panes, tasks)
    [old] = cells(panes.actions_pane, 1)
    running.simulator.inject_fault("403", times=1, match="DELETE")

    click(qtbot, dialog.submit)
    await tasks.settled()
    assert "Both actions exist now" in dialog.banner.text.text()
    assert "3. Delete the old action: failed." in dialog.steps.text()
    assert not dialog.url.isEnabled()
    assert sorted(cells(panes.actions_pane, 1)) == sorted([old, NEW_URL])

    click(qtbot, dialog.withdraw)
    await tasks.settled()
    assert cells(panes.actions_pane, 1) == [old]
    assert "everything is as it was" in banner(panes.actions_pane)


async def test_replacing_goes_on(
    panes: SetupPanes,
    presenter: SetupPresenter,
    running: RunningSimulator,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """Who tries again does not create a third action: only what is left is done."""
    dialog = await replacing(panes, tasks)
    running.simulator.inject_fault("403", times=1, match="DELETE")
    click(qtbot, dialog.submit)
    await tasks.settled()

    click(qtbot, dialog.submit)
    await tasks.settled()

    assert cells(panes.actions_pane, 1) == [NEW_URL]


async def test_refused_replacement_changes_nothing(
    panes: SetupPanes,
    presenter: SetupPresenter,
    running: RunningSimulator,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """If the new action is refused, only the old one exists, and the draft can be mended."""
    dialog = await replacing(panes, tasks)
    running.simulator.change_settings(max_actions=1)

    click(qtbot, dialog.submit)
    await tasks.settled()

    assert "Only the old action exists" in dialog.banner.text.text()
    assert dialog.url.isEnabled()
    assert len(cells(panes.actions_pane)) == 1


async def delete_all(panes: SetupPanes, tasks: UiTasks, qtbot: QtBot) -> None:
    choose(panes, "Pronto Lunch")
    await tasks.settled()
    panes.actions_pane.table.selectAll()
    panes.actions_pane.delete_command.trigger()
    [question] = panes.findChildren(ConfirmDialog)
    click(qtbot, question.proceed)
    await tasks.settled()


async def test_several_actions_are_deleted(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """Several actions go with one answer, and can be created again together."""
    await delete_all(panes, tasks, qtbot)
    assert cells(panes.actions_pane) == []
    assert banner(panes.actions_pane) == "2 actions deleted."

    click(qtbot, panes.actions_pane.banner.action)
    await tasks.settled()
    assert sorted(cells(panes.actions_pane)) == ["Forward", "Pull"]


async def test_deleting_several_stops(
    panes: SetupPanes,
    presenter: SetupPresenter,
    running: RunningSimulator,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """If one of several cannot be deleted, it is said how many went and how many are left."""
    choose(panes, "Pronto Lunch")
    await tasks.settled()
    second = cells(panes.actions_pane, 3)[1]
    running.simulator.inject_fault("403", times=1, match=f"actions/{second}")

    await delete_all(panes, tasks, qtbot)

    assert cells(panes.actions_pane, 3) == [second]
    assert panes.actions_pane.banner.kind == "danger"
    assert banner(panes.actions_pane).startswith("1 action deleted, 1 action left:")


async def test_known_at_once(
    panes: SetupPanes, presenter: SetupPresenter, running: RunningSimulator, tasks: UiTasks
) -> None:
    """Who comes back to an application sees it at once, and a failed refresh leaves it there."""
    for name in ("Kestrel Airways", "Bora Bank"):
        choose(panes, name)
        await tasks.settled()
    running.simulator.inject_fault("403", times=9, match="configurations")

    choose(panes, "Kestrel Airways")
    assert panes.configuration_pane.has_content
    assert cells(panes.actions_pane) == ["Forward"]

    await tasks.settled()
    assert cells(panes.actions_pane) == ["Forward"]
    assert banner(panes.configuration_pane).startswith("As of ")
    forget_faults(running)
    panes.configuration_pane.banner.action.click()
    await tasks.settled()
    assert banner(panes.configuration_pane) == ""


async def test_quick_clicks_on_a_flapping_platform(
    panes: SetupPanes, presenter: SetupPresenter, running: RunningSimulator, tasks: UiTasks
) -> None:
    """However quickly one clicks, what is shown belongs to what is chosen."""
    running.simulator.inject_fault("slow", times=50, match="configurations", seconds=0.05)
    running.simulator.inject_fault("403", times=3, match="actions", every=2)
    names = cells(panes.applications_pane)
    for name in (*names, *reversed(names), "Kestrel Airways"):
        choose(panes, name)
        await asyncio.sleep(0.002)
    await tasks.settled()
    forget_faults(running)
    presenter.reload()
    await tasks.settled()

    assert presenter.application
    assert presenter.application.name == "Kestrel Airways"
    assert cells(panes.actions_pane) == ["Forward"]
    assert presenter.configuration
    assert panes.configuration_pane.key.value == presenter.configuration.key


async def test_loading_is_shown(
    panes: SetupPanes, presenter: SetupPresenter, running: RunningSimulator, tasks: UiTasks
) -> None:
    """While a slow platform is asked, both panes say that they load, and offer no change."""
    running.simulator.inject_fault("slow", times=9, match="configurations", seconds=0.1)
    choose(panes, "Kestrel Airways")
    await asyncio.sleep(0)
    panes_loading = (panes.configuration_pane, panes.actions_pane)
    assert all(pane.progress.busy for pane in panes_loading)
    assert not panes.actions_pane.new_command.isEnabled()
    assert panes.actions_pane.new_command.why_not

    await tasks.settled()
    assert not any(pane.progress.busy for pane in panes_loading)


async def test_pull_only_key(panes: SetupPanes, running: RunningSimulator, tasks: UiTasks) -> None:
    """A key that may only pull is no failure: the panes say what it can do."""
    key = ApiKey(Secret(running.pull_only_key))
    async with Transport(running.base_url, key) as transport:
        presenter = SetupPresenter(panes, Platform(transport), tasks)
        presenter.show_status(Status(connection=SANDBOX))
        await tasks.settled()

    assert "pulled with it all the same" in panes.applications_pane.notice.sentence.text()
    for pane in (panes.configuration_pane, panes.actions_pane):
        assert pane.notice.sentence.text().startswith("Not for this credential")


async def test_looking_up(
    panes: SetupPanes,
    presenter: SetupPresenter,
    platform: Platform,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """An ID leads to its application only where it is treated as one; else it is said."""
    [wanted, *_] = await platform.applications()
    panes.applications_pane.look_up.trigger()
    [dialog] = panes.findChildren(LookUpDialog)
    dialog.code.setText(wanted.id)
    click(qtbot, dialog.submit)
    await tasks.settled()
    assert dialog.banner.kind == "danger"

    dialog.by_id.setChecked(True)
    click(qtbot, dialog.submit)
    await tasks.settled()
    assert presenter.application == wanted


async def test_unknown_type_cannot_be_copied(
    panes: SetupPanes, presenter: SetupPresenter, platform: Platform, tasks: UiTasks
) -> None:
    """An action of an undocumented type is not turned into another type: it says why not."""
    choose(panes, "Kestrel Airways")
    await tasks.settled()
    [action] = presenter.actions or ()
    strange = type(action)(
        key="k", type="MAIL", forward_url="", callback_data="", raw={"type": "MAIL"}
    )
    panes.actions_pane.show_actions([strange])
    panes.actions_pane.table.selectRow(0)

    assert not panes.actions_pane.duplicate_command.isEnabled()
    assert "not documented" in panes.actions_pane.replace_command.why_not
    assert panes.actions_pane.raw.isEnabled()

    panes.actions_pane.raw.trigger()
    [dialog] = panes.findChildren(RawDialog)
    assert '"MAIL"' in dialog.view.text.toPlainText()
    dialog.close()


async def test_url_is_handed_on(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """The URL of a forward can be tested from its row; a pull has none."""
    choose(panes, "Pronto Lunch")
    await tasks.settled()
    pane = panes.actions_pane
    pane.table.selectRow(cells(pane).index("Pull"))
    assert pane.test_command.why_not == "It forwards nowhere."

    row = cells(pane).index("Forward")
    pane.table.selectRow(row)
    with qtbot.waitSignal(pane.test_requested) as told:
        pane.test_command.trigger()
    assert told.args == [cells(pane, 1)[row]]


async def test_route_follows_the_choice(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks
) -> None:
    """Below the panes stands where a message of the chosen application goes."""
    assert not panes.route.isVisible()
    choose(panes, "Bora Bank")
    await tasks.settled()
    assert "waits on the platform" in panes.route.sentence.text()

    choose(panes, "Marigold Retail")
    await tasks.settled()
    assert "there is no configuration" in panes.route.sentence.text()


async def test_finder_leads_there(
    panes: SetupPanes, presenter: SetupPresenter, platform: Platform, tasks: UiTasks
) -> None:
    """What was read is found by name, key and URL, and choosing it leads to its row."""
    choose(panes, "Lumen Mobile")
    await tasks.settled()
    assert presenter.application
    assert presenter.configuration
    draft = ActionDraft(type=ActionType.HTTP_FORWARD, forward_url=NEW_URL)
    await platform.create_action(presenter.application.code, presenter.configuration.key, draft)
    presenter.reload()
    await tasks.settled()
    search = SetupSearch(presenter.known, presenter.go_to)
    assert [one.title for one in search.search("kestrel", 5)] == ["Kestrel Airways"]
    assert len(search.search("a", 2)) == 2
    assert search.search(" ", 5) == ()

    choose(panes, "Bora Bank")
    await tasks.settled()
    [result] = search.search("new.example", 5)
    result.go()
    await tasks.settled()

    assert presenter.application.name == "Lumen Mobile"
    assert panes.actions_pane.table.record.forward_url == NEW_URL


@pytest.mark.parametrize("fault", ["401", "rubbish"])
async def test_failed_list_offers_retry(
    panes: SetupPanes,
    presenter: SetupPresenter,
    running: RunningSimulator,
    tasks: UiTasks,
    qtbot: QtBot,
    fault: str,
) -> None:
    """A refresh that fails leaves the list, says from when it is, and offers Retry."""
    before = cells(panes.applications_pane)
    running.simulator.inject_fault(fault, times=1)
    presenter.refresh()
    await tasks.settled()
    pane = panes.applications_pane
    assert cells(pane) == before
    assert banner(pane).startswith("As of ")

    qtbot.mouseClick(pane.banner.action, Qt.MouseButton.LeftButton)
    await tasks.settled()
    assert banner(pane) == ""
