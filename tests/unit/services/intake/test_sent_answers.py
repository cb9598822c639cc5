"""Storing of what was sent of planned answers."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from ibconsole.archive import ArchiveError
from ibconsole.model import AnswerOutcome, SentAnswer
from ibconsole.services.intake.sent_answers import SentAnswers
from ibconsole.tasks import Tasks

SENT = SentAnswer(AnswerOutcome.SENT, 1, 0.0, 0)


class Store:
    """A store that keeps each batch, and fails as often as it should."""

    def __init__(self, failures: int = 0) -> None:
        self.batches: list[list[int]] = []
        self._failures = failures

    async def __call__(self, sent: Sequence[tuple[int, SentAnswer]]) -> None:
        if self._failures:
            self._failures -= 1
            raise ArchiveError("The disk is full.")
        self.batches.append([delivery for delivery, _ in sent])


@pytest_asyncio.fixture
async def tasks() -> AsyncIterator[Tasks]:
    tasks = Tasks(lambda name, error: pytest.fail(f"{name}: {error}"))
    yield tasks
    await tasks.close()


async def test_outcomes_share_a_transaction(tasks: Tasks) -> None:
    """Answers that are given at the same time take one transaction."""
    store = Store()
    sent = SentAnswers(store, tasks, interval=0.001)
    for delivery in range(600):
        sent.add(delivery, SENT)

    await tasks.settled()

    assert [len(batch) for batch in store.batches] == [500, 100]


async def test_a_failure_is_tried_again(tasks: Tasks, caplog: pytest.LogCaptureFixture) -> None:
    """What cannot be stored goes with the next outcome, in order, and is logged once."""
    store = Store(failures=2)
    sent = SentAnswers(store, tasks, interval=0.001)
    for delivery in (1, 2):
        sent.add(delivery, SENT)
        await tasks.settled()
    assert [one.getMessage() for one in caplog.records] == [
        "What was sent of answers is not stored: The disk is full."
    ]
    caplog.clear()

    sent.add(3, SENT)
    await tasks.settled()

    assert store.batches == [[1, 2, 3]]


async def test_memory_is_bounded(tasks: Tasks) -> None:
    """While nothing can be stored, the oldest outcomes are given up."""
    store = Store()
    sent = SentAnswers(store, tasks, interval=0.001, most=3)
    for delivery in range(5):
        sent.add(delivery, SENT)
        await asyncio.sleep(0)

    await tasks.settled()

    assert store.batches == [[2, 3, 4]]
