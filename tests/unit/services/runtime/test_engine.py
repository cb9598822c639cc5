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
    """No socket lives on the caller's loop."""

    async def where() -> str:
        return threading.current_thread().name

    assert await engine.call(where) == "engine"


async def test_an_error_crosses_the_border_as_itself(engine: Engine) -> None:
    """What fails in the engine fails the same way for who asked."""

    async def work() -> None:
        raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        await engine.call(work)


async def test_cancelling_the_wait_cancels_the_work(engine: Engine) -> None:
    """A load that nobody waits for any more is not carried on."""
    begun, ended = threading.Event(), threading.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    waiter = asyncio.get_running_loop().create_task(engine.call(work))
    await asyncio.to_thread(begun.wait, 5)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter

    assert await asyncio.to_thread(ended.wait, 5)


async def test_stopping_lets_work_clean_up() -> None:
    """The end of the program cancels what runs and waits for its clean-up."""
    engine, cleaned, begun = Engine(), threading.Event(), threading.Event()
    engine.start()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.set()

    waiter = asyncio.get_running_loop().create_task(engine.call(work))
    await asyncio.to_thread(begun.wait, 5)
    await asyncio.to_thread(engine.stop)

    assert cleaned.is_set()
    with pytest.raises(asyncio.CancelledError):
        await waiter


def test_an_engine_that_never_ran_can_be_stopped() -> None:
    """Giving up before the start leaves nothing open."""
    Engine().stop()
