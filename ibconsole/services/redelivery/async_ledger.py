"""Redeliveries as the window reads them: on a thread and a read-only connection of its own."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import msgspec

from ibconsole.archive.ledger import (
    ItemCounts,
    ItemPage,
    ItemState,
    LedgerEntry,
    LedgerItem,
    LedgerReader,
    Redelivery,
    RedeliveryAnswer,
    RedeliveryState,
)
from ibconsole.services.comparison import NothingToCompare, RowComparison
from ibconsole.services.redelivery.answer_comparison import compare_answers

_PAGE = 200  # items
_MOST_ENTRIES = 1000

P = ParamSpec("P")
T = TypeVar("T")


class RedeliveryRow(msgspec.Struct, frozen=True):
    """A job as a list shows it, with the number of its messages by state.

    `next_due` is the time of the next attempt of a running job of which nothing is under way.
    """

    job: Redelivery
    counts: ItemCounts
    next_due: int | None = None

    @property
    def id(self) -> int:
        """The id of the job."""
        return self.job.id


class RedeliveryRows(msgspec.Struct, frozen=True):
    """Jobs, the newest first; `rest` is the id before which there are more, None if none are."""

    rows: tuple[RedeliveryRow, ...]
    rest: int | None = None


class ItemHistory(msgspec.Struct, frozen=True):
    """An item with its entries in the ledger and the recorded answers, the oldest first."""

    item: LedgerItem
    entries: tuple[LedgerEntry, ...]
    answers: tuple[RedeliveryAnswer, ...]


class AsyncLedger:
    """Reads the redeliveries of one archive; belongs to one loop.

    Every method may raise ArchiveError. The archive is opened by the first of them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        self._reader: LedgerReader | None = None

    async def close(self) -> None:
        """Close the archive."""
        await asyncio.wrap_future(self._thread.submit(self._close))
        self._thread.shutdown()

    async def version(self) -> int:
        """Return a number that changes with every commit of the archive; see `data_version`."""
        return await self._run(LedgerReader.data_version)

    async def jobs(self, before: int | None = None) -> RedeliveryRows:
        """Return the newest jobs, or those before an id, with their counts."""
        return await self._run(_read_jobs, before)

    async def job(self, job: int) -> RedeliveryRow | None:
        """Return a job with its counts; None if there is none with this id."""
        return await self._run(_read_job, job)

    async def items(
        self, job: int, state: ItemState | None = None, after: int = 0, *, size: int = _PAGE
    ) -> ItemPage:
        """Return items of a job with ids above `after`; see `LedgerReader.items`."""
        return await self._run(LedgerReader.items, job, state, after, size=size)

    async def history(self, item: int) -> ItemHistory | None:
        """Return all that is recorded of an item; None if there is none with this id."""
        return await self._run(_read_history, item)

    async def answer(self, answer: int) -> RedeliveryAnswer | None:
        """Return a recorded answer; None if there is none with this id."""
        return await self._run(LedgerReader.answer, answer)

    async def compare_answers(self, left: int, right: int) -> RowComparison:
        """Compare two recorded answers; see `compare_answers`. Raises NothingToCompare."""
        ours, theirs = await self.answer(left), await self.answer(right)
        if ours is None or theirs is None:
            missing = left if ours is None else right
            raise NothingToCompare(f"There is no answer {missing} in this archive.")
        return await asyncio.to_thread(compare_answers, ours, theirs)

    def _close(self) -> None:
        if self._reader:
            self._reader.close()
        self._reader = None

    async def _run(
        self, work: Callable[Concatenate[LedgerReader, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        def call() -> T:
            if self._reader is None:
                self._reader = LedgerReader(self._path)
            return work(self._reader, *args, **kwargs)

        return await asyncio.wrap_future(self._thread.submit(call))


def _read_jobs(reader: LedgerReader, before: int | None) -> RedeliveryRows:
    page = reader.jobs(before)
    rows = tuple(_row_of(reader, job) for job in page.jobs)
    return RedeliveryRows(rows, page.rest)


def _read_job(reader: LedgerReader, job: int) -> RedeliveryRow | None:
    found = reader.job(job)
    return _row_of(reader, found) if found else None


def _row_of(reader: LedgerReader, job: Redelivery) -> RedeliveryRow:
    counts = reader.counts(job.id)
    is_waiting = job.state is RedeliveryState.RUNNING and not counts.sending
    return RedeliveryRow(job, counts, reader.next_due(job.id) if is_waiting else None)


def _read_history(reader: LedgerReader, item: int) -> ItemHistory | None:
    found = reader.item(item)
    if found is None:
        return None
    entries = reader.entries(item, size=_MOST_ENTRIES)
    return ItemHistory(found, tuple(entries), tuple(reader.answers(item)))
