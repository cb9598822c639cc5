"""The bar of a job says what it did, and offers what can be done."""

from datetime import UTC

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from ibconsole.archive.ledger.records import ItemState, RedeliveryState
from ibconsole.clock import now_ms
from ibconsole.services.redelivery.async_ledger import RedeliveryRow
from ibconsole.ui.redelivery.job_bar import JobBar, describe_due
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.redelivery.rows import job_row


@pytest.fixture
def bar(theme: Theme, qtbot: QtBot) -> JobBar:
    bar = JobBar(theme, time_display=TimeDisplay())
    qtbot.addWidget(bar)
    return bar


def offered(bar: JobBar) -> list[str]:
    buttons = (bar.pause, bar.resume, bar.cancel, bar.retry, bar.send_again, bar.accept)
    return [button.text() for button in buttons if not button.isHidden()]


@pytest.mark.parametrize(
    ("row", "buttons", "remark"),
    [
        (job_row(RedeliveryState.RUNNING, waiting=1), ["Pause", "Cancel"], ""),
        (
            job_row(RedeliveryState.INTERRUPTED, waiting=1),
            ["Resume", "Cancel"],
            "The process that ran this job has ended.",
        ),
        (job_row(RedeliveryState.FINISHED, acknowledged=1), [], ""),
        (
            job_row(RedeliveryState.FINISHED, unknown=2),
            ["Send again…", "Count as delivered…"],
            "2 messages are unknown",
        ),
        (
            job_row(RedeliveryState.FINISHED, undelivered=1),
            ["Try again"],
            "1 message is undelivered",
        ),
    ],
)
def test_only_what_is_possible_is_offered(
    bar: JobBar, row: RedeliveryRow, buttons: list[str], remark: str
) -> None:
    """A job that runs can be paused, one that was interrupted resumed, unknown ones decided."""
    bar.show_job(row)

    assert offered(bar) == buttons
    assert remark in bar.remark.text()
    assert bool(remark) == bool(bar.remark.text())


def test_a_paused_job_says_why(bar: JobBar) -> None:
    """The reason of a pause is there, if it was not the user."""
    row = job_row(RedeliveryState.PAUSED, waiting=1)

    bar.show_job(RedeliveryRow(replace(row.job, problem="Nothing is permitted."), row.counts))

    assert bar.remark.text() == "Nothing is permitted."


def test_progress_counts_what_has_ended(bar: JobBar, qtbot: QtBot) -> None:
    """The progress is that of all messages; the states have their numbers in the list."""
    bar.show_job(job_row(RedeliveryState.RUNNING, acknowledged=1, unknown=1, waiting=2))
    with qtbot.waitSignal(bar.filter_changed):
        bar.choose_state(ItemState.UNKNOWN)

    assert (bar.progress.value(), bar.progress.maximum()) == (500, 1000)
    assert (bar.state, bar.states.currentText()) == (ItemState.UNKNOWN, "Unknown (1)")


def test_a_job_that_waits_says_until_when(bar: JobBar) -> None:
    """The time of the next attempt is in the sentence until it has come."""
    now = 1_800_000_000_000  # 08:00 UTC
    row = replace(job_row(RedeliveryState.RUNNING, waiting=1), next_due=now + 300_000)

    assert describe_due(row, now, UTC) == " Next attempt 08:05."
    assert describe_due(row, now + 300_000, UTC) == ""
    bar.show_job(replace(row, next_due=now_ms() + 86_400_000))
    assert "1 waiting. Next attempt " in bar.sentence.text()
    bar.show_job(replace(row, next_due=None))
    assert "Next attempt" not in bar.sentence.text()
