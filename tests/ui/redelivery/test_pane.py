"""The tab leads from a job to its messages, and from those to their answers."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.archive.ledger.records import ItemState, LedgerItem, RedeliveryState
from ibconsole.errors import UserError
from ibconsole.ui.redelivery.pane import RedeliveryPane
from ibconsole.ui.toolkit.commands import Command, Group
from tests.ui.redelivery.rows import job_row


def item(number: int, answer: int | None = None) -> LedgerItem:
    return LedgerItem(
        id=number,
        job=1,
        message=number + 100,
        delivery=1,
        message_id=f"m{number}",
        application_code="",
        state=ItemState.ACKNOWLEDGED,
        answer=answer,
    )


@pytest.fixture
def filled(pane: RedeliveryPane) -> RedeliveryPane:
    pane.show_jobs([job_row(RedeliveryState.FINISHED, 1, acknowledged=3)], None)
    pane.show_items([item(1, 11), item(2, 12), item(3)], None)
    return pane


def test_the_first_job_is_selected(filled: RedeliveryPane) -> None:
    """There is always a job whose messages are listed, once there is one."""
    assert filled.job is not None
    assert filled.job.id == 1
    assert filled.count.text() == "1 job"


def test_two_messages_have_answers_to_compare(filled: RedeliveryPane, qtbot: QtBot) -> None:
    """The last answers of two selected messages can be compared, if both have one."""
    compare = filled.job_commands.compare
    filled.items.selectRow(0)
    one = compare.isEnabled()
    selection = filled.items.selectionModel()
    rows = selection.SelectionFlag.Select | selection.SelectionFlag.Rows
    selection.select(filled.items.feed.index(1, 0), rows)
    with qtbot.waitSignal(filled.compare_requested) as compared:
        compare.trigger()
    selection.select(filled.items.feed.index(2, 0), rows)

    assert (one, compared.args, compare.isEnabled()) == (False, [(11, 12)], False)


def test_a_message_is_opened_from_its_item(filled: RedeliveryPane, qtbot: QtBot) -> None:
    """Enter leads from an item to the message in the list of messages."""
    filled.items.selectRow(1)
    with qtbot.waitSignal(filled.message_requested) as opened:
        filled.job_commands.show_message.trigger()

    assert opened.args == [102]


def test_another_job_shows_its_own_messages(filled: RedeliveryPane, qtbot: QtBot) -> None:
    """Nothing of the job before stays in sight."""
    filled.items.selectRow(0)
    rows = [job_row(RedeliveryState.RUNNING, 2), job_row(RedeliveryState.FINISHED, 1)]
    filled.show_jobs(rows, 1)
    with qtbot.waitSignal(filled.job_selected):
        filled.select_job(2)

    assert filled.items.feed.rowCount() == 0
    assert (filled.details.history, filled.count.text()) == (None, "2 jobs+")


def test_the_toolbar_runs_the_commands_of_the_window(filled: RedeliveryPane) -> None:
    """Resend and Give back are offered where their results are."""
    asked: list[str] = []
    resend = Command("Resend…", Group.REDELIVERY, lambda: asked.append("resend"), parent=filled)
    give = Command("Give back…", Group.REDELIVERY, lambda: asked.append("give"), parent=filled)
    filled.offer(resend=resend, give_back=give)

    filled.give_back.click()
    filled.resend.click()

    assert asked == ["give", "resend"]


def test_problems_are_said_in_the_tab(filled: RedeliveryPane) -> None:
    """A failed command leaves the list; a failed reading marks it as old."""
    filled.show_problem(UserError("It is run elsewhere."))
    filled.show_failed(UserError("The archive cannot be read."))

    assert filled.page.banner.text.text() == "It is run elsewhere."
    assert filled.items.feed.rowCount() == 3
