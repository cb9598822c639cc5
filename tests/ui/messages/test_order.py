"""The order of the list of messages, and the connections whose messages it has."""

from ibconsole.archive.records import Filter, Order
from ibconsole.ui.messages.order import ScopeChoice
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


def test_the_scope_is_all_connections_unless_there_is_a_team(pane: MessagesPane) -> None:
    """What is chosen for a connection stays its own; without one there is nothing to choose."""
    scope = ScopeChoice(pane)
    chosen: list[tuple[str, bool]] = []
    scope.chosen.connect(lambda uuid, is_all: chosen.append((uuid, is_all)))
    assert scope.is_all
    assert scope.command.disabled_reason

    scope.use("a", has_team=False)
    scope.command.trigger()
    assert chosen == [("a", False)]
    assert scope.restrict(Filter(text="x")) == Filter(text="x", connection="a")
    scope.use("b", has_team=True)
    assert (scope.is_all, scope.is_disk, scope.restrict(Filter())) == (False, False, Filter())
    scope.command.trigger()
    assert (scope.is_all, scope.is_disk, scope.restrict(Filter())) == (True, True, Filter())
    scope.use("a", has_team=False)
    assert not scope.command.isChecked()
    scope.use("a", has_team=False, saved=True)
    assert scope.command.isChecked()


async def test_messages_of_one_connection_are_a_choice(
    pane: MessagesPane, presenter: MessagesPresenter, archive: FakeArchive, tasks: UiTasks
) -> None:
    """The filter has the connection, and a column names it where several are listed."""
    await arrive(presenter, archive, tasks, 3)
    pane.show_connections({"a": "Acme", "b": "Bora"})
    assert not pane.table.isColumnHidden(10)
    pane.scope.use("a", has_team=False)
    assert archive.searches[-1][0] == Filter()

    pane.scope.command.trigger()
    await tasks.settled()

    assert archive.searches[-1][0] == Filter(connection="a")
    assert pane.filter == Filter(connection="a")
    assert pane.table.isColumnHidden(10)
    archive.newest = 0
    await presenter.load(pane.filter)
    assert pane.page.notice.sentence.text() == "No message of this connection is on this disk."
    pane.page.action_requested.emit()
    await tasks.settled()
    assert (pane.scope.is_all, archive.searches[-1][0]) == (True, Filter())
