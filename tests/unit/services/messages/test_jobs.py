"""Long jobs: progress and cancellation."""

import asyncio
import threading
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import ArchiveError
from ibconsole.archive.records import Progress, ProgressCallback
from ibconsole.services.messages.export import ExportOptions
from ibconsole.services.messages.jobs import TransferJobs, run_in_worker
from tests.unit.archive.deliveries import arrival, batch


async def test_export_and_import(tmp_path: Path) -> None:
    """A message exported from one archive is imported into another, with progress."""
    source, target = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    with Archive(source) as archive:
        archive.decode(archive.add_forwards([arrival(batch({"messageId": "1"}))]))
    reports = list[Progress]()

    exported = await TransferJobs(source).export(
        tmp_path / "file", ExportOptions(reveal_codes=True), reports.append
    )
    imported = await TransferJobs(target).import_file(tmp_path / "file", reports.append)

    assert exported.messages == imported.imported.messages == 1
    assert {progress.stage for progress in reports} == {"Exporting", "Importing"}


async def test_failure(tmp_path: Path) -> None:
    """An error in the worker thread is raised in the caller."""
    with pytest.raises(ArchiveError, match="no archive"):
        await TransferJobs(tmp_path / "none").export(
            tmp_path / "file", ExportOptions(), lambda _: None
        )
    assert not (tmp_path / "file").exists()


async def test_progress_on_the_loop() -> None:
    """Each stage is reported at least once, on the caller's thread."""
    reports = list[tuple[str, threading.Thread]]()

    def work(report: ProgressCallback) -> str:
        for stage in ("one", "two"):
            for done in range(100):
                report(Progress(stage, done, 100))
        return "done"

    def note(progress: Progress) -> None:
        reports.append((progress.stage, threading.current_thread()))

    assert await run_in_worker(work, note) == "done"
    await asyncio.sleep(0)
    assert [stage for stage, _ in reports] == ["one", "two"]
    assert {thread for _, thread in reports} == {threading.main_thread()}


async def test_cancelling_waits_for_the_clean_up() -> None:
    """Cancelling returns only after the work has cleaned up."""
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    cleaned_up = threading.Event()

    def work(report: ProgressCallback) -> None:
        loop.call_soon_threadsafe(begun.set)
        try:
            while True:
                report(Progress("working"))
        finally:
            cleaned_up.set()

    async def cancelled() -> None:
        async with asyncio.timeout(10) as limit:

            async def soon() -> None:
                await begun.wait()
                limit.reschedule(loop.time())

            async with asyncio.TaskGroup() as group:
                group.create_task(soon())
                await run_in_worker(work, lambda _: None)

    with pytest.raises(TimeoutError):
        await cancelled()
    assert cleaned_up.is_set()
