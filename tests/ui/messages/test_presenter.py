"""The list of messages follows the archive."""

import asyncio

from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Filter
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.messages.presenter import MessagesPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.messages.steps import FakeArchive, arrive, status, texts


async def test_new_messages_are_put_on_top(
    pane: MessagesPane,
    presenter: MessagesPresenter,
    archive: FakeArchive,
    tasks: UiTasks,
    qtmodeltester: ModelTester,
) -> None:
    """Messages are listed newest first, and only those that arrived since are searched for."""
    await arrive(presenter, archive, tasks, 2)
    await arrive(presenter, archive, tasks, 4)
    presenter.show_status(status(archive))
    await tasks.settled()

    assert texts(pane) == ["text 4", "text 3", "text 2", "text 1"]
    assert archive.searches == [(Filter(), 0), (Filter(), 2)]
    qtmodeltester.check(pane.model)


async def test_filter(
    pane: MessagesPane,
    presenter: MessagesPresenter,
    archive: FakeArchive,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """Only matching messages are listed, also of later ones; the selection is kept."""
    await arrive(presenter, archive, tasks, 5)
    pane.table.selectRow(1)
    qtbot.keyClicks(pane.toolbar.search, "even")
    qtbot.keyClick(pane.toolbar.search, Qt.Key.Key_Return)
    await tasks.settled()
    await arrive(presenter, archive, tasks, 6)

    assert texts(pane) == ["text 6", "text 4", "text 2"]
    assert pane.table.currentIndex().row() == 1


async def test_filter_without_a_match(
    pane: MessagesPane, presenter: MessagesPresenter, archive: FakeArchive, tasks: UiTasks
) -> None:
    """A list that the filter empties says so, and offers to clear the filter."""
    await arrive(presenter, archive, tasks, 1)
    pane.toolbar.search.setText("even")
    pane.toolbar.search.returnPressed.emit()
    await tasks.settled()
    assert pane.page.notice.sentence.text() == "No message matches the filter."

    pane.page.notice.action.click()
    await tasks.settled()
    assert texts(pane) == ["text 1"]
    assert pane.toolbar.search.text() == ""


async def test_broken_archive(
    pane: MessagesPane, presenter: MessagesPresenter, archive: FakeArchive, tasks: UiTasks
) -> None:
    """A failed search is shown, and can be repeated."""
    archive.broken = True
    await arrive(presenter, archive, tasks, 2)
    assert pane.page.notice.sentence.text() == "The archive cannot be read."

    archive.broken = False
    pane.page.notice.retry.click()
    await tasks.settled()
    assert texts(pane) == ["text 2", "text 1"]

    archive.broken = True
    await arrive(presenter, archive, tasks, 3)
    assert texts(pane) == ["text 2", "text 1"]
    assert pane.page._failure.text.text().endswith("may be out of date.")


async def test_newest_are_shown_first(
    pane: MessagesPane, presenter: MessagesPresenter, archive: FakeArchive, tasks: UiTasks
) -> None:
    """The newest of many messages are shown at once, the others once they are found."""
    seen = list[tuple[int, int]]()
    pane.model.modelReset.connect(lambda: seen.append((pane.model.rowCount(), pane.model.id_at(0))))
    pane.model.rowsInserted.connect(
        lambda: seen.append((pane.model.rowCount(), pane.model.id_at(0)))
    )
    await arrive(presenter, archive, tasks, 1_000)

    assert seen == [(256, 1_000), (656, 1_000), (1_000, 1_000)]
    assert texts(pane)[-1] == "text 1"


async def test_count_of_matches(
    pane: MessagesPane, presenter: MessagesPresenter, archive: FakeArchive, tasks: UiTasks
) -> None:
    """The exact number of matches follows the first rows, and counts what arrives."""
    field = pane.toolbar.search
    await arrive(presenter, archive, tasks, 1_000)
    assert field.count.text() == ""

    archive.found.clear()
    field.setText("even")
    field.returnPressed.emit()
    await asyncio.sleep(0.01)
    assert (pane.model.rowCount(), field.count.text(), pane.count) == (256, "…", None)

    archive.found.set()
    await tasks.settled()
    assert (pane.model.rowCount(), field.count.text(), pane.count) == (500, "500", 500)

    await arrive(presenter, archive, tasks, 1_004)
    assert field.count.text() == "502"

    pane.toolbar.clear_filter()
    await tasks.settled()
    assert field.count.text() == ""


async def test_count_of_another_filter(
    pane: MessagesPane, presenter: MessagesPresenter, archive: FakeArchive, tasks: UiTasks
) -> None:
    """A filter that replaces another one ends its search; a failed search has no number."""
    field = pane.toolbar.search
    await arrive(presenter, archive, tasks, 1_000)
    archive.found.clear()
    for text in ("even", "nothing else"):
        field.setText(text)
        field.returnPressed.emit()
        await asyncio.sleep(0.01)
    archive.found.set()
    await tasks.settled()
    assert field.count.text() == "1,000"

    archive.broken = True
    field.returnPressed.emit()
    await tasks.settled()
    assert field.count.text() == ""
