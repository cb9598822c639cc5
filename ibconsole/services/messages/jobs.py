"""Long jobs in a worker thread, with progress and cancellation; export and import as such."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

import msgspec

from ibconsole.archive import JobCancelled, Progress, ProgressCallback
from ibconsole.lazy import LazyModule
from ibconsole.services.intake import open_archive
from ibconsole.services.messages.message_reader import RecordFinder, on_disk

if TYPE_CHECKING:
    from ibconsole.services.messages import export as exporting
    from ibconsole.services.messages import import_file as importing
    from ibconsole.services.messages import saving
else:  # imported with the first job, in its thread
    exporting = LazyModule("ibconsole.services.messages.export")
    saving = LazyModule("ibconsole.services.messages.saving")
    importing = LazyModule("ibconsole.services.messages.import_file")

T = TypeVar("T")

_INTERVAL = 0.1  # seconds between two reports of progress


async def run_in_worker(work: Callable[[ProgressCallback], T], on_progress: ProgressCallback) -> T:
    """Run the work in a thread; call `on_progress` on this loop, at most 10 times a second.

    The first report of each stage is never left out. Cancelling raises JobCancelled in the
    work at its next report, and waits until the work has cleaned up.
    """
    loop = asyncio.get_running_loop()
    cancelled = threading.Event()
    stage, reported_at = "", 0.0

    def report(progress: Progress) -> None:
        nonlocal stage, reported_at
        if cancelled.is_set():
            raise JobCancelled("It was stopped half-way.")
        now = time.monotonic()
        if progress.stage != stage or now - reported_at >= _INTERVAL:
            stage, reported_at = progress.stage, now
            loop.call_soon_threadsafe(on_progress, progress)

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="job") as thread:
        future = asyncio.wrap_future(thread.submit(work, report))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            cancelled.set()
            await asyncio.wait([future])
            # Retrieved, so that asyncio does not report it: JobCancelled, or an error before.
            future.exception()
            raise


class TransferJobs:
    """Exports and imports; belongs to one loop.

    Imports go into the archive of this disk. Exports come from it as well, unless `find` knows
    another record.
    """

    def __init__(self, archive: Path, find: RecordFinder | None = None) -> None:
        self._archive = archive
        self._find = find or on_disk(archive)

    async def export(
        self,
        target: Path,
        options: "exporting.ExportOptions",
        on_progress: ProgressCallback,
        *,
        replace: bool = False,
    ) -> "exporting.ExportSummary":
        """Export to a file; see `export_file`. Cancelling leaves no file."""
        opener, criteria = self._find(options.criteria)
        found = msgspec.structs.replace(options, criteria=criteria)
        return await run_in_worker(
            lambda report: saving.export_file(opener, target, found, report, replace=replace),
            on_progress,
        )

    async def import_file(
        self, source: Path | BinaryIO, on_progress: ProgressCallback
    ) -> "importing.ImportSummary":
        """Import a file or stream; see `FileImport`. What was imported before cancelling stays."""

        def work(report: ProgressCallback) -> "importing.ImportSummary":
            with open_archive(self._archive) as archive:
                return importing.FileImport(source, archive, folder=self._archive.parent).run(
                    report
                )

        return await run_in_worker(work, on_progress)
