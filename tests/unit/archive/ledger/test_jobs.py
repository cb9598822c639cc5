"""Jobs and their items are stored before anything is sent, and decisions about them after it."""

from pathlib import Path

import pytest

from ibconsole.archive.errors import ArchiveError
from ibconsole.archive.ledger.exchange import EndedRequest
from ibconsole.archive.ledger.jobs import JobWriter, NewItem, RedeliveryBusy, hold_job
from ibconsole.archive.ledger.reader import LedgerReader
from ibconsole.archive.ledger.records import (
    Decision,
    EntryKind,
    ItemCounts,
    ItemState,
    Outcome,
    RedeliveryState,
)
from tests.unit.archive.ledger.conftest import OpenLedger, ended, new_job


def test_a_job_is_ready_with_its_items(jobs: JobWriter, items: list[NewItem]) -> None:
    job = jobs.job(jobs.create(new_job(batch_size=5), items))
    assert (job.state, job.items, job.options.batch_size) == (RedeliveryState.READY, 4, 5)
    assert jobs.counts(job.id) == ItemCounts(waiting=4)
    assert (job.began_at, job.ended_at) == (None, None)


def test_an_unknown_job_is_named(jobs: JobWriter) -> None:
    with pytest.raises(ArchiveError, match="no redelivery 9"):
        jobs.job(9)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE redelivery SET options = '{'",
        "UPDATE redelivery SET options = printf('%.*c', 100000, '[')",
        "UPDATE redelivery SET kind = 'other'",
        "UPDATE redelivery_item SET decision = 'other'",
    ],
)
def test_a_damaged_row_is_named_before_anything_is_changed(
    jobs: JobWriter, items: list[NewItem], damage: str
) -> None:
    job = jobs.create(new_job(), items)
    jobs._db.execute(damage)

    def decide() -> None:
        jobs.job(job)
        jobs.decide_all(job, Decision.SKIP, ItemState.WAITING, by="user")

    with pytest.raises(ArchiveError, match="is damaged"):
        decide()
    assert jobs.counts(job) == ItemCounts(waiting=4)


def test_a_failure_leaves_an_interrupted_job(
    jobs: JobWriter, items: list[NewItem], path: Path
) -> None:
    """What was not prepared to its end is not ready to run, and the next job tidies it away."""

    def broken() -> object:
        raise LookupError

    with pytest.raises(LookupError):
        jobs.create(new_job(), (broken() for _ in range(1)))  # type: ignore[misc]
    assert jobs.job(1).state is RedeliveryState.INTERRUPTED

    with hold_job(path, 1):
        jobs.create(new_job(), items)
        assert jobs.job(1).state is RedeliveryState.PREPARING
    jobs.create(new_job(), items)
    assert jobs.job(1).state is RedeliveryState.CANCELLED


def test_states_have_their_times(jobs: JobWriter, items: list[NewItem]) -> None:
    job = jobs.create(new_job(), items)
    with hold_job(jobs._path, job):
        jobs.set_state(job, RedeliveryState.RUNNING)
        running = jobs.job(job)
    jobs.set_state(job, RedeliveryState.PAUSED, "No network.")
    paused = jobs.job(job)
    jobs.set_state(job, RedeliveryState.CANCELLED)
    cancelled = jobs.job(job)

    assert (running.state, running.began_at is None) == (RedeliveryState.RUNNING, False)
    assert (paused.state, paused.problem, paused.ended_at) == ("paused", "No network.", None)
    assert (cancelled.began_at, cancelled.ended_at is None) == (running.began_at, False)


def test_one_process_runs_a_job(jobs: JobWriter, items: list[NewItem]) -> None:
    """A job that is marked as running while its lock is free was interrupted."""
    job = jobs.create(new_job(), items)
    with hold_job(jobs._path, job):
        jobs.set_state(job, RedeliveryState.RUNNING)
        assert jobs.job(job).state is RedeliveryState.RUNNING
        with pytest.raises(RedeliveryBusy), hold_job(jobs._path, job):
            pass
    assert jobs.job(job).state is RedeliveryState.INTERRUPTED


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome.UNKNOWN, (Decision.RESEND, ItemState.WAITING)),
        (Outcome.UNKNOWN, (Decision.ACCEPT, ItemState.SKIPPED)),
        (Outcome.UNKNOWN, (Decision.SKIP, ItemState.SKIPPED)),
        (Outcome.REFUSED, (Decision.RESEND, ItemState.WAITING)),
        (Outcome.REFUSED, (Decision.ACCEPT, ItemState.UNDELIVERED)),
        (Outcome.ACKNOWLEDGED, (Decision.RESEND, ItemState.ACKNOWLEDGED)),
    ],
)
def test_decisions_are_entries(
    jobs: JobWriter,
    items: list[NewItem],
    open_ledger: OpenLedger,
    ledger_reader: LedgerReader,
    outcome: Outcome,
    expected: tuple[Decision, ItemState],
) -> None:
    """A decision changes the items it applies to, and says who made it; it changes no others."""
    decision, state = expected
    job = jobs.create(new_job(), items[:1])
    ledger = open_ledger(job)
    [request] = ledger.exchange([], 1)
    ledger.exchange([ended(request, outcome)], 0)
    assert jobs.finish_if_done(job)

    before = ledger_reader.item(1)
    assert before
    changed = jobs.decide(decision, [1], by="anna", reason="asked")

    item, entries = ledger_reader.chain(1) or pytest.fail("no item")
    assert (item.state, changed) == (state, int(state != before.state))
    if changed:
        assert entries[-1].kind is EntryKind.DECISION
        assert '"by":"anna","reason":"asked"' in entries[-1].content
    is_open = state is ItemState.WAITING
    assert jobs.job(job).state is (RedeliveryState.PAUSED if is_open else RedeliveryState.FINISHED)


def test_all_items_of_a_state_are_decided(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger
) -> None:
    job = jobs.create(new_job(), items)
    ledger = open_ledger(job)
    requests = ledger.exchange([], 3)
    ledger.exchange([ended(one, Outcome.UNKNOWN) for one in requests], 0)

    assert jobs.decide_all(job, Decision.ACCEPT, ItemState.UNKNOWN, by="anna") == 3
    assert jobs.counts(job) == ItemCounts(waiting=1, skipped=3)
    assert not jobs.finish_if_done(job)


def test_nothing_of_a_cancelled_job_is_sent_again(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger
) -> None:
    job = jobs.create(new_job(), items[:1])
    ledger = open_ledger(job)
    [request] = ledger.exchange([], 1)
    unknown = EndedRequest(id=request.id, items=request.items, outcome=Outcome.UNKNOWN)
    ledger.exchange([unknown], 0)
    jobs.set_state(job, RedeliveryState.CANCELLED)

    with pytest.raises(ArchiveError, match="was cancelled"):
        jobs.decide(Decision.RESEND, [1], by="anna")
    assert jobs.counts(job) == ItemCounts(unknown=1)
