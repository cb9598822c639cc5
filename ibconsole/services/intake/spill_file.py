"""A file outside the archive for the answer of a pull that the archive cannot store.

The file lies outside the directories of the program, so it identifies itself. The command
`ibconsole messages adopt` brings its contents into the archive.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import uuid4

import msgspec
from msgspec.structs import asdict

from ibconsole.archive import DecodingResult
from ibconsole.errors import UserError
from ibconsole.model import encode

_MAGIC = "ibconsole rescued pull"


class InvalidSpillFile(UserError):
    """The file is not a spill file."""


class SpilledPull(msgspec.Struct, frozen=True):
    """The pull whose answer was spilled; `began_at` in milliseconds since the epoch."""

    connection: str | None
    base_url: str
    limit: int | None
    began_at: int


class AnswerWriter(Protocol):
    """The part of the archive that stores a complete answer."""

    async def begin_pull(
        self, *, connection: str | None, base_url: str, limit: int | None
    ) -> int: ...
    async def append_answer(self, delivery: int, data: bytes) -> None: ...
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
    """Writes one answer into the first writable directory, if there is one."""

    def __init__(self, pull: SpilledPull, directories: tuple[Path, ...] = ()) -> None:
        self._header = encode({"is": _MAGIC, **asdict(pull)}) + b"\n"
        self._directories = directories or tuple(_usual_directories())
        self._file: BinaryIO | None = None
        self.path: Path | None = None

    def open(self, beginning: bytes) -> None:
        """Create the file with what has arrived; `path` stays None if no directory is writable."""
        for directory in self._directories:
            path = directory / f"ibconsole-pull-{uuid4().hex}.rescued"
            with suppress(OSError):
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                self._file, self.path = os.fdopen(descriptor, "wb", buffering=0), path
                self.write(self._header + beginning)
                if self.path:
                    return

    def write(self, data: bytes) -> None:
        """Append data, on disk when this returns; discard the file if that fails."""
        if not self._file:
            return
        try:
            _write_all(self._file, data)
            os.fsync(self._file.fileno())
        except OSError:
            self.discard()

    def discard(self) -> None:
        """Remove the file, because its contents are in the archive or incomplete."""
        self.close()
        if self.path:
            self.path.unlink(missing_ok=True)
            self.path = None

    def close(self) -> None:
        """Close the file and leave it on disk."""
        if self._file:
            self._file.close()
            self._file = None


def _usual_directories() -> Iterator[Path]:
    """Yield the directories that are probably on another disk; a system may have none of them."""
    with suppress(OSError):
        yield Path(tempfile.gettempdir())
    with suppress(RuntimeError):
        yield Path.home()


def read_spill_file(path: Path) -> tuple[SpilledPull, bytes]:
    """Return the pull and the body of its answer. Raises InvalidSpillFile."""
    try:
        header, _, body = path.read_bytes().partition(b"\n")
        fields = msgspec.json.decode(header, type=dict[str, str | int | None])
    except OSError as error:
        raise InvalidSpillFile(f"{path} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError):
        fields, body = {}, b""
    if fields.pop("is", None) != _MAGIC:
        raise InvalidSpillFile(f"{path} holds no rescued answer; nothing was stored.")
    return msgspec.convert(fields, SpilledPull), body


async def adopt(path: Path, writer: AnswerWriter) -> DecodingResult:
    """Store a spilled answer in the archive as a separate pull; return its messages.

    Messages that were in the archive before are marked as duplicates. The file stays. Raises
    InvalidSpillFile or ArchiveError.
    """
    pull, body = read_spill_file(path)
    delivery = await writer.begin_pull(
        connection=pull.connection, base_url=pull.base_url, limit=pull.limit
    )
    await writer.append_answer(delivery, body)
    problem = f"It was rescued to {path.name} when the archive's disk was full."
    return await writer.finish_pull(
        delivery, status=None, headers=(), complete=False, problem=problem
    )


def _write_all(file: BinaryIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
