"""The engine runs coroutines on its own loop and returns their results to the caller."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from ibconsole.services.runtime.engine import Engine


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    engine.start()
    yield engine
    engine.stop()


async def test_work_runs_on_the_engines_thread(engine: Engine) -> None:
    """Submitted work runs on the engine's thread, never on the caller's loop."""

    async def where() -> str:
        return threading.current_thread().name

    assert await engine.call(where) == "engine"


async def test_an_error_is_raised_unchanged(engine: Engine) -> None:
    """An exception in the engine is raised unchanged for the caller."""

    async def work() -> None:
        raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        await engine.call(work)


async def test_cancelling_the_wait_cancels_the_work(engine: Engine) -> None:
    """Work whose result is no longer awaited is cancelled."""
    started, ended = threading.Event(), threading.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    waiter = asyncio.get_running_loop().create_task(engine.call(work))
    await asyncio.to_thread(started.wait, 5)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter

    assert await asyncio.to_thread(ended.wait, 5)


async def test_stop_waits_for_cleanup() -> None:
    """Stopping the engine cancels running tasks and waits for their clean-up."""
    engine, cleaned, started = Engine(), threading.Event(), threading.Event()
    engine.start()

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.set()

    waiter = asyncio.get_running_loop().create_task(engine.call(work))
    await asyncio.to_thread(started.wait, 5)
    await asyncio.to_thread(engine.stop)

    assert cleaned.is_set()
    with pytest.raises(asyncio.CancelledError):
        await waiter


def test_an_engine_that_was_never_started_can_be_stopped() -> None:
    """Stopping before the start leaves nothing open."""
    Engine().stop()
