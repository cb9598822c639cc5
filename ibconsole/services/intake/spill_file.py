"""A file elsewhere for an answer that the archive's disk does not take.

It lies beside everything else that the program writes, so it says what it is, and
`ibconsole messages adopt` brings it into the archive.
"""

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import uuid4

import msgspec

from ibconsole.archive import DecodingResult
from ibconsole.errors import UserError
from ibconsole.model import encode

_MAGIC = "ibconsole rescued pull"


class NoRescue(UserError):
    """The file holds no rescued answer."""


@dataclass(frozen=True, slots=True)
class SpilledPull:
    """What is known of the pull whose answer was rescued; `began_at` in ms since the epoch."""

    connection: str | None
    base_url: str
    limit: int | None
    began_at: int


class AnswerWriter(Protocol):
    """The archive, as far as storing a whole answer goes."""

    async def begin_pull(
        self, *, connection: str | None, base_url: str, limit: int | None
    ) -> int: ...
    async def append_body(self, delivery: int, data: bytes) -> None: ...
    async def finish_pull(
        self,
        delivery: int,
        *,
        status: int | None,
        headers: Sequence[tuple[str, str]],
        complete: bool,
        problem: str,
    ) -> DecodingResult: ...


class SpillFile:
    """Writes one answer into the first directory that takes it, or into none."""

    def __init__(self, facts: SpilledPull, directories: tuple[Path, ...] = ()) -> None:
        self._head = encode({"is": _MAGIC, **asdict(facts)}) + b"\n"
        self._directories = directories or (Path(tempfile.gettempdir()), Path.home())
        self._file: BinaryIO | None = None
        self.path: Path | None = None

    def open(self, so_far: bytes) -> None:
        """Begin with what has arrived; `path` stays None if no directory takes it."""
        for directory in self._directories:
            path = directory / f"ibconsole-pull-{uuid4().hex}.rescued"
            with suppress(OSError):
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                self._file, self.path = os.fdopen(descriptor, "wb", buffering=0), path
                self.write(self._head + so_far)
                if self.path:
                    return

    def write(self, data: bytes) -> None:
        """Add what arrived, on disk when this returns. Where that fails there is no rescue."""
        if not self._file:
            return
        try:
            _write_all(self._file, data)
            os.fsync(self._file.fileno())
        except OSError:
            self.discard()

    def discard(self) -> None:
        """Remove the file: what it holds is elsewhere, or it is not whole."""
        self.close()
        if self.path:
            self.path.unlink(missing_ok=True)
            self.path = None

    def close(self) -> None:
        """Leave the file as it is."""
        if self._file:
            self._file.close()
            self._file = None


def read_rescued(path: Path) -> tuple[SpilledPull, bytes]:
    """What was rescued, and of which pull. Raises NoRescue."""
    try:
        head, _, body = path.read_bytes().partition(b"\n")
        found = msgspec.json.decode(head, type=dict[str, str | int | None])
    except OSError as error:
        raise NoRescue(f"{path} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError):
        found, body = {}, b""
    if found.pop("is", None) != _MAGIC:
        raise NoRescue(f"{path} holds no rescued answer; nothing was stored.")
    return msgspec.convert(found, SpilledPull), body


async def adopt(path: Path, writer: AnswerWriter) -> DecodingResult:
    """Bring a rescued answer into the archive, as a pull of its own; what came of it.

    Messages of it that the archive had taken before are marked as duplicates. The file
    stays. Raises NoRescue, ArchiveError.
    """
    facts, body = read_rescued(path)
    delivery = await writer.begin_pull(
        connection=facts.connection, base_url=facts.base_url, limit=facts.limit
    )
    await writer.append_body(delivery, body)
    problem = f"It was rescued to {path.name} when the archive's disk was full."
    return await writer.finish_pull(
        delivery, status=None, headers=(), complete=False, problem=problem
    )


def _write_all(file: BinaryIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
