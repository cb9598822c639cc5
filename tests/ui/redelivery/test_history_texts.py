"""The texts of an item's history show no secret and no code."""

import pytest

from ibconsole.archive.ledger.records import EntryKind, ItemState, Outcome
from ibconsole.errors import Severity
from ibconsole.services.redelivery.async_ledger import AsyncLedger, ItemHistory
from ibconsole.ui.redelivery.history_texts import (
    answer_in_full,
    compared_pair,
    describe_entry,
    entry_in_full,
    outcome_of,
    summary_of_item,
)
from tests.ui.redelivery.conftest import CODE, JobBook


async def history_of(ledger: AsyncLedger, book: JobBook, outcome: Outcome) -> ItemHistory:
    job = book.make(1)
    book.send(job, outcome)
    page = await ledger.items(job)
    found = await ledger.history(page.items[0].id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("outcome", "title", "tone", "meaning"),
    [
        (Outcome.ACKNOWLEDGED, "Acknowledged", Severity.OK, "acknowledged it"),
        (Outcome.REFUSED, "Undelivered", Severity.DANGER, "no attempt is left"),
        (Outcome.UNKNOWN, "Unknown", Severity.WARNING, "without a decision"),
    ],
)
async def test_a_summary_says_what_a_state_means(
    ledger: AsyncLedger,
    book: JobBook,
    outcome: Outcome,
    title: str,
    tone: Severity,
    meaning: str,
) -> None:
    """The state is explained, with what it means for the message."""
    summary = summary_of_item(await history_of(ledger, book, outcome), "Shop", None)

    assert summary.title == title
    assert [remark.severity for remark in summary.remarks] == [tone]
    assert meaning in summary.remarks[0].sentence
    labels = [fact.label for _, facts in summary.sections for fact in facts]
    assert labels[:4] == ["Message ID", "Application", "Message", "Attempts"]


async def test_entries_are_described_by_kind(ledger: AsyncLedger, book: JobBook) -> None:
    """The chain is readable: where the message comes from, what was sent, what was answered."""
    history = await history_of(ledger, book, Outcome.REFUSED)

    texts = {entry.kind: describe_entry(entry) for entry in history.entries}

    assert texts[EntryKind.ANCHOR].startswith("message 1 of pull 1")
    assert texts[EntryKind.ATTEMPT].startswith("attempt 1 as the platform, 1 message in ")
    assert texts[EntryKind.ANSWER] == "refused, 500, 250 ms"
    full = entry_in_full(history.entries[0], CODE).text
    assert history.entries[0].hash in full
    assert (CODE in full, "anna:pw" in full) == (False, False)


async def test_an_answer_is_shown_in_full(ledger: AsyncLedger, book: JobBook) -> None:
    """Head and body are shown; cookies and codes are masked."""
    history = await history_of(ledger, book, Outcome.REFUSED)

    answer = history.answers[0]
    shown = answer_in_full(answer, CODE)

    assert outcome_of(answer) == "500 Internal Server Error"
    assert shown.text.startswith("500 Internal Server Error\nContent-Type: application/json\n")
    assert "request 1" in shown.text
    assert "secret" not in shown.text
    assert CODE not in shown.text
    assert history.item.state is ItemState.UNDELIVERED


async def test_two_answers_are_compared(ledger: AsyncLedger, book: JobBook) -> None:
    """Neither one answer nor three can be compared."""
    history = await history_of(ledger, book, Outcome.REFUSED)
    [answer] = history.answers

    assert compared_pair([answer]) is None
    assert compared_pair([answer, answer]) == (answer.id, answer.id)
