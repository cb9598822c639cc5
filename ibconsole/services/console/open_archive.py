"""The archive of a console: its writer, what ended processes left unfinished, its retention."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Self

from ibconsole.archive import Archive, ArchiveError, DecodingResult
from ibconsole.services.intake import ArchiveWriter
from ibconsole.services.messages import Retention, describe_recovery
from ibconsole.services.protection import Protection
from ibconsole.services.runtime import Paths
from ibconsole.tasks import Tasks

log = logging.getLogger(__name__)


class OpenArchive:
    """One archive that is written to, within its `async with` block.

    Retention is applied in the background. `on_decoded` is called after messages were stored,
    `show` with the fields of the status that change: `recovered`, `clock_doubt`.
    """

    def __init__(
        self,
        paths: Paths,
        tasks: Tasks,
        protection: Protection,
        *,
        on_decoded: Callable[[], None],
        show: Callable[..., None],
    ) -> None:
        self._tasks = tasks
        self._show = show
        self._notify_decoded = on_decoded
        self._stack = AsyncExitStack()
        self.writer = ArchiveWriter(paths.archive, tasks, self._on_decoded)
        self.retention = Retention(
            paths.settings, self.writer, on_doubt=self._on_clock_doubt, find=protection.policy
        )

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.writer)
            recovery = await self.writer.run(Archive.recover)
            self._show(recovered=describe_recovery(recovery))
            self._tasks.start("retention", self.retention.run)
            stack.callback(self._tasks.cancel, "retention")
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def take_over(self) -> None:
        """Complete what a process that was killed left unfinished; `status.recovered` says so.

        Without this a pull that ended with its process would be shown as in progress.
        """
        try:
            recovery = await self.writer.run(Archive.take_over)
        except ArchiveError as error:  # tried again; what cannot be read or written says so itself
            log.info("Nothing was taken over from other processes. %s", error)
            return
        if sentence := describe_recovery(recovery):
            self._show(recovered=sentence)

    def _on_clock_doubt(self, sentence: str) -> None:
        self._show(clock_doubt=sentence)
        if sentence:
            log.warning(sentence)

    def _on_decoded(self, decoded: Sequence[DecodingResult]) -> None:
        self._notify_decoded()
        for result in decoded:
            if result.problem:
                log.info("Delivery %d: %s", result.delivery, result.problem)
