"""The engine's loop: one background thread in which all sockets live.

The window asks from its own loop and awaits the answer; nothing else crosses the border.
A terminal command needs no thread: it runs the same coroutines in its own loop.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from ibconsole.services.runtime.resolver_threads import ResolverThreads

P = ParamSpec("P")
T = TypeVar("T")


class Engine:
    """An asyncio loop in a thread of its own, from `start` to `stop`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(ResolverThreads())
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Begin to run; returns at once."""
        self._thread.start()

    async def call(
        self, work: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run the work on the engine's loop and wait for it without blocking this one.

        Cancelling the wait cancels the work. Its error is raised here as itself.
        """
        return await asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(work(*args, **kwargs), self._loop)
        )

    def stop(self) -> None:
        """End the loop and wait for the thread; what still runs is cancelled first."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        if not self._loop.is_closed():
            self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._wind_up())

    async def _wind_up(self) -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
        await self._loop.shutdown_default_executor()
