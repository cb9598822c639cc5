"""Rows and selection stay in place, whatever arrives."""

from array import array

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Filter, Listing
from ibconsole.errors import Severity
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.messages.presenter import MessagesPresenter
from ibconsole.ui.toolkit.status_text import ResultText
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import ROW_HEIGHT
from tests.ui.messages.steps import FakeArchive, arrive


async def test_rows_do_not_jump(
    long_list: MessagesPane, presenter: MessagesPresenter, archive: FakeArchive, tasks: UiTasks
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
    archive: FakeArchive,
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


def test_the_lag_is_not_cut(pane: MessagesPane) -> None:
    """The longest lag is readable in the width that its column never falls below."""
    pane.resize(870, 400)
    table = pane.table
    columns = {
        table.model().headerData(c, Qt.Orientation.Horizontal): c
        for c in range(table.model().columnCount())
    }

    needed = table.fontMetrics().horizontalAdvance("23 h 59 min")

    assert table.columnWidth(columns["Lag"]) >= needed + ROW_HEIGHT // 2


def test_a_failed_pull_has_details(pane: MessagesPane) -> None:
    """The details of a failed pull are in its banner, folded until the user asks for them."""
    pane.show_state(ResultText(Severity.DANGER, "The platform refused the pull.", "403 FORBIDDEN"))

    banner = pane.page.banner
    assert banner.text.text() == "The platform refused the pull."
    assert banner.details.toPlainText() == "403 FORBIDDEN"
    assert banner.details.isHidden()
    banner.details_button.click()
    assert not banner.details.isHidden()


def test_a_success_takes_no_room(pane: MessagesPane, qtbot: QtBot) -> None:
    """A pull that succeeded is reported by a toast; one with a remark stays above the list."""
    with qtbot.waitSignal(pane.succeeded) as emitted:
        pane.show_state(ResultText(Severity.OK, "2 messages pulled. 5 still waiting."))
    assert emitted.args == ["2 messages pulled. 5 still waiting."]
    assert pane.page.banner.isHidden()

    pane.show_state(ResultText(Severity.WARNING, "2 messages pulled. Another pull took some."))
    assert not pane.page.banner.isHidden()


async def test_matches_are_marked(
    pane: MessagesPane,
    presenter: MessagesPresenter,
    archive: FakeArchive,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """The text of a filter is marked where it was searched, once its matches are listed."""
    await arrive(presenter, archive, tasks, 3)
    pane.toolbar.search.setText("text")
    with qtbot.waitSignal(pane.wanted_changed) as emitted:
        pane.toolbar.search.returnPressed.emit()
        await tasks.settled()
    assert emitted.args == ["text"]
    assert [cells.matches(0)[1] for cells in pane.marked] == [(), (), ((0, 4),)]

    pane.toolbar.clear_filter()
    await tasks.settled()
    assert [cells.wanted for cells in pane.marked] == ["", "", ""]


async def test_searching_for_a_text(pane: MessagesPane) -> None:
    """A text that comes from elsewhere takes the place of the whole filter; none ends it."""
    pane.toolbar.add_criterion("sender", "a", "a")

    pane.search_for("needle")
    assert pane.filter == Filter(text="needle")

    pane.search_for("a:b")
    assert pane.filter == Filter(text="a:b")

    pane.search_for("")
    assert pane.filter == Filter()


def test_nothing_was_found_until_now(pane: MessagesPane) -> None:
    """While older messages are searched, an empty list does not say that nothing matches."""
    pane.show_messages(Listing(array("q")), Filter(text="rare"), complete=False)
    sentence = pane.page.notice.sentence.text()
    pane.add_older(Listing(array("q", [1, 2]), newest=2))
    shown = pane.page.table.isVisibleTo(pane)
    pane.show_messages(Listing(array("q")), Filter(text="rare"), complete=False)
    pane.complete_messages()

    assert sentence == "No match until now. Older messages are being searched."
    assert shown
    assert pane.page.notice.sentence.text() == "No message matches the filter."
