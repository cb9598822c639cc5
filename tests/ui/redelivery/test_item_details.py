"""The details of a message keep what the user looks at."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.archive.ledger.records import Outcome
from ibconsole.services.redelivery.async_ledger import AsyncLedger, ItemHistory
from ibconsole.ui.redelivery.item_details import ItemDetails
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.redelivery.conftest import JobBook


@pytest.fixture
def details(theme: Theme, qtbot: QtBot) -> ItemDetails:
    details = ItemDetails(theme, time_display=TimeDisplay())
    qtbot.addWidget(details)
    return details


@pytest.fixture
async def history(ledger: AsyncLedger, book: JobBook) -> ItemHistory:
    """An item that was sent and refused."""
    job = book.make(1)
    book.send(job, Outcome.REFUSED)
    page = await ledger.items(job)
    found = await ledger.history(page.items[0].id)
    assert found is not None
    return found


async def test_the_last_answer_is_shown_in_full(details: ItemDetails, history: ItemHistory) -> None:
    """Of a message, its last entry and its last answer are open, and what is read stays open."""
    details.show_history(history, "Shop")
    first = details.answer.text.toPlainText()
    details.entries.select_records(1)
    details.tabs.setCurrentIndex(1)

    details.show_history(history, "Shop")

    assert first.startswith("500 Internal Server Error")
    assert details.tabs.tabText(1) == "Ledger (3)"
    assert details.tabs.currentIndex() == 1
    assert details.entries.selected_record.number == 1
    assert '"archive"' in details.entry.text.toPlainText()


async def test_answers_can_be_selected(
    details: ItemDetails, history: ItemHistory, qtbot: QtBot
) -> None:
    """Selected answers are offered to be compared; without a message there are none."""
    details.show_history(history, "Shop")
    before = [one.id for one in details.selected_answers]
    with qtbot.waitSignal(details.answers_changed):
        details.answers.clearSelection()
    note = details.answer.note.text()
    details.show_nothing()

    assert before == [history.answers[0].id]
    assert "select two to compare" in note
    assert (details.history, details.selected_answers) == (None, [])
