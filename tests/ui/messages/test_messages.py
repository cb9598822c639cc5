"""The list of messages keeps up with the archive, and pulls only when it was told to."""

import asyncio
from array import array
from collections.abc import Sequence

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Filter, Flags, Listing, MessageRow, Order
from ibconsole.errors import UserError
from ibconsole.model.application import read_applications
from ibconsole.services.runtime.status import ArchiveStatus, ConnectionStatus, Status
from ibconsole.ui.messages.messages import MessagesPane, MessagesPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import ROW_HEIGHT, Theme
from tests.ui.made_up import CODE, row

SANDBOX = ConnectionStatus("Sandbox", "http://127.0.0.1:8080", "abcd…", "sandbox")


class Archive:
    """Messages 1 to `newest`; even ones fit the filter "even". Counts the searches."""

    def __init__(self) -> None:
        self.newest = 0
        self.broken = False
        self.searches: list[tuple[Filter, int]] = []
        self.flags = Flags(0)

    def rows(self, ids: Sequence[int]) -> list[MessageRow]:
        return [row(number, flags=self.flags) for number in ids]

    async def search(
        self, wanted: Filter, *, order: Order, after: int = 0, most: int | None = None
    ) -> Listing:
        self.searches.append((wanted, after))
        await asyncio.sleep(0)
        if self.broken:
            raise UserError("The archive cannot be read.")
        step = 2 if wanted.text == "even" else 1
        fitting = [one for one in range(step, self.newest + 1, step) if one > after]
        if order is Order.RECEIVED:
            fitting.sort(key=self.received)
        ids = array(
            "q", fitting if most is None else fitting[len(fitting) - min(most, len(fitting)) :]
        )
        keys = map(self.received, ids) if order is Order.RECEIVED else ()
        return Listing(ids, array("q", keys))

    def received(self, message: int) -> int:
        """Every fourth was received before all others, and so on."""
        return message % 4 * 1000 + message


@pytest.fixture
def archive() -> Archive:
    return Archive()


@pytest.fixture
def names() -> ApplicationNames:
    return ApplicationNames()


@pytest.fixture
def pane(qtbot: QtBot, archive: Archive, names: ApplicationNames, theme: Theme) -> MessagesPane:
    pane = MessagesPane(archive, names, theme)
    pane.resize(1000, 400)
    qtbot.addWidget(pane)
    return pane


@pytest.fixture
def presenter(pane: MessagesPane, archive: Archive, tasks: UiTasks) -> MessagesPresenter:
    return MessagesPresenter(pane, archive, tasks)


def status(archive: Archive, connection: ConnectionStatus = SANDBOX) -> Status:
    counted = ArchiveStatus(messages=archive.newest, newest=archive.newest, path="/archive")
    return Status(connection=connection, archive=counted)


def texts(pane: MessagesPane) -> list[str]:
    return [pane.model.index(place, 6).data() for place in range(pane.model.rowCount())]


async def arrive(
    presenter: MessagesPresenter, archive: Archive, tasks: UiTasks, newest: int
) -> None:
    archive.newest = newest
    presenter.show_status(status(archive))
    await tasks.settled()


async def test_what_arrives_is_put_on_top(
    pane: MessagesPane,
    presenter: MessagesPresenter,
    archive: Archive,
    tasks: UiTasks,
    qtmodeltester: ModelTester,
) -> None:
    """What the archive has is listed newest first, and what comes later is searched for alone."""
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
    archive: Archive,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """Only what fits is listed, also of what arrives later; the selected message stays so."""
    await arrive(presenter, archive, tasks, 5)
    pane.table.selectRow(1)
    qtbot.keyClicks(pane.toolbar.search, "even")
    qtbot.keyClick(pane.toolbar.search, Qt.Key.Key_Return)
    await tasks.settled()
    await arrive(presenter, archive, tasks, 6)

    assert texts(pane) == ["text 6", "text 4", "text 2"]
    assert pane.table.currentIndex().row() == 1


async def test_filter_that_nothing_fits(
    pane: MessagesPane, presenter: MessagesPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """An empty list says whether it is the filter's doing, and offers to take that away."""
    await arrive(presenter, archive, tasks, 1)
    pane.toolbar.search.setText("even")
    pane.toolbar.search.returnPressed.emit()
    await tasks.settled()
    assert pane.page.notice.sentence.text() == "No message fits the filter."

    pane.page.notice.action.click()
    await tasks.settled()
    assert texts(pane) == ["text 1"]
    assert pane.toolbar.search.text() == ""


async def test_kinds_and_application(
    pane: MessagesPane, presenter: MessagesPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """One can look at duplicates alone, and at the messages of the selected application."""
    menu = pane.toolbar.kind.menu()
    assert menu is not None
    next(action for action in menu.actions() if action.text() == "Duplicates").trigger()
    pane.select_application(CODE, "Shop")
    pane.toolbar.only_selected.click()
    assert pane.toolbar.filter == Filter(application=CODE, flags=Flags.DUPLICATE)

    pane.select_application("", "")
    assert pane.toolbar.filter == Filter(flags=Flags.DUPLICATE)
    await tasks.settled()


async def test_broken_archive(
    pane: MessagesPane, presenter: MessagesPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """A search that failed says so, and can be tried again."""
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


@pytest.fixture
async def long_list(
    pane: MessagesPane, presenter: MessagesPresenter, archive: Archive, tasks: UiTasks, qtbot: QtBot
) -> MessagesPane:
    with qtbot.waitExposed(pane):
        pane.show()
    await arrive(presenter, archive, tasks, 100)
    return pane


async def test_rows_do_not_jump(
    long_list: MessagesPane, presenter: MessagesPresenter, archive: Archive, tasks: UiTasks
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
    archive: Archive,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """Space follows: the newest message stays in sight until one scrolls away from it."""
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
    """Ctrl+C copies the row as it is shown, codes masked; Esc backs out; Ctrl+F goes to find."""
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


async def test_names_of_applications(
    pane: MessagesPane,
    presenter: MessagesPresenter,
    archive: Archive,
    names: ApplicationNames,
    tasks: UiTasks,
) -> None:
    """An application is called by its name as soon as that is known."""
    await arrive(presenter, archive, tasks, 1)
    assert pane.model.index(0, 3).data() == "2336…8b53"

    names.learn(read_applications([{"applicationCode": CODE, "name": "Shop"}]))
    assert pane.model.index(0, 3).data() == "Shop"


async def test_flags_are_words(
    pane: MessagesPane, presenter: MessagesPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """What is remarkable about a message is said in words, and explained in the tooltip."""
    archive.flags = Flags.DUPLICATE | Flags.ODD
    await arrive(presenter, archive, tasks, 1)
    cell = pane.model.index(0, 8)

    assert cell.data() == "duplicate, odd"
    assert "arrived before" in cell.data(Qt.ItemDataRole.ToolTipRole)


def test_controls_have_names(pane: MessagesPane) -> None:
    """Everything that can be used has a name for those who cannot see it."""
    bar = pane.toolbar
    controls = (
        bar.unseen, bar.search, bar.kind, bar.only_selected, bar.follow,
        pane.table,
    )  # fmt: skip

    assert all(control.accessibleName() for control in controls)


def numbers(pane: MessagesPane) -> list[int]:
    return [pane.model.id_at(place) for place in range(pane.model.rowCount())]


async def test_order(
    pane: MessagesPane, presenter: MessagesPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """By a click on a header the list is sorted by what the platform says; late ones go between."""
    await arrive(presenter, archive, tasks, 12)
    pane.table.selectRow(0)
    header = pane.table.horizontalHeader()
    header.sectionClicked.emit(1)
    await tasks.settled()

    assert numbers(pane) == [11, 7, 3, 10, 6, 2, 9, 5, 1, 12, 8, 4]
    assert pane.table.currentIndex().row() == 9
    assert not pane.table.isColumnHidden(1)
    assert header.sortIndicatorSection() == 1

    await arrive(presenter, archive, tasks, 14)
    assert numbers(pane) == [11, 7, 3, 14, 10, 6, 2, 13, 9, 5, 1, 12, 8, 4]
    assert pane.table.currentIndex().row() == 11

    header.sectionClicked.emit(4)
    assert header.sortIndicatorSection() == 1
    pane.order.commands[0].trigger()
    await tasks.settled()
    assert numbers(pane) == list(range(14, 0, -1))
    assert [command.isChecked() for command in pane.order.commands] == [True, False]


async def test_the_newest_are_shown_first(
    pane: MessagesPane, presenter: MessagesPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """Of many, one sees the newest at once, and the others when they are found."""
    seen = list[tuple[int, int]]()
    pane.model.modelReset.connect(lambda: seen.append((pane.model.rowCount(), pane.model.id_at(0))))
    pane.model.rowsInserted.connect(
        lambda: seen.append((pane.model.rowCount(), pane.model.id_at(0)))
    )
    await arrive(presenter, archive, tasks, 1_000)

    assert seen == [(256, 1_000), (1_000, 1_000)]
    assert texts(pane)[-1] == "text 1"


async def test_rows_below_do_not_push(
    long_list: MessagesPane, presenter: MessagesPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """What comes in below the first row in sight moves nothing above it."""
    long_list.order.choose(Order.RECEIVED)
    await tasks.settled()
    table = long_list.table
    table.verticalScrollBar().setValue(2 * ROW_HEIGHT)
    top = long_list.model.id_at(2)
    await arrive(presenter, archive, tasks, 104)  # one of them belongs above it, three below
    assert table.verticalScrollBar().value() == 3 * ROW_HEIGHT
    assert long_list.model.id_at(3) == top
