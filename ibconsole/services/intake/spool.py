"""Storage of a pull's answer, piece by piece, buffered while the archive cannot be written.

The platform hands out an answer only once. What the archive cannot store is buffered in memory,
and also in a spill file in case the program ends, until the archive can store it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import msgspec

from ibconsole.archive import ArchiveError, ArchiveUnwritable
from ibconsole.errors import UserError
from ibconsole.services.intake.spill_file import SpillFile

T = TypeVar("T")


class NotStored(UserError):
    """An answer could not be stored in the archive."""


class BodyWriter(Protocol):
    """The part of the archive that stores the body of an answer as it arrives."""

    async def append_answer(self, delivery: int, data: bytes) -> None: ...
    async def partial_answer(self, delivery: int) -> bytes: ...


class SpoolLimits(msgspec.Struct, frozen=True):
    """The limits of a Spool.

    A failed write is repeated every `retry_interval` seconds, for `timeout` seconds. At most
    `buffered_bytes` are held in memory.
    """

    timeout: float = 300.0
    retry_interval: float = 1.0
    buffered_bytes: int = 256 << 20


class Spool:
    """Stores the body of one answer in the archive, and buffers what cannot be stored yet.

    `on_delay` is called with a sentence while something is buffered.
    """

    def __init__(
        self,
        writer: BodyWriter,
        delivery: int,
        spill_file: SpillFile,
        on_delay: Callable[[str], None],
        *,
        limits: SpoolLimits | None = None,
    ) -> None:
        self._writer = writer
        self._delivery = delivery
        self._spill_file = spill_file
        self._on_delay = on_delay
        self._limits = limits or SpoolLimits()
        self._buffer: deque[bytes] = deque()
        self._size = 0

    async def append(self, data: bytes) -> None:
        """Store the next piece of the body, or buffer it.

        Raises NotStored if too much is buffered.
        """
        if not self._buffer:
            try:
                await self._writer.append_answer(self._delivery, data)
            except ArchiveError as error:
                await self._start_buffering(error)
            else:
                return
        self._buffer.append(data)
        self._size += len(data)
        self._spill_file.write(data)
        if self._size > self._limits.buffered_bytes:
            raise NotStored(f"The rest of the answer was not received. {self._location()}")

    async def flush(self) -> None:
        """Store what is buffered. Raises NotStored if the archive stays unwritable."""
        while self._buffer:
            await self.retry(self._append_buffered)
            self._buffer.popleft()
        self._spill_file.discard()

    async def retry(self, write: Callable[[], Awaitable[T]]) -> T:
        """Repeat a write until the archive is writable; return its result.

        Raises NotStored after the time-out.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._limits.timeout
        while True:
            try:
                return await write()
            except ArchiveUnwritable as error:
                if loop.time() >= deadline:
                    raise NotStored(f"{error} {self._location()}") from error
                self._on_delay(f"{error} The answer of the pull is held in memory until then.")
            await asyncio.sleep(self._limits.retry_interval)

    async def _append_buffered(self) -> None:
        await self._writer.append_answer(self._delivery, self._buffer[0])

    async def _start_buffering(self, error: ArchiveError) -> None:
        self._on_delay(f"{error} The answer of the pull is held in memory meanwhile.")
        try:
            beginning = await self._writer.partial_answer(self._delivery)
        except ArchiveError:
            return  # a spill file without the beginning would be useless
        self._spill_file.open(beginning)

    def _location(self) -> str:
        if self._spill_file.path:
            self._spill_file.close()
            return (
                f"What arrived of the answer is in {self._spill_file.path}; `ibconsole messages"
                " adopt` with that name brings it into the archive once there is room."
            )
        if self._buffer:
            return "No other directory was writable either; what was not on disk yet is lost."
        return "All that arrived is on disk; the next start of ibconsole finishes it."
