"""Long work: told, and stopped."""

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


async def test_out_and_in(tmp_path: Path) -> None:
    """What one archive exports another takes in, and both tell how far they are."""
    here, there = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    with Archive(here) as archive:
        archive.decode(archive.add_forwards([arrival(batch({"messageId": "1"}))]))
    told = list[Progress]()

    exported = await TransferJobs(here).export(
        tmp_path / "file", ExportOptions(revealed=True), told.append
    )
    outcome = await TransferJobs(there).take(tmp_path / "file", told.append)

    assert exported.messages == outcome.taken.messages == 1
    assert {progress.stage for progress in told} == {"Exporting", "Importing"}


async def test_failures_are_sentences(tmp_path: Path) -> None:
    """What goes wrong in the thread is raised where it was asked for."""
    with pytest.raises(ArchiveError, match="no archive"):
        await TransferJobs(tmp_path / "none").export(
            tmp_path / "file", ExportOptions(), lambda _: None
        )
    assert not (tmp_path / "file").exists()


async def test_progress_comes_on_the_loop() -> None:
    """Each stage is told once at least, on the thread of whoever waits."""
    told = list[tuple[str, threading.Thread]]()

    def work(watch: ProgressCallback) -> str:
        for stage in ("one", "two"):
            for done in range(100):
                watch(Progress(stage, done, 100))
        return "done"

    def note(progress: Progress) -> None:
        told.append((progress.stage, threading.current_thread()))

    assert await run_in_worker(work, note) == "done"
    await asyncio.sleep(0)
    assert [stage for stage, _ in told] == ["one", "two"]
    assert {thread for _, thread in told} == {threading.main_thread()}


async def test_cancelling_waits_for_the_clean_up() -> None:
    """Whoever cancels goes on when the work has ended, and not before."""
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    cleaned_up = threading.Event()

    def work(watch: ProgressCallback) -> None:
        loop.call_soon_threadsafe(begun.set)
        try:
            while True:
                watch(Progress("working"))
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
