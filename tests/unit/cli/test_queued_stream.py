"""A stream whose reader does not read costs lines, never time."""

import asyncio
import io
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from ibconsole.cli.queued_stream import QueuedStream, raw_stream, text_stream


class Gate:
    """A stream that takes bytes while it is open, a few at once."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.written = bytearray()

    def write(self, data: bytes) -> int:
        self.open.wait(10)
        self.written += data[:7]
        return len(data[:7])

    def fileno(self) -> int:
        raise OSError("no descriptor")


class Failing(Gate):
    def write(self, data: bytes) -> int:
        raise BrokenPipeError(32, "Broken pipe")


class Full(Gate):
    """A stream in non-blocking mode that is full at first."""

    def write(self, data: bytes) -> int | None:  # type: ignore[override]
        if self.open.is_set():
            return super().write(data)
        self.open.set()
        return None


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_what_fits_is_written_in_order() -> None:
    """Lines are written whole and in their order."""
    gate = Gate()
    gate.open.set()
    queue = QueuedStream(gate, 100)
    lines = [b"%d of the lines\n" % number for number in range(3)]
    for line in lines:
        queue.put(line)

    assert queue.drain()
    assert bytes(gate.written) == b"".join(lines)
    assert queue.take_lost() == 0


def test_what_does_not_fit_is_dropped_and_counted() -> None:
    """A full queue drops whole lines, says so once, and says how many once it is empty."""
    gate = Gate()
    full: list[bool] = []
    recovered: list[int] = []
    queue = QueuedStream(gate, 10, on_full=lambda: full.append(True), on_recovered=recovered.append)
    for number in range(10):
        queue.put(b"line %d\n" % number)
    queue.put(b"x\ny\n")
    assert (full, recovered) == ([True], [])
    assert not queue.drain(0.01, 1)

    gate.open.set()
    assert queue.drain()
    wait_until(lambda: recovered)
    assert bytes(gate.written) == b"line 0\n"
    assert recovered == [9 + 2]
    assert queue.take_lost() == 0

    queue.put(b"again\n")
    assert queue.drain()
    assert gate.written.endswith(b"again\n")


def test_one_large_piece_fits_an_empty_queue() -> None:
    """An envelope larger than the queue is written if nothing else waits."""
    gate = Gate()
    queue = QueuedStream(gate, 10)
    queue.put(b"x" * 100_000)
    queue.put(b"dropped\n")
    gate.open.set()

    assert queue.drain()
    assert len(gate.written) == 100_000


def test_what_still_waits_is_lost() -> None:
    """Lines that wait or are being written when a command ends are counted as lost."""
    queue = QueuedStream(Gate(), 100)
    for _ in range(3):
        queue.put(b"line\n")
    assert not queue.drain(0.01, 0.01)

    assert queue.take_lost() == 3


def test_waiting_ends_in_time() -> None:
    """Progress extends the wait, up to its limit in total."""

    class Slow(Gate):
        def write(self, data: bytes) -> int:
            time.sleep(0.02)
            return 1

    queue = QueuedStream(Slow(), 1 << 20)
    queue.put(b"x" * 100_000)
    started_at = time.monotonic()

    assert not queue.drain(0.3, 0.5)
    assert 0.4 < time.monotonic() - started_at < 5


def test_a_failed_stream_raises_or_calls() -> None:
    """The error of a stream is raised by the next write, or given once to the one who watches."""
    queue = QueuedStream(Failing(), 100)
    queue.put(b"x\n")
    wait_until(lambda: queue.failure)
    with pytest.raises(BrokenPipeError):
        queue.put(b"y\n")

    watched = QueuedStream(Failing(), 100)
    errors: list[OSError] = []
    with watched.watched(errors.append):
        watched.put(b"x\n")
        assert watched.drain()
        wait_until(lambda: errors)
        watched.put(b"y\n")
    watched.put(b"z\n")
    assert [error.errno for error in errors] == [32]

    unharmed = QueuedStream(Gate(), 100)
    with unharmed.watched(errors.append):
        pass
    assert unharmed.on_failure is None


def test_a_closed_stream_is_a_failure() -> None:
    """A stream that was closed is an OSError like any other."""
    stream = io.BytesIO()
    stream.close()
    queue = QueuedStream(stream, 100)
    queue.put(b"x\n")
    wait_until(lambda: queue.failure)
    assert isinstance(queue.failure, OSError)


def test_a_full_stream_in_non_blocking_mode_is_written_later() -> None:
    """A descriptor that another process made non-blocking loses nothing."""
    gate = Full()
    queue = QueuedStream(gate, 100)
    queue.put(b"x\n")
    assert queue.drain()
    assert bytes(gate.written) == b"x\n"

    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with open(writer, "wb", buffering=0) as raw, open(reader, "rb", buffering=0) as other:  # noqa: PTH123
        with suppress(BlockingIOError):
            while os.write(writer, b"-" * 4096):
                pass
        queue = QueuedStream(raw, 1 << 20)
        queue.put(b"the end\n")
        assert not queue.drain(0.05, 0.05)
        received = b""
        while not received.endswith(b"the end\n"):
            received += other.read(1 << 16)
        assert queue.drain()


def test_a_closed_queue_leaves_no_thread() -> None:
    """A command that has written everything leaves nothing behind."""
    gate = Gate()
    QueuedStream(gate, 100).close()
    queue = QueuedStream(gate, 100)
    queue.put(b"x\n")
    thread = queue._thread
    queue.close()
    assert thread is not None
    assert thread.is_alive()
    gate.open.set()
    assert queue.drain()
    queue.close()
    assert not thread.is_alive()


def test_text_is_queued(capfd: pytest.CaptureFixture[str]) -> None:
    """Everything that is written as text goes through the queue, in any characters."""
    with open(os.devnull, "w", encoding="ascii") as stream:  # noqa: PTH123
        gate = Gate()
        gate.open.set()
        queue = QueuedStream(gate, 1000)
        text = text_stream(queue, like=stream)
        print("Größe", file=text)
        assert text.writable()
        assert not text.isatty()
        with pytest.raises(OSError, match="no descriptor"):
            text.fileno()
        assert queue.drain()
        assert bytes(gate.written) == b"Gr\\xf6\\xdfe\n"
        assert raw_stream(stream).fileno() == stream.fileno()


def test_text_for_a_failed_stream_raises_nothing() -> None:
    """An error of stderr ends nothing."""
    with open(os.devnull, "w", encoding="utf-8") as stream:  # noqa: PTH123
        queue = QueuedStream(Failing(), 100)
        text = text_stream(queue, like=stream)
        text.write("x\n")
        wait_until(lambda: queue.failure)
        text.write("y\n")


def test_a_prompt_comes_after_the_lines_before_it() -> None:
    """A flush waits for a terminal, but never in an event loop and never for long."""

    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    gate = Gate()
    text = text_stream(QueuedStream(gate, 100), like=Terminal())
    text.write("x\n")

    async def flush() -> float:
        started_at = time.monotonic()
        text.flush()
        return time.monotonic() - started_at

    assert asyncio.run(flush()) < 0.1
    started_at = time.monotonic()
    text.flush()
    assert 0.1 < time.monotonic() - started_at < 5
    gate.open.set()
    text.flush()
    assert bytes(gate.written) == b"x\n"
