"""The list of a job's messages grows at its end and is changed in place."""

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from ibconsole.archive.ledger.records import Decision, ItemState, LedgerItem
from ibconsole.ui.redelivery.items_table import (
    ItemsModel,
    ItemsTable,
    answer_text_of,
    state_of_item,
)
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.redelivery.conftest import CODE

if TYPE_CHECKING:
    # Importing it before pytest-qt has chosen its binding fails.
    from pytestqt.modeltest import ModelTester


def item(number: int, state: ItemState = ItemState.WAITING, problem: str = "") -> LedgerItem:
    return LedgerItem(
        id=number,
        job=1,
        message=number,
        delivery=1,
        message_id=f"m{number}",
        application_code=CODE,
        state=state,
        problem=problem,
    )


def ids(model: ItemsModel) -> list[int]:
    return [model.id_at(row) for row in range(model.rowCount())]


def test_messages_are_in_the_order_of_sending(qtmodeltester: "ModelTester") -> None:
    """The first message is on top; further ones follow the last, and known ones change."""
    model = ItemsModel(ApplicationNames(), TimeDisplay())
    qtmodeltester.check(model)
    model.replace_items([item(3), item(4)])
    model.add_items([item(5), item(6)])
    model.update_items([item(4, ItemState.ACKNOWLEDGED)])

    assert ids(model) == [3, 4, 5, 6]
    assert [model.index(row, 2).data() for row in range(4)] == [
        "waiting",
        "acknowledged",
        "waiting",
        "waiting",
    ]
    assert (model.last, model.index(0, 1).data()) == (6, "2336…el4a")
    model.replace_items(())
    assert (ids(model), model.last) == ([], 0)


def test_decisions_are_said() -> None:
    """A message that is counted as delivered is not just skipped."""
    skipped = replace(item(1, ItemState.SKIPPED), decision=Decision.ACCEPT)
    waiting = replace(item(1, problem="Reset."), decision=Decision.RESEND)

    assert (state_of_item(skipped), answer_text_of(skipped)) == ("counted as delivered", "")
    assert answer_text_of(waiting) == "Reset. · to be sent again"


@pytest.fixture
def table(theme: Theme, qtbot: QtBot) -> ItemsTable:
    table = ItemsTable(ApplicationNames(), theme, time_display=TimeDisplay())
    qtbot.addWidget(table)
    table.resize(600, 200)
    table.show()
    table.feed.replace_items([item(number) for number in range(1, 101)])
    return table


def test_the_visible_part_is_known(table: ItemsTable) -> None:
    """Only the rows in sight, and some around them, are read again while a job runs."""
    before = table.visible_part
    table.scrollToBottom()

    after, size = table.visible_part

    assert before[0] == 0
    assert 60 < after < 100 < after + size


def test_two_messages_are_enough_to_compare(table: ItemsTable) -> None:
    """All selected ids are known; records are read of the first two only."""
    table.selectAll()

    assert (len(table.selected_ids), [one.id for one in table.selected]) == (100, [1, 2])


def test_more_is_wanted_near_the_end(table: ItemsTable, qtbot: QtBot) -> None:
    """Further messages are asked for before the last row is in sight."""
    with qtbot.waitSignal(table.more_wanted):
        table.verticalScrollBar().setValue(60 * 26)
