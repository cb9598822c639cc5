"""The Qt side of the holder of tasks: a failure becomes a signal."""

from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

from PySide6.QtCore import QObject, Signal

from ibconsole.tasks import Tasks

P = ParamSpec("P")


class UiTasks(QObject):
    """Keeps every coroutine that the window starts; `failed` tells name and error, once each.

    At most one task of a name is at work: the last start wins.
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
        """Run the work in the background; see `Tasks.start`."""
        self._tasks.start(name, work, *args, **kwargs)

    def cancel(self, name: str) -> None:
        """Stop the task of that name, if there is one."""
        self._tasks.cancel(name)

    def running(self, name: str) -> bool:
        """Whether a task of that name is unfinished."""
        return self._tasks.running(name)

    async def settled(self) -> None:
        """Wait until no task is left."""
        await self._tasks.settled()

    async def close(self) -> None:
        """Cancel everything and wait until it has ended."""
        await self._tasks.close()
