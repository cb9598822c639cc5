"""Background tasks of the window: `ibconsole.tasks` with a Qt signal for failures."""

from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

from PySide6.QtCore import QObject, Signal

from ibconsole.tasks import Tasks

P = ParamSpec("P")


class UiTasks(QObject):
    """The coroutines that the window started, held, named and cancellable.

    At most one task of a name runs: starting another cancels it. `failed` is emitted once for
    each failure, with the task's name and its exception.
    """

    failed = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = Tasks(self.failed.emit)

    def start(
        self,
        name: str,
        work: Callable[P, Coroutine[Any, Any, None]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Run a coroutine function in the background under this name; see `Tasks.start`."""
        self._tasks.start(name, work, *args, **kwargs)

    def cancel(self, name: str) -> None:
        """Cancel the task of this name, if there is one."""
        self._tasks.cancel(name)

    def running(self, name: str) -> bool:
        """Return whether a task of this name is unfinished."""
        return self._tasks.running(name)

    async def settled(self) -> None:
        """Wait until all tasks have finished."""
        await self._tasks.settled()

    async def close(self) -> None:
        """Cancel all tasks and wait until they have finished."""
        await self._tasks.close()
