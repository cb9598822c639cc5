"""Long work in a thread of its own: told how far it is, and stopped at the next good place."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from ibconsole.archive import Archive, JobCancelled, Progress, ProgressCallback
from ibconsole.services.messages.export import ExportOptions, ExportSummary, write
from ibconsole.services.messages.import_file import Import, Outcome


class TransferJobs:
    """Brings messages out of one archive and into it; belongs to one loop."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive

    async def export(
        self,
        target: Path,
        wish: ExportOptions,
        watch: Callable[[Progress], None],
        *,
        instead: bool = False,
    ) -> ExportSummary:
        """Export to a file; see `exporting.write`. Cancelling leaves no file behind."""
        return await run_in_worker(
            lambda watched: write(self._archive, target, wish, watched, instead=instead), watch
        )

    async def take(self, source: Path, watch: Callable[[Progress], None]) -> Outcome:
        """Import a file; see `Import`. What was taken in before it was cancelled stays."""

        def work(watched: ProgressCallback) -> Outcome:
            with Archive(self._archive) as archive:
                return Import(source, archive).run(watched)

        return await run_in_worker(work, watch)


T = TypeVar("T")

_PAUSE = 0.1  # seconds between two reports of progress


async def run_in_worker(
    work: Callable[[ProgressCallback], T], watch: Callable[[Progress], None]
) -> T:
    """Do the work; `watch` is called on this loop.

    Cancelling stops the work the next time it tells how far it is, and waits until it has
    cleaned up behind itself.
    """
    loop = asyncio.get_running_loop()
    stopped = threading.Event()
    told: tuple[str, float] = ("", 0.0)

    def watched(progress: Progress) -> None:
        nonlocal told
        if stopped.is_set():
            raise JobCancelled("It was stopped half-way.")
        now = time.monotonic()
        if progress.stage != told[0] or now - told[1] >= _PAUSE:
            told = (progress.stage, now)
            loop.call_soon_threadsafe(watch, progress)

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="working") as thread:
        future = asyncio.wrap_future(thread.submit(work, watched))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            stopped.set()
            await asyncio.wait([future])
            future.exception()  # seen: that it was stopped, or what came before that
            raise
