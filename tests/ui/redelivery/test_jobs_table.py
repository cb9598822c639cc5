"""The table of jobs, and how a job is described."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.archive.ledger.records import RedeliveryState
from ibconsole.errors import Severity
from ibconsole.services.redelivery.async_ledger import RedeliveryRow
from ibconsole.ui.redelivery.jobs_table import (
    JobsTable,
    describe_counts,
    shown_url_of,
    state_text,
    tone_of_job,
)
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.redelivery.rows import job_row


@pytest.mark.parametrize(
    ("shown", "text", "tone"),
    [
        (job_row(RedeliveryState.RUNNING, waiting=1), "running", Severity.INFO),
        (job_row(RedeliveryState.INTERRUPTED, waiting=1), "interrupted", Severity.WARNING),
        (job_row(RedeliveryState.FINISHED, acknowledged=1), "finished", None),
        (job_row(RedeliveryState.FINISHED, unknown=1), "incomplete", Severity.WARNING),
        (job_row(RedeliveryState.FINISHED, undelivered=1), "incomplete", Severity.WARNING),
        (job_row(RedeliveryState.CANCELLED), "cancelled", Severity.MUTED),
    ],
)
def test_what_needs_the_user_is_coloured(
    shown: RedeliveryRow, text: str, tone: Severity | None
) -> None:
    """A job that has ended with messages that were not acknowledged is not called finished."""
    assert (state_text(shown), tone_of_job(shown)) == (text, tone)


def test_counts_are_a_sentence() -> None:
    """States of no message are left out."""
    assert describe_counts(
        job_row(RedeliveryState.RUNNING, acknowledged=2, unknown=1, waiting=3)
    ) == ("2 of 6 messages acknowledged, 1 unknown, 3 waiting.")


def test_jobs_are_listed_without_secrets(theme: Theme, qtbot: QtBot) -> None:
    """The newest job is on top; the log-in of its URL is masked, also in a copy."""
    table = JobsTable(theme, time_display=TimeDisplay())
    qtbot.addWidget(table)
    rows = [
        job_row(RedeliveryState.FINISHED, 1),
        job_row(RedeliveryState.RUNNING, 2, acknowledged=1),
    ]
    table.show_records(rows)
    model = table.model()

    texts = [model.index(0, column).data() for column in range(1, 5)]

    assert texts == ["Give back", shown_url_of(rows[1]), "running", "1 / 1"]
    assert "pw" not in shown_url_of(rows[1])
