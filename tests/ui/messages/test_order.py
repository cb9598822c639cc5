"""The order of the list of messages."""

from ibconsole.archive.records import Order
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.messages.presenter import MessagesPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import ROW_HEIGHT
from tests.ui.messages.steps import FakeArchive, arrive, numbers


async def test_order(
    pane: MessagesPane, presenter: MessagesPresenter, archive: FakeArchive, tasks: UiTasks
) -> None:
    """A click on a header sorts by receipt at the platform; late messages go in between."""
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


async def test_rows_below_do_not_push(
    long_list: MessagesPane, presenter: MessagesPresenter, archive: FakeArchive, tasks: UiTasks
) -> None:
    """Messages inserted below the first visible row do not move it."""
    long_list.order.select(Order.RECEIVED)
    await tasks.settled()
    table = long_list.table
    table.verticalScrollBar().setValue(2 * ROW_HEIGHT)
    top = long_list.model.id_at(2)
    await arrive(
        presenter, archive, tasks, 104
    )  # one of them belongs above the first visible row, three below
    assert table.verticalScrollBar().value() == 3 * ROW_HEIGHT
    assert long_list.model.id_at(3) == top
