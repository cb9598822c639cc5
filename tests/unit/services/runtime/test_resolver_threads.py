import asyncio
import threading

import pytest

from ibconsole.services.runtime.resolver_threads import ResolverThreads


def test_nobody_waits_for_a_lookup_that_hangs() -> None:
    """The loop closes although a name server never answers."""
    never = threading.Event()

    async def ask() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ResolverThreads())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await loop.run_in_executor(None, never.wait)

    asyncio.run(ask())
    assert not never.is_set()
    never.set()


async def test_answers_and_errors_arrive() -> None:
    """What the work returns or raises is what the waiting one gets."""
    loop = asyncio.get_running_loop()
    lookups = ResolverThreads()

    assert await loop.run_in_executor(lookups, int, "7") == 7
    with pytest.raises(ValueError, match="invalid literal"):
        await loop.run_in_executor(lookups, int, "x")
