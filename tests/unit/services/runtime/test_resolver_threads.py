"""Name look-ups run in threads that are never joined."""

import asyncio
import threading

import pytest

from ibconsole.services.runtime.resolver_threads import ResolverThreads


def test_a_hanging_lookup_does_not_delay_the_end() -> None:
    """The loop closes while a name server still has not answered."""
    never = threading.Event()

    async def look_up() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ResolverThreads())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await loop.run_in_executor(None, never.wait)

    asyncio.run(look_up())
    assert not never.is_set()
    never.set()


async def test_results_and_errors_are_passed_on() -> None:
    """The caller gets the result or the exception of the call."""
    loop = asyncio.get_running_loop()
    executor = ResolverThreads()

    assert await loop.run_in_executor(executor, int, "7") == 7
    with pytest.raises(ValueError, match="invalid literal"):
        await loop.run_in_executor(executor, int, "x")
