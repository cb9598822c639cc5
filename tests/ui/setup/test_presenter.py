"""Loading, selecting and looking up, on a platform that is slow, failing or changing."""

import asyncio

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.api.authorization import ApiKey
from ibconsole.api.client import ApiClient
from ibconsole.api.gate import admit_all
from ibconsole.api.platform import Platform
from ibconsole.errors import UserError
from ibconsole.model.application import (
    ActionDraft,
    ActionType,
)
from ibconsole.secret import Secret
from ibconsole.services.runtime.status import Status
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.palette.setup_search import SetupSearch
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.presenter import SetupPresenter
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit.status_text import Indicator
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.conftest import SANDBOX
from tests.ui.setup.conftest import PRODUCTION, GatedSetup
from tests.ui.setup.steps import banner, cells, click, select_application

URL = "https://new.example.com/in"


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("Bora Bank", ["Pull"]),
        ("Kestrel Airways", ["Forward"]),
        ("Pronto Lunch", ["Forward", "Pull"]),
    ],
)
async def test_selecting_loads_configuration_and_actions(
    panes: SetupPanes,
    presenter: SetupPresenter,
    selection: SetupSelection,
    tasks: UiTasks,
    name: str,
    types: list[str],
) -> None:
    """Selecting an application shows its configuration and its actions."""
    select_application(panes, name)
    await tasks.settled()

    assert selection.configuration
    assert panes.configuration_pane.key.value == selection.configuration.key
    assert cells(panes.actions_pane) == types
    assert panes.actions_pane.new.isEnabled()
    assert not panes.actions_pane.delete.isEnabled()


async def test_refresh_keeps_the_selection(
    panes: SetupPanes, presenter: SetupPresenter, selection: SetupSelection, tasks: UiTasks
) -> None:
    """F5 loads everything again and keeps the selection."""
    select_application(panes, "Pronto Lunch")
    await tasks.settled()
    panes.actions_pane.table.selectRow(1)
    before = panes.actions_pane.table.selected_record

    presenter.refresh()
    await tasks.settled()

    assert selection.application
    assert selection.application.name == "Pronto Lunch"
    assert panes.actions_pane.table.selected_record == before


async def test_another_connection(
    panes: SetupPanes, presenter: SetupPresenter, selection: SetupSelection, tasks: UiTasks
) -> None:
    """Nothing of one account is shown for another."""
    select_application(panes, "Bora Bank")
    await tasks.settled()

    presenter.show_status(Status(connection=PRODUCTION))

    assert selection.application is None
    assert not panes.configuration_pane.has_content
    assert cells(panes.applications_pane) == []
    await tasks.settled()
    assert "Bora Bank" in cells(panes.applications_pane)


async def test_a_stale_answer_is_dropped(
    panes: SetupPanes,
    gated: GatedSetup,
    gated_presenter: SetupPresenter,
    selection: SetupSelection,
    tasks: UiTasks,
) -> None:
    """An answer that comes after another application was selected is dropped."""
    select_application(panes, "a")
    await asyncio.sleep(0)
    select_application(panes, "b")
    gated.gates["a"].set()
    await asyncio.sleep(0)
    assert selection.configuration is None
    assert panes.configuration_pane.progress.busy

    gated.gates["b"].set()
    await tasks.settled()

    assert panes.configuration_pane.key.value == "b"
    assert not panes.configuration_pane.progress.busy


async def test_several_configurations(
    panes: SetupPanes, gated: GatedSetup, gated_presenter: SetupPresenter, tasks: UiTasks
) -> None:
    """If the platform lists more configurations than documented, each can be selected."""
    gated.gates["b"].set()
    select_application(panes, "b")
    await tasks.settled()
    assert panes.configuration_pane.several.isVisible()

    panes.configuration_pane.several.setCurrentIndex(1)
    panes.configuration_pane.several.activated.emit(1)
    await tasks.settled()

    assert panes.configuration_pane.key.value == "b2"
    assert cells(panes.actions_pane, 3) == ["b2"]


async def test_a_failed_load_is_shown_once(
    panes: SetupPanes,
    gated: GatedSetup,
    gated_presenter: SetupPresenter,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """One banner says why the panes could not be loaded, and offers Retry; nothing is changed."""
    gated.gates["a"].set()
    gated.failure = UserError("The platform is down.")
    select_application(panes, "a")
    await tasks.settled()
    assert panes.failure.text.text() == "The platform is down."
    for pane in (panes.configuration_pane, panes.actions_pane):
        assert pane.notice.sentence.text() == "Not loaded: see below."
        assert banner(pane) == ""
    assert not panes.actions_pane.new.isEnabled()
    assert not panes.configuration_pane.delete.isEnabled()

    gated.failure = None
    click(qtbot, panes.failure.action)
    await tasks.settled()
    assert panes.configuration_pane.has_content
    assert panes.actions_pane.new.isEnabled()


@pytest.mark.parametrize(("status", "kind"), [(None, Indicator.DANGER), (403, Indicator.WARNING)])
async def test_reachability_is_reported(
    panes: SetupPanes,
    gated: GatedSetup,
    gated_presenter: SetupPresenter,
    tasks: UiTasks,
    status: int | None,
    kind: str,
) -> None:
    """The window learns whether the platform answered; a pull-only key is only a warning."""
    reported: list[str] = []
    gated_presenter.reachability_changed.connect(lambda kind, _sentence: reported.append(kind))
    gated.failure = UserError("No.")
    gated.failure.status = status  # type: ignore[attr-defined]
    gated_presenter.refresh()
    await tasks.settled()

    gated.failure = None
    gated_presenter.refresh()
    await tasks.settled()

    assert reported == [kind, Indicator.OK]
    assert panes.applications_pane.has_content


async def test_without_a_connection_nothing_is_requested(
    panes: SetupPanes, gated: GatedSetup, tasks: UiTasks
) -> None:
    """Without a connection the pane explains how to get one, on refresh as well."""
    presenter = SetupPresenter(panes, SetupSelection(panes), gated, tasks)
    presenter.show_status(Status())
    presenter.refresh()
    await tasks.settled()

    assert not panes.applications_pane.has_content
    assert cells(panes.applications_pane) == []


async def test_cached_setup_is_shown_at_once(
    panes: SetupPanes, presenter: SetupPresenter, running: RunningSimulator, tasks: UiTasks
) -> None:
    """Selecting an application again shows its cached setup, which survives a failed refresh."""
    for name in ("Kestrel Airways", "Bora Bank"):
        select_application(panes, name)
        await tasks.settled()
    running.simulator.inject_fault("403", times=9, match="configurations")

    select_application(panes, "Kestrel Airways")
    assert panes.configuration_pane.has_content
    assert cells(panes.actions_pane) == ["Forward"]

    await tasks.settled()
    assert cells(panes.actions_pane) == ["Forward"]
    assert panes.failure.text.text().startswith("Refresh failed; showing data from ")
    assert panes.configuration_pane.dimmed
    running.simulator.state.faults.clear()
    panes.failure.action.click()
    await tasks.settled()
    assert panes.failure.isHidden()
    assert not panes.configuration_pane.dimmed


async def test_quick_clicks_on_a_flapping_platform(
    panes: SetupPanes,
    presenter: SetupPresenter,
    selection: SetupSelection,
    running: RunningSimulator,
    tasks: UiTasks,
) -> None:
    """However quickly the selection changes, the panes show the selected application."""
    running.simulator.inject_fault("slow", times=50, match="configurations", seconds=0.05)
    running.simulator.inject_fault("403", times=3, match="actions", every=2)
    names = cells(panes.applications_pane)
    for name in (*names, *reversed(names), "Kestrel Airways"):
        select_application(panes, name)
        await asyncio.sleep(0.002)
    await tasks.settled()
    running.simulator.state.faults.clear()
    presenter.reload()
    await tasks.settled()

    assert selection.application
    assert selection.application.name == "Kestrel Airways"
    assert cells(panes.actions_pane) == ["Forward"]
    assert selection.configuration
    assert panes.configuration_pane.key.value == selection.configuration.key


async def test_loading_is_shown(
    panes: SetupPanes, presenter: SetupPresenter, running: RunningSimulator, tasks: UiTasks
) -> None:
    """During a slow request both panes show progress and offer no change."""
    running.simulator.inject_fault("slow", times=9, match="configurations", seconds=0.1)
    select_application(panes, "Kestrel Airways")
    await asyncio.sleep(0)
    loading = (panes.configuration_pane, panes.actions_pane)
    assert all(pane.progress.busy for pane in loading)
    assert not panes.actions_pane.new_command.isEnabled()
    assert panes.actions_pane.new_command.disabled_reason

    await tasks.settled()
    assert not any(pane.progress.busy for pane in loading)


async def test_pull_only_key(panes: SetupPanes, running: RunningSimulator, tasks: UiTasks) -> None:
    """A pull-only key is not a failure: the panes explain what it can do."""
    key = ApiKey(Secret(running.pull_only_key))
    async with ApiClient(running.base_url, key, gate=admit_all) as client:
        presenter = SetupPresenter(panes, SetupSelection(panes), Platform(client), tasks)
        refusals: list[bool] = []
        presenter.listing_refused.connect(lambda: refusals.append(True))
        presenter.show_status(Status(connection=SANDBOX))
        await tasks.settled()

    assert refusals == [True]
    assert "you can still pull messages" in panes.applications_pane.notice.sentence.text()
    for pane in (panes.configuration_pane, panes.actions_pane):
        assert pane.notice.sentence.text().startswith("Not available with this credential")


@pytest.mark.parametrize("fault", ["401", "rubbish"])
async def test_failed_list_offers_retry(
    panes: SetupPanes,
    presenter: SetupPresenter,
    running: RunningSimulator,
    tasks: UiTasks,
    qtbot: QtBot,
    fault: str,
) -> None:
    """A failed refresh keeps the list, dimmed, says when it was read, and offers Retry."""
    before = cells(panes.applications_pane)
    running.simulator.inject_fault(fault, times=1)
    presenter.refresh()
    await tasks.settled()
    pane = panes.applications_pane
    assert cells(pane) == before
    assert pane.dimmed
    assert panes.failure.text.text().startswith("Refresh failed; showing data from ")

    qtbot.mouseClick(panes.failure.action, Qt.MouseButton.LeftButton)
    await tasks.settled()
    assert panes.failure.isHidden()
    assert not pane.dimmed


async def test_search_result_selects_its_row(
    panes: SetupPanes,
    presenter: SetupPresenter,
    selection: SetupSelection,
    platform: Platform,
    tasks: UiTasks,
) -> None:
    """Cached setup is found by name, key and URL, and choosing a result selects its row."""
    select_application(panes, "Lumen Mobile")
    await tasks.settled()
    assert selection.application
    assert selection.configuration
    draft = ActionDraft(type=ActionType.HTTP_FORWARD, forward_url=URL)
    await platform.create_action(selection.application.code, selection.configuration.key, draft)
    presenter.reload()
    await tasks.settled()
    search = SetupSearch(selection.cache, presenter.go_to)
    assert [one.title for one in search.search("kestrel", 5)] == ["Kestrel Airways"]
    assert len(search.search("a", 2)) == 2
    assert search.search(" ", 5) == ()

    select_application(panes, "Bora Bank")
    await tasks.settled()
    [result] = search.search("new.example", 5)
    result.go()
    await tasks.settled()

    assert selection.application.name == "Lumen Mobile"
    assert panes.actions_pane.table.selected_record.forward_url == URL


async def test_route_follows_the_selection(
    panes: SetupPanes, presenter: SetupPresenter, tasks: UiTasks
) -> None:
    """The route below the panes is that of the selected application."""
    assert "Choose an application" in panes.route.sentence.text()
    select_application(panes, "Bora Bank")
    await tasks.settled()
    assert "waits on the platform" in panes.route.sentence.text()

    select_application(panes, "Marigold Retail")
    await tasks.settled()
    assert "there is no configuration" in panes.route.sentence.text()


async def test_an_account_without_applications_says_why_it_is_empty(
    panes: SetupPanes, presenter: SetupPresenter, running: RunningSimulator, tasks: UiTasks
) -> None:
    """Where there is nothing to choose, no pane asks for a choice."""
    running.simulator.state.account._listed.clear()
    presenter.refresh()
    await tasks.settled()
    shown = (
        panes.configuration_pane.notice.sentence.text(),
        panes.actions_pane.notice.sentence.text(),
        panes.route.sentence.text(),
    )
    assert [text.partition(",")[0] for text in shown] == ["No application"] * 3
