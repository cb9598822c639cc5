"""The pieces of a pull's answer on their way to the disk, whatever the disk does meanwhile.

Nobody can ask the platform again. What the archive does not take is held in memory, and in a
file elsewhere against the case that the program dies, until the archive takes it.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from ibconsole.archive import ArchiveError, ArchiveUnwritable
from ibconsole.errors import UserError
from ibconsole.services.intake.spill_file import SpillFile

T = TypeVar("T")

_PAUSE = 1.0
_HELD_MOST = 256 << 20  # bytes


class NotStored(UserError):
    """An answer could not be brought into the archive."""


class BodyWriter(Protocol):
    """The archive, as far as bodies that arrive go."""

    async def append_body(self, delivery: int, data: bytes) -> None: ...
    async def partial_body(self, delivery: int) -> bytes: ...


class Spool:
    """Takes one answer to the archive. `patience` is how many seconds the archive is given.

    `tell` is called with a sentence while something is held.
    """

    def __init__(
        self,
        writer: BodyWriter,
        delivery: int,
        rescue: SpillFile,
        tell: Callable[[str], None],
        *,
        patience: float = 300.0,
    ) -> None:
        self._writer = writer
        self._delivery = delivery
        self._rescue = rescue
        self._tell = tell
        self._patience = patience
        self._held: deque[bytes] = deque()
        self._size = 0

    async def take(self, data: bytes) -> None:
        """Put the next piece on disk, or hold it. Raises NotStored where too much is held."""
        if not self._held:
            try:
                await self._writer.append_body(self._delivery, data)
            except ArchiveError as error:
                await self._begin_to_hold(error)
            else:
                return
        self._held.append(data)
        self._size += len(data)
        self._rescue.write(data)
        if self._size > _HELD_MOST:
            raise NotStored(f"The rest of the answer was not received. {self._whereabouts()}")

    async def settle(self) -> None:
        """Bring what is held into the archive. Raises NotStored where it takes nothing."""
        while self._held:
            await self.insist(self._append_held)
            self._held.popleft()
        self._rescue.discard()

    async def insist(self, write: Callable[[], Awaitable[T]]) -> T:
        """Try to write until there is room, or patience is at its end."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience
        while True:
            try:
                return await write()
            except ArchiveUnwritable as error:
                if loop.time() >= deadline:
                    raise NotStored(f"{error} {self._whereabouts()}") from error
                self._tell(f"{error} The answer of the pull waits for that.")
            await asyncio.sleep(_PAUSE)

    async def _append_held(self) -> None:
        await self._writer.append_body(self._delivery, self._held[0])

    async def _begin_to_hold(self, error: ArchiveError) -> None:
        self._tell(f"{error} The answer of the pull is held in memory meanwhile.")
        try:
            so_far = await self._writer.partial_body(self._delivery)
        except ArchiveError:
            return  # without its beginning the rest is no answer
        self._rescue.open(so_far)

    def _whereabouts(self) -> str:
        if self._rescue.path:
            self._rescue.close()
            return (
                f"What arrived of the answer is in {self._rescue.path}; `ibconsole messages"
                " adopt` with that name brings it into the archive once there is room."
            )
        if self._held:
            return "No other directory took it either, and what was not on disk yet is lost."
        return "All that arrived is on disk; the next start of ibconsole finishes it."
