"""Searches keep what the user has selected, and open the newest match otherwise."""

from collections.abc import Awaitable, Callable

import pytest

from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.messages.presenter import MessagesPresenter
from ibconsole.ui.tables.feed_table import FeedTable
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.messages.steps import FakeArchive, arrive

Search = Callable[[str], Awaitable[None]]


@pytest.fixture
def search(long_list: MessagesPane, tasks: UiTasks) -> Search:
    async def search(text: str) -> None:
        long_list.toolbar.search.setText(text)
        long_list.toolbar.search.returnPressed.emit()
        await tasks.settled()

    return search


def selected(pane: MessagesPane) -> int | None:
    return pane.selection.selected


def is_in_sight(table: FeedTable) -> bool:
    return table.viewport().rect().contains(table.visualRect(table.currentIndex()).center())


async def test_newest_match_is_opened(long_list: MessagesPane, search: Search) -> None:
    """A filter opens its newest match, the next filter its own; clearing it keeps the place."""
    shown = list[int]()
    long_list.message_selected.connect(shown.append)
    await search("even")
    assert (selected(long_list), long_list.table.verticalScrollBar().value()) == (100, 0)
    assert shown == [100]

    await search("odd")
    assert selected(long_list) == 99

    await search("")
    assert selected(long_list) == 99


async def test_selected_message_stays_open(long_list: MessagesPane, search: Search) -> None:
    """A message that the user selected stays selected and in sight where it matches."""
    long_list.table.selectRow(70)  # message 30
    await search("even")
    assert selected(long_list) == 30
    assert is_in_sight(long_list.table)

    await search("odd")
    assert selected(long_list) == 99

    long_list.table.selectRow(20)  # message 59
    await search("")
    assert selected(long_list) == 59
    assert is_in_sight(long_list.table)


async def test_message_beyond_the_first_ones(
    long_list: MessagesPane,
    presenter: MessagesPresenter,
    archive: FakeArchive,
    tasks: UiTasks,
    search: Search,
) -> None:
    """A selected message that only the whole list has is selected once that is complete."""
    await arrive(presenter, archive, tasks, 2000)
    await search("even")
    long_list.table.open_row(900)  # message 200

    await search("")
    assert selected(long_list) == 200
    assert is_in_sight(long_list.table)


async def test_message_of_a_link(long_list: MessagesPane, tasks: UiTasks, search: Search) -> None:
    """A listed message is selected in the list as it is; for another one the filter gives way."""
    shown = list[int]()
    long_list.message_selected.connect(shown.append)
    await search("even")
    long_list.open_message(30, "30")
    assert (selected(long_list), long_list.toolbar.search.text()) == (30, "even")

    long_list.open_message(59, "")
    assert shown[-1] == 59
    await tasks.settled()
    assert (selected(long_list), long_list.toolbar.search.text()) == (59, "")

    await search("even")
    long_list.open_message(61, "a b")
    await tasks.settled()
    assert long_list.toolbar.search.text() == 'id:"a b"'


async def test_arrivals_do_not_move_the_place(
    long_list: MessagesPane,
    presenter: MessagesPresenter,
    archive: FakeArchive,
    tasks: UiTasks,
    search: Search,
) -> None:
    """The opened match stays selected and under the eye when newer ones arrive."""
    await search("even")
    before = long_list.table.visualRect(long_list.table.currentIndex())
    await arrive(presenter, archive, tasks, 110)

    assert selected(long_list) == 100
    assert long_list.table.visualRect(long_list.table.currentIndex()) == before
    assert long_list.toolbar.unseen.text() == "5 new"


async def test_followed_list_stays_at_its_newest(long_list: MessagesPane, search: Search) -> None:
    """While the list follows, a search keeps the newest in sight, and goes on to follow."""
    long_list.table.set_follow(True)
    long_list.table.selectRow(70)
    long_list.table.set_follow(True)
    await search("even")

    assert selected(long_list) == 30
    assert long_list.table.follow
    assert long_list.table.verticalScrollBar().value() == 0
