"""Saved filters are those of the open connection; one of them is applied when it is opened."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from ibconsole.archive.records import Filter, Via
from ibconsole.errors import UserError
from ibconsole.services.connections import SavedFilter
from ibconsole.services.runtime.status import ConnectionStatus, Status
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.messages.saved_filters import SavedFiltersPresenter
from ibconsole.ui.toolkit.tasks import UiTasks


class FakeKeeper:
    """Keeps filters in memory, or refuses to."""

    def __init__(self, *kept: SavedFilter) -> None:
        self.kept = [*kept]
        self.broken = False

    async def load(self, connection: str) -> Sequence[SavedFilter]:
        if self.broken:
            raise UserError("The settings cannot be read.")
        return [one for one in self.kept if one.connection == connection]

    async def save(self, kept: SavedFilter) -> Sequence[SavedFilter]:
        self.kept = [*(one for one in self.kept if one.text != kept.text), kept]
        return await self.load(kept.connection)

    async def remove(self, removed: SavedFilter) -> Sequence[SavedFilter]:
        self.kept.remove(removed)
        return await self.load(removed.connection)


STOP, PULLED = SavedFilter("a", "stop & go"), SavedFilter("a", "via:pull", at_start=True)


def opened(connection: str) -> Status:
    return replace(Status(), connection=ConnectionStatus(connection, id=connection))


@pytest.fixture
def keeper() -> FakeKeeper:
    return FakeKeeper(STOP, PULLED)


@pytest.fixture
def saved(pane: MessagesPane, keeper: FakeKeeper, tasks: UiTasks) -> SavedFiltersPresenter:
    return SavedFiltersPresenter(pane.toolbar, keeper, tasks)


def entries(pane: MessagesPane) -> dict[str, QAction]:
    """Return what the menu offers, by its texts, with that of its submenus after a slash."""
    pane.toolbar.saved.fill()
    found = {}
    menu = pane.toolbar.saved.menu()
    assert menu is not None
    for action in menu.actions():
        found[action.text()] = action
        inner = action.menu()
        for one in inner.actions() if isinstance(inner, QMenu) else ():
            found[f"{action.text()}/{one.text()}"] = one
    found.pop("", None)
    return found


async def test_the_filter_of_the_start(
    pane: MessagesPane, saved: SavedFiltersPresenter, tasks: UiTasks
) -> None:
    """The filter for the start is applied once, when the connection is opened."""
    saved.show_status(opened("a"))
    await tasks.settled()
    assert pane.filter == Filter(via=Via.PULL)

    pane.toolbar.apply("typed")
    saved.show_status(opened("a"))
    saved.show_status(opened("b"))
    saved.show_status(opened("a"))
    await tasks.settled()
    assert pane.filter == Filter(text="typed")


async def test_the_menu(
    pane: MessagesPane, saved: SavedFiltersPresenter, keeper: FakeKeeper, tasks: UiTasks
) -> None:
    """A filter is applied by two clicks; others are saved, removed, and chosen for the start."""
    saved.show_status(opened("a"))
    await tasks.settled()
    assert [*entries(pane)] == [
        "stop && go", "via:pull", "Save this filter", "Apply at start", "Apply at start/stop && go",
        "Apply at start/via:pull", "Remove", "Remove/stop && go", "Remove/via:pull",
    ]  # fmt: skip
    assert entries(pane)["Apply at start/via:pull"].isChecked()

    entries(pane)["stop && go"].trigger()
    assert pane.toolbar.search.text() == "stop & go"

    entries(pane)["Remove/stop && go"].trigger()
    await tasks.settled()
    entries(pane)["Apply at start/via:pull"].trigger()
    await tasks.settled()
    pane.toolbar.apply(f" {'x' * 70} ")
    entries(pane)["Save this filter"].trigger()
    await tasks.settled()
    assert keeper.kept == [replace(PULLED, at_start=False), SavedFilter("a", "x" * 70)]
    assert f"{'x' * 60}…" in entries(pane)


async def test_what_cannot_be_saved(
    pane: MessagesPane, saved: SavedFiltersPresenter, keeper: FakeKeeper, tasks: UiTasks
) -> None:
    """Nothing and what is not understood cannot be saved; a failure is shown under the field."""
    keeper.kept.clear()
    assert [*entries(pane)] == ["Save this filter"]
    for text in ("", "via:pul"):
        pane.toolbar.apply(text)
        assert not entries(pane)["Save this filter"].isEnabled()

    keeper.broken = True
    saved.show_status(opened("a"))
    await tasks.settled()
    assert pane.toolbar.problem.text() == "The settings cannot be read."
