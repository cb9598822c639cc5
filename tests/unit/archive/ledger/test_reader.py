"""Jobs and items are read in pages, while others write."""

from pathlib import Path

from ibconsole.archive.ledger.jobs import JobWriter, NewItem, hold_job
from ibconsole.archive.ledger.reader import LedgerReader, job_lock
from ibconsole.archive.ledger.records import ItemCounts, ItemState, Outcome, RedeliveryState
from tests.unit.archive.ledger.conftest import OpenLedger, ended, new_job


def test_jobs_are_read_in_pages(
    jobs: JobWriter, items: list[NewItem], ledger_reader: LedgerReader
) -> None:
    for _ in range(3):
        jobs.create(new_job(), items)
    first = ledger_reader.jobs(size=2)
    rest = ledger_reader.jobs(first.rest, size=2)

    assert ([one.id for one in first.jobs], first.rest) == ([3, 2], 2)
    assert ([one.id for one in rest.jobs], rest.rest) == ([1], None)
    assert (ledger_reader.job(2), ledger_reader.job(9)) == (first.jobs[1], None)


def test_items_are_read_in_pages_by_state(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger, ledger_reader: LedgerReader
) -> None:
    job = jobs.create(new_job(), items)
    open_ledger(job).exchange([], 1)

    first = ledger_reader.items(job, size=3)
    assert [one.message_id for one in first.items] == ["a", "b", "c"]
    assert [one.message_id for one in ledger_reader.items(job, after=first.rest or 0).items] == [
        "d"
    ]
    sending = ledger_reader.items(job, ItemState.SENDING)
    assert ([one.id for one in sending.items], sending.rest) == ([1], None)
    assert ledger_reader.counts(job) == ItemCounts(waiting=3, sending=1)
    assert ledger_reader.counts(job).total == 4


def test_a_message_shows_where_it_was_sent(
    jobs: JobWriter, items: list[NewItem], ledger_reader: LedgerReader
) -> None:
    for _ in range(2):
        jobs.create(new_job(), items[:2])
    assert [one.job for one in ledger_reader.items_of(items[1].message)] == [2, 1]
    assert ledger_reader.items_of(99) == []
    named = ledger_reader.items_named([items[1].message_id, "", "unknown"])
    assert [(one.job, one.message) for one in named] == [
        (1, items[1].message),
        (2, items[1].message),
    ]


def test_what_is_not_there_is_none(jobs: JobWriter, ledger_reader: LedgerReader) -> None:
    assert ledger_reader.jobs().jobs == ()
    assert ledger_reader.item(1) is None
    assert ledger_reader.chain(1) is None
    assert ledger_reader.answer(1) is None
    assert ledger_reader.edited(1) is None
    assert (ledger_reader.entries(1), ledger_reader.answers(1)) == ([], [])


def test_entries_begin_after_a_number_and_changes_show(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger, ledger_reader: LedgerReader
) -> None:
    before = ledger_reader.data_version()
    ledger = open_ledger(jobs.create(new_job(), items))
    ledger.exchange([ended(one, Outcome.ACKNOWLEDGED) for one in ledger.exchange([], 1)], 0)
    assert [one.number for one in ledger_reader.entries(1, after=1)] == [2, 3]
    assert [one.number for one in ledger_reader.entries(1, size=2)] == [1, 2]
    assert ledger_reader.data_version() != before


def test_nothing_runs_where_nothing_can_be_written(
    path: Path, jobs: JobWriter, items: list[NewItem], ledger_reader: LedgerReader
) -> None:
    """A copy on read-only media of an archive whose job was running lists it as interrupted."""
    job = jobs.create(new_job(), items)
    jobs.set_state(job, RedeliveryState.RUNNING)
    lock = job_lock(path, job)
    lock.path.mkdir(parents=True)
    assert ledger_reader.jobs().jobs[0].state is RedeliveryState.INTERRUPTED


def test_what_an_interrupted_job_was_sending_is_unknown(
    jobs: JobWriter, items: list[NewItem], open_ledger: OpenLedger, ledger_reader: LedgerReader
) -> None:
    """Nothing is being sent any more, also before the next run has noted that."""
    job = jobs.create(new_job(), items)
    open_ledger(job).exchange([], 2)
    with hold_job(jobs._path, job):
        jobs.set_state(job, RedeliveryState.RUNNING)
        assert ledger_reader.counts(job) == ItemCounts(waiting=2, sending=2)
        assert [one.state for one in ledger_reader.items_of(items[1].message)] == ["sending"]

    assert ledger_reader.counts(job) == ItemCounts(waiting=2, unknown=2)
    assert [one.id for one in ledger_reader.items(job, ItemState.UNKNOWN).items] == [1, 2]
    assert ledger_reader.items(job, ItemState.SENDING).items == ()
    for found in (
        ledger_reader.items(job).items[0],
        ledger_reader.item(1),
        ledger_reader.items_of(items[0].message)[0],
        (ledger_reader.chain(1) or [None])[0],
    ):
        assert found
        assert (found.state, "program ended" in found.problem) == (ItemState.UNKNOWN, True)
