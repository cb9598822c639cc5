"""Holds background tasks, so that none is lost, nameless or silent."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Tasks:
    """Keeps, names, cancels and reports the tasks that nobody awaits on the spot.

    At most one task of a name is at work. Starting a name again cancels the
    unfinished one, and begins once that has cleaned up: the last start wins.
    """

    def __init__(self, report: Callable[[str, BaseException], None]) -> None:
        self._report = report
        self._tasks: set[asyncio.Task[None]] = set()

    def start(
        self,
        name: str,
        work: Callable[P, Coroutine[Any, Any, None]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Run the work in the background; a failure is reported once, with the name."""
        predecessors = self._named(name)
        self.cancel(name)

        async def run() -> None:
            if predecessors:
                await asyncio.wait(predecessors)
            await work(*args, **kwargs)

        task = asyncio.get_running_loop().create_task(run(), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)

    def cancel(self, name: str) -> None:
        """Stop the task of that name, if there is one."""
        for task in self._named(name):
            task.cancel()

    def running(self, name: str) -> bool:
        """Whether a task of that name is unfinished."""
        return bool(self._named(name))

    async def settled(self) -> None:
        """Wait until no task is left, those included that were started meanwhile."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Cancel everything and wait until it has ended."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)

    def _named(self, name: str) -> set[asyncio.Task[None]]:
        # A task that is done stays in the set until the loop calls back: it is no longer at work.
        return {task for task in self._tasks if task.get_name() == name and not task.done()}

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._report(task.get_name(), error)


async def unbroken(work: Coroutine[Any, Any, T]) -> T:
    """Finish the work however often the caller is cancelled meanwhile, then be cancelled.

    For what must not stop half-way: a batch that the platform handed out has to reach
    the disk.
    """
    task = asyncio.get_running_loop().create_task(work)
    cancelled = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled:
        if not task.cancelled():
            task.exception()  # seen, and of no interest any more
        raise cancelled
    return task.result()
