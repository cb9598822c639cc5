"""Streams that never let their writer wait: a bounded queue, emptied by a thread.

A terminal may be stopped (Ctrl+S), and the reader of a pipe may not read. What does not fit into
the queue is dropped and counted. The thread is a daemon and writes past Python's buffers, so that
neither it nor a lock that it holds can delay the end of the process.
"""

import errno
import io
import os
import select
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol, TextIO

_PIECE = 16 * 1024  # bytes written at once; progress is measured in pieces
_RETRY = 0.05  # seconds between attempts to write to a full stream in non-blocking mode
_FLUSH = 0.2  # seconds that a prompt waits for the lines before it


class StdoutFailed(OSError):
    """Stdout cannot be written; everything that was received is stored."""


class RawStream(Protocol):
    """The unbuffered part of a stream; `write` returns None where it would have to wait."""

    def write(self, data: bytes, /) -> int | None:
        """Write at least one byte, and return the number of bytes written."""

    def fileno(self) -> int:
        """Return the descriptor. Raises OSError if there is none."""


class QueuedStream:
    """Writes to a stream in the order of `put`, which never waits. Any thread may use it.

    The queue holds `limit` bytes, or one larger piece of data. `on_full` is called when data is
    dropped for the first time; `on_recovered` with the number of dropped lines once the queue is
    empty again; `on_failure` when the stream has failed, for example because its reader has ended.
    """

    def __init__(
        self,
        raw: RawStream,
        limit: int,
        *,
        on_full: Callable[[], None] = lambda: None,
        on_recovered: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._raw = raw
        self._limit = limit
        self._on_full = on_full
        self._on_recovered = on_recovered
        self._changed = threading.Condition()
        self._waiting: deque[bytes] = deque()
        self._current = memoryview(b"")  # taken from the queue, and not written yet
        self._size = 0  # bytes of both
        self._written = 0
        self._dropped = 0
        self._thread: threading.Thread | None = None
        self._closed = False
        self.on_failure: Callable[[OSError], None] | None = None
        self.failure: OSError | None = None

    def put(self, data: bytes) -> None:
        """Queue data, or drop and count it if the queue is full or the stream has failed.

        Raises the error of a failed stream, unless `on_failure` was called with it.
        """
        if self.failure:
            if not self.on_failure:
                raise self.failure
            return
        with self._changed:
            fits = not self._size or self._size + len(data) <= self._limit
            first = not fits and not self._dropped
            if fits:
                self._waiting.append(data)
                self._size += len(data)
            else:
                self._dropped += _lines(data)
            self._start()
            self._changed.notify_all()
        if first:
            self._on_full()

    def drain(self, patience: float | None = None, at_most: float | None = None) -> bool:
        """Wait until everything is written; return False if not all of it could be.

        Gives up after `patience` seconds in which nothing was written, and after `at_most`
        seconds in total; None is without limit.
        """
        started_at = last_at = time.monotonic()
        written = self._written
        with self._changed:
            while self._size and not self.failure:
                # Short waits: on Windows no signal interrupts a long one.
                self._changed.wait(0.1)
                now = time.monotonic()
                if self._written != written:
                    written, last_at = self._written, now
                if _elapsed(now - last_at, patience) or _elapsed(now - started_at, at_most):
                    break
            return not self._size

    def take_lost(self) -> int:
        """Return how many lines were dropped or still wait, and forget them."""
        with self._changed:
            lost = self._dropped + sum(map(_lines, self._waiting))
            lost += _lines(bytes(self._current)) if self._current else 0
            self._dropped = 0
            return lost

    @contextmanager
    def watched(self, on_failure: Callable[[OSError], None]) -> Iterator[None]:
        """Call this, in any thread, if the stream fails in the block; then `put` raises nothing."""
        self.on_failure = on_failure
        try:
            yield
        finally:
            if not self.failure:
                self.on_failure = None

    def close(self) -> None:
        """End the thread, unless it waits for the stream; then it ends with the process."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread and not self._size:
            self._thread.join(_FLUSH)

    def fileno(self) -> int:
        """Return the descriptor. Raises OSError if there is none."""
        return self._raw.fileno()

    def _start(self) -> None:
        if not self._thread:
            self._thread = threading.Thread(target=self._run, name="output", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                if not self._waiting:
                    return
                self._current = memoryview(self._next())
            try:
                self._write_current()
            except (OSError, ValueError) as error:  # ValueError: the stream was closed
                self._fail(error if isinstance(error, OSError) else OSError(str(error)))
                return
            with self._changed:
                recovered = self._dropped if not self._size else 0
                self._dropped -= recovered
                self._changed.notify_all()
            if recovered:
                self._on_recovered(recovered)

    def _next(self) -> bytes:
        """Take from the queue what is written in one go: many lines, or a large one."""
        data = bytearray(self._waiting.popleft())
        while self._waiting and len(data) + len(self._waiting[0]) <= _PIECE:
            data += self._waiting.popleft()
        return bytes(data)

    def _write_current(self) -> None:
        while self._current:
            count = self._raw.write(bytes(self._current[:_PIECE]))
            if count is None:
                self._wait_for_room()
                continue
            with self._changed:
                self._current = self._current[count:]
                self._size -= count
                self._written += count
                self._changed.notify_all()

    def _wait_for_room(self) -> None:
        """Wait for a stream that another process has put into non-blocking mode."""
        try:
            select.select([], [self._raw.fileno()], [], 1.0)
        except (OSError, ValueError):
            time.sleep(_RETRY)

    def _fail(self, error: OSError) -> None:
        with self._changed:
            self.failure = error
            self._waiting.clear()
            self._current = memoryview(b"")
            self._size = 0
            self._changed.notify_all()
        if self.on_failure:
            self.on_failure(error)


class _QueuedBytes(io.RawIOBase):
    """The binary side of a text stream that writes to a queue."""

    def __init__(self, queue: QueuedStream, *, is_terminal: bool) -> None:
        self._queue = queue
        self._is_terminal = is_terminal

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._is_terminal

    def fileno(self) -> int:
        return self._queue.fileno()

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        with suppress(OSError):  # as for a log: an error that cannot be shown ends nothing
            self._queue.put(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Let a terminal show everything before a prompt, unless it is stopped."""
        if self._is_terminal and not in_event_loop():
            self._queue.drain(_FLUSH, _FLUSH)


class CheckedStdout(io.RawIOBase):
    """The unbuffered stdout, whose failures differ from those of any other file.

    `ended` drops what is still buffered above it, instead of waiting for the reader.
    """

    def __init__(self, raw: RawStream) -> None:
        self._raw = raw
        self.ended = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def write(self, data: bytes) -> int | None:  # type: ignore[override]
        if self.ended:
            return len(data)
        try:
            return self._raw.write(data)
        except OSError as error:
            raise StdoutFailed(error.errno, error.strerror) from error
        except ValueError as error:  # it was closed
            raise StdoutFailed(errno.EBADF, os.strerror(errno.EBADF)) from error


def checked_stdout(stdout: TextIO) -> tuple[CheckedStdout, TextIO]:
    """Return stdout, unbuffered and as text, in a form that raises StdoutFailed."""
    raw = CheckedStdout(raw_stream(stdout))
    text = io.TextIOWrapper(
        io.BufferedWriter(raw),  # type: ignore[type-var]  # raw is enough: it writes
        encoding=stdout.encoding or "utf-8",
        errors=stdout.errors,
        line_buffering=stdout.isatty(),
    )
    return raw, text


def in_event_loop() -> bool:
    """Return whether the caller runs in an event loop, which must not wait."""
    # Importing asyncio takes as long as half of the commands; without it there is no loop.
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def text_stream(queue: QueuedStream, like: TextIO) -> TextIO:
    """Return a text stream into the queue, with the encoding of the stream that it replaces."""
    return io.TextIOWrapper(  # type: ignore[type-var]  # raw is enough: nothing is buffered
        _QueuedBytes(queue, is_terminal=like.isatty()),
        encoding=like.encoding or "utf-8",
        errors="backslashreplace",
        write_through=True,
    )


def raw_stream(stream: TextIO) -> RawStream:
    """Return the unbuffered part of a standard stream."""
    buffer = stream.buffer
    raw: RawStream = getattr(buffer, "raw", buffer)
    return raw


def _lines(data: bytes) -> int:
    return max(1, data.count(b"\n"))


def _elapsed(seconds: float, limit: float | None) -> bool:
    return limit is not None and seconds >= limit
