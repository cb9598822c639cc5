"""The list of messages follows the archive; rows and selection stay in place."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Filter
from ibconsole.ui.messages.messages import MessagesPane, MessagesPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import ROW_HEIGHT
from tests.ui.messages.steps import MadeUpArchive, arrive, status, texts


async def test_new_messages_are_put_on_top(
    pane: MessagesPane,
    presenter: MessagesPresenter,
    archive: MadeUpArchive,
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
    archive: MadeUpArchive,
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
    pane: MessagesPane, presenter: MessagesPresenter, archive: MadeUpArchive, tasks: UiTasks
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
    pane: MessagesPane, presenter: MessagesPresenter, archive: MadeUpArchive, tasks: UiTasks
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


async def test_rows_do_not_jump(
    long_list: MessagesPane, presenter: MessagesPresenter, archive: MadeUpArchive, tasks: UiTasks
) -> None:
    """New messages move neither the scroll position nor the selection, and are counted."""
    table = long_list.table
    table.selectRow(10)
    table.verticalScrollBar().setValue(5 * ROW_HEIGHT)
    await arrive(presenter, archive, tasks, 103)

    assert table.verticalScrollBar().value() == 8 * ROW_HEIGHT
    assert table.currentIndex().row() == 13
    assert long_list.toolbar.unseen.text() == "3 new"

    long_list.toolbar.unseen.click()
    assert table.verticalScrollBar().value() == 0
    assert long_list.toolbar.unseen.isHidden()
    assert table.currentIndex().row() == 13


async def test_follow(
    long_list: MessagesPane,
    presenter: MessagesPresenter,
    archive: MadeUpArchive,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """Space follows: the newest message stays in sight until the user scrolls away."""
    table = long_list.table
    qtbot.keyClick(table, Qt.Key.Key_Space)
    await arrive(presenter, archive, tasks, 103)
    assert table.verticalScrollBar().value() == 0
    assert long_list.toolbar.follow.isChecked()

    table.verticalScrollBar().setValue(5 * ROW_HEIGHT)
    assert not long_list.toolbar.follow.isChecked()
    await arrive(presenter, archive, tasks, 104)
    assert table.verticalScrollBar().value() == 6 * ROW_HEIGHT


async def test_keys(long_list: MessagesPane, qtbot: QtBot) -> None:
    """Ctrl+C copies the row with masked codes, Esc clears the selection, Ctrl+F filters."""
    table = long_list.table
    with qtbot.waitSignal(long_list.message_selected) as selected:
        table.selectRow(0)
    assert selected.args == [100]
    QGuiApplication.clipboard().clear()
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text().split("\t")
    assert copied[1:] == [
        "pull", "2336…8b53", "69827EDB-A806-4AF6-A7F6-98298EAA4F14", "KEYWORD",
        "text 100", "3 min 12 s", "",
    ]  # fmt: skip

    with qtbot.waitSignal(long_list.selection_cleared):
        qtbot.keyClick(table, Qt.Key.Key_Escape)
    long_list.focus_filter()
    assert long_list.focusWidget() is long_list.toolbar.search


async def test_newest_are_shown_first(
    pane: MessagesPane, presenter: MessagesPresenter, archive: MadeUpArchive, tasks: UiTasks
) -> None:
    """The newest of many messages are shown at once, the others once they are found."""
    seen = list[tuple[int, int]]()
    pane.model.modelReset.connect(lambda: seen.append((pane.model.rowCount(), pane.model.id_at(0))))
    pane.model.rowsInserted.connect(
        lambda: seen.append((pane.model.rowCount(), pane.model.id_at(0)))
    )
    await arrive(presenter, archive, tasks, 1_000)

    assert seen == [(256, 1_000), (1_000, 1_000)]
    assert texts(pane)[-1] == "text 1"
