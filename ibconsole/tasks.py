"""Background tasks that are referenced, named, cancellable and reported."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Tasks:
    """The background tasks of one owner. `report` gets the name and error of each that fails.

    At most one task of a name runs. Starting a name again cancels the unfinished task and
    begins after its clean-up: the last start wins.
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
        """Cancel the task of that name, if there is one."""
        for task in self._named(name):
            task.cancel()

    def running(self, name: str) -> bool:
        """Return whether a task of that name is unfinished."""
        return bool(self._named(name))

    async def settled(self) -> None:
        """Wait until no task is left, including those that are started in the meantime."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Cancel all tasks and wait until they have ended."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)

    def _named(self, name: str) -> set[asyncio.Task[None]]:
        # A finished task stays in the set until the loop calls `_on_done`; it no longer runs.
        return {task for task in self._tasks if task.get_name() == name and not task.done()}

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._report(task.get_name(), error)


async def run_to_completion(work: Coroutine[Any, Any, T]) -> T:
    """Finish the work even if the caller is cancelled meanwhile, then raise CancelledError.

    For work that must not stop half-way: a batch that the platform handed out has to reach
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
            task.exception()  # retrieved, so that asyncio does not log it
        raise cancelled
    return task.result()
