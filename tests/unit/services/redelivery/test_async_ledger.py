"""The window reads jobs, items and histories on a connection of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ibconsole.archive.ledger.jobs import JobWriter, hold_job
from ibconsole.archive.ledger.records import (
    Decision,
    EntryKind,
    ItemCounts,
    ItemState,
    RedeliveryState,
)
from ibconsole.services.comparison.stored import NothingToCompare
from ibconsole.services.redelivery.async_ledger import AsyncLedger
from tests.unit.services.redelivery.conftest import MakeJob


@pytest.fixture
async def ledger(path: Path) -> AsyncIterator[AsyncLedger]:
    ledger = AsyncLedger(path)
    yield ledger
    await ledger.close()


async def test_jobs_have_their_counts(ledger: AsyncLedger, make_job: MakeJob) -> None:
    make_job([1, 2])
    make_job([3])

    found = await ledger.jobs()
    older = await ledger.jobs(before=2)

    assert [(row.id, row.counts) for row in found.rows] == [
        (2, ItemCounts(waiting=1)),
        (1, ItemCounts(waiting=2)),
    ]
    assert ([row.id for row in older.rows], found.rest) == ([1], None)


async def test_a_running_job_says_when_it_is_due(
    ledger: AsyncLedger, make_job: MakeJob, path: Path
) -> None:
    """Only while it runs: nothing is sent before a user resumes a job."""
    make_job([1])
    with hold_job(path, 1), JobWriter(path) as writer:
        writer.set_state(1, RedeliveryState.RUNNING)
        running = await ledger.job(1)
        listed = await ledger.jobs()
    interrupted = await ledger.job(1)

    assert running
    assert (running.next_due, listed.rows) == (0, (running,))
    assert interrupted
    assert interrupted.next_due is None


async def test_an_item_has_its_history(ledger: AsyncLedger, make_job: MakeJob, path: Path) -> None:
    """A decision is an entry, and a commit of another connection is noticed."""
    make_job([1, 2])
    before = await ledger.version()
    with JobWriter(path) as writer:
        writer.decide(Decision.SKIP, [2], by="anna")

    history = await ledger.history(2)
    page = await ledger.items(1, ItemState.WAITING)

    assert history is not None
    assert [entry.kind for entry in history.entries][-1] is EntryKind.DECISION
    assert history.answers == ()
    assert [item.id for item in page.items] == [1]
    assert await ledger.version() != before
    assert await ledger.history(9) is None


async def test_only_recorded_answers_are_compared(ledger: AsyncLedger, make_job: MakeJob) -> None:
    make_job([1])
    with pytest.raises(NothingToCompare, match="no answer 7"):
        await ledger.compare_answers(7, 8)
