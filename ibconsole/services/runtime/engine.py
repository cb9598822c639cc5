"""The engine: an asyncio loop in one background thread, which owns all sockets.

The window submits coroutines from its own loop and awaits their results; nothing else crosses
between the two threads. A terminal command needs no thread: it runs the same coroutines in its
own loop.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from ibconsole.services.runtime.resolver_threads import ResolverThreads

P = ParamSpec("P")
T = TypeVar("T")


class Engine:
    """An asyncio loop that runs in its own thread from `start` to `stop`."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(ResolverThreads())
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Start the thread; return without waiting for it."""
        self._thread.start()

    async def call(
        self, work: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a coroutine function on the engine's loop and await its result on this one.

        Cancelling the wait cancels the work. An exception of the work is raised here unchanged.
        """
        return await asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(work(*args, **kwargs), self._loop)
        )

    def stop(self) -> None:
        """Cancel the remaining tasks, stop the loop and wait for the thread to end. Blocks."""
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
            self._loop.run_until_complete(self._shut_down())

    async def _shut_down(self) -> None:
        remaining = asyncio.all_tasks() - {asyncio.current_task()}
        for task in remaining:
            task.cancel()
        await asyncio.gather(*remaining, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
        await self._loop.shutdown_default_executor()
