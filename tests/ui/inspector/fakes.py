"""An archive in memory for the tests of the inspector."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ibconsole.archive.records import Delivery, Progress, Slice, StoredMessage
from ibconsole.errors import UserError

RAW = b"POST /inbound/secret HTTP/1.1\r\nHost: x\r\n\r\n{}"


@dataclass
class MemoryArchive:
    """Returns the given records; message 1 only after `slow` is set; counts raw reads."""

    messages: dict[int, StoredMessage] = field(default_factory=dict)
    deliveries: dict[int, Delivery] = field(default_factory=dict)
    raw_bytes: bytes = RAW
    body: bytes = b'{"results":[]}'
    cut: bytes = b""
    names: dict[str, int] = field(default_factory=dict)
    raw_reads: int = 0
    broken: bool = False
    slow: asyncio.Event | None = None

    async def message(self, message: int) -> StoredMessage | None:
        if self.slow and message == 1:
            await self.slow.wait()
        if self.broken:
            raise UserError("The archive cannot be read.")
        return self.messages.get(message)

    async def delivery(self, delivery: int) -> Delivery | None:
        return self.deliveries.get(delivery)

    async def slice(self, delivery: int, start: int, size: int, *, raw: bool = False) -> Slice:
        whole = self.raw_bytes if raw else self.body
        self.raw_reads += raw
        return Slice(whole[start : start + size], start, len(whole))

    async def trailing_bytes(self, delivery: int) -> bytes:
        return self.cut

    async def find_message(self, message_id: str, application: str) -> int | None:
        return self.names.get(message_id)

    async def save_body(
        self,
        delivery: int,
        target: Path,
        on_progress: Callable[[Progress], None],
        *,
        raw: bool = False,
    ) -> int:
        await asyncio.to_thread(target.write_bytes, self.raw_bytes if raw else self.body)
        return len(self.raw_bytes if raw else self.body)
