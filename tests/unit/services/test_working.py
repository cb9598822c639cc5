"""Long work: told, and stopped."""

import asyncio
import threading

import pytest

from ibconsole.archive import Progress, Watch
from ibconsole.services.working import in_a_thread


async def test_progress_comes_on_the_loop() -> None:
    """Each stage is told once at least, on the thread of whoever waits."""
    told = list[tuple[str, threading.Thread]]()

    def work(watch: Watch) -> str:
        for stage in ("one", "two"):
            for done in range(100):
                watch(Progress(stage, done, 100))
        return "done"

    def note(progress: Progress) -> None:
        told.append((progress.stage, threading.current_thread()))

    assert await in_a_thread(work, note) == "done"
    await asyncio.sleep(0)
    assert [stage for stage, _ in told] == ["one", "two"]
    assert {thread for _, thread in told} == {threading.main_thread()}


async def test_cancelling_waits_for_the_clean_up() -> None:
    """Whoever cancels goes on when the work has ended, and not before."""
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    cleaned_up = threading.Event()

    def work(watch: Watch) -> None:
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
                await in_a_thread(work, lambda _: None)

    with pytest.raises(TimeoutError):
        await cancelled()
    assert cleaned_up.is_set()
