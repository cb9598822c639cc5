"""Background tasks: names, cancellation, reports."""

import asyncio

import pytest

from ibconsole.tasks import Tasks, run_to_completion


class Reports(list[tuple[str, str]]):
    def __call__(self, name: str, error: BaseException) -> None:
        self.append((name, str(error)))


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def tasks(reports: Reports) -> Tasks:
    return Tasks(reports)


async def test_last_start_wins(tasks: Tasks) -> None:
    """Starting a name again cancels the first run."""
    done: list[str] = []

    async def work(label: str) -> None:
        await asyncio.sleep(0)
        done.append(label)

    tasks.start("load", work, "first")
    tasks.start("load", work, "second")
    await tasks.settled()

    assert done == ["second"]


async def test_successor_waits_for_the_clean_up(tasks: Tasks) -> None:
    """A restarted task begins after its predecessor has cleaned up."""
    events: list[str] = []
    may_end = asyncio.Event()

    async def work(label: str) -> None:
        events.append(f"{label} begins")
        try:
            await may_end.wait()
        finally:
            await asyncio.sleep(0)
            events.append(f"{label} ends")

    tasks.start("load", work, "first")
    await asyncio.sleep(0)
    tasks.start("load", work, "second")
    tasks.start("load", work, "third")
    may_end.set()
    await tasks.settled()

    assert events == ["first begins", "first ends", "third begins", "third ends"]


async def test_failure_is_reported_once_with_its_name(tasks: Tasks, reports: Reports) -> None:
    """An exception of a task is reported once, with the task's name."""

    async def work() -> None:
        raise ValueError("boom")

    tasks.start("load", work)
    await tasks.settled()
    await asyncio.sleep(0)

    assert reports == [("load", "boom")]


async def test_close_cancels_and_waits(tasks: Tasks, reports: Reports) -> None:
    """Closing waits for the clean-up and reports nothing."""
    events: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            events.append("cleaned")

    tasks.start("load", work)
    await asyncio.sleep(0)
    await tasks.close()

    assert events == ["cleaned"]
    assert reports == []


async def test_finished_task_is_not_running(tasks: Tasks) -> None:
    """A task does not count as running from the moment it returns."""
    ended = asyncio.get_running_loop().create_future()

    async def work() -> None:
        ended.set_result(None)

    tasks.start("load", work)
    assert tasks.running("load")
    await ended

    assert not tasks.running("load")


async def test_run_to_completion_survives_cancellation() -> None:
    """The work is finished even if its caller is cancelled more than once."""
    begun, may_end, finished = asyncio.Event(), asyncio.Event(), []

    async def work() -> None:
        begun.set()
        await may_end.wait()
        finished.append("stored")

    waiter = asyncio.get_running_loop().create_task(run_to_completion(work()))
    await begun.wait()
    waiter.cancel()
    await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.sleep(0)
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await waiter

    assert finished == ["stored"]


async def test_run_to_completion_propagates_errors() -> None:
    """An error of the work is raised unchanged."""

    async def work() -> None:
        raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        await run_to_completion(work())
