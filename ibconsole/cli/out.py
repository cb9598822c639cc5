"""The only module that writes to the terminal: answers to stdout, everything else to stderr.

Where the policy masks application codes, none is written, whatever a command forgets.
Inside of `queued_output` no event loop ever waits for a reader: what it writes to stdout, and
everything written to stderr (log records and warnings, too), goes through a bounded queue. Outside
of an event loop an answer waits for its reader, as that of any program does.
"""

import errno
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING

from ibconsole.cli.queued_stream import (
    QueuedStream,
    RawStream,
    StdoutFailed,
    checked_stdout,
    in_event_loop,
    raw_stream,
    text_stream,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ibconsole.services.messages import Progress
    from ibconsole.services.protection import ShownCodes

# Text from outside must not move the cursor or change the text direction of a terminal.
_ANSWERS = 16 << 20  # bytes that wait for the reader of stdout, or one larger envelope
_NOTICES = 1 << 20  # bytes that wait for the reader of stderr
_BRIEFLY = 0.5  # seconds without progress after which the output of a stopped command is dropped,
_AT_MOST = 3.0  # or seconds in total
_NOTICES_PATIENCE = 5.0  # seconds without progress that a command waits that was not stopped
_HOW_TO_LIST = "What was received is stored: `ibconsole messages list` shows the messages."
_POLICY_AGE = 1.0  # seconds after which the policy is read again
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class _Output:
    """The queues of one command."""

    def __init__(self, stdout: RawStream) -> None:
        self.stopped = False
        self.notices = QueuedStream(
            raw_stream(sys.stderr), _NOTICES, on_recovered=lambda lines: _report_lost(lines, "here")
        )
        self.answers = QueuedStream(
            stdout,
            _ANSWERS,
            on_full=_report_full,
            on_recovered=lambda lines: _report_lost(lines, "on stdout"),
        )
        self._codes: ShownCodes | None = None
        self._read_at = 0.0

    @property
    def codes(self) -> "ShownCodes":
        """Codes by the policy, which is read again while a command runs."""
        now = time.monotonic()
        if self._codes is None or now - self._read_at >= _POLICY_AGE:
            self._codes, self._read_at = _read_codes(), now
        return self._codes

    def finish_answers(self) -> None:
        """Write the queued answers, or drop them if the command was stopped and they stall."""
        if not self.stopped:
            self.answers.drain()
        elif not self.answers.drain(_BRIEFLY, _AT_MOST) and (lost := self.answers.take_lost()):
            _report_lost(lost, "on stdout")
        if self.answers.failure and not self.answers.on_failure:
            raise self.answers.failure

    def finish_notices(self) -> None:
        """Write the queued notices, as far as they are read."""
        if self.stopped:
            self.notices.drain(_BRIEFLY, _AT_MOST)
        else:
            self.notices.drain(_NOTICES_PATIENCE)


_output: ContextVar[_Output | None] = ContextVar("output", default=None)


@contextmanager
def queued_output() -> Iterator[None]:
    """Keep every event loop in the block from waiting for the reader of stdout or stderr.

    The queues are written out at the end of the block. That takes as long as the reader of stdout
    needs; only a moment if the command was stopped. Raises StdoutFailed.
    """
    stdout, stderr = sys.stdout, sys.stderr
    stdout.flush()
    stderr.flush()
    raw, sys.stdout = checked_stdout(stdout)
    output = _Output(raw)
    sys.stderr = text_stream(output.notices, like=stderr)
    token = _output.set(output)
    try:
        yield
        output.finish_answers()
        if not output.stopped:  # else what its reader does not take is given up
            sys.stdout.flush()
    except BaseException:
        output.stopped = True
        raise
    finally:
        output.finish_notices()
        _output.reset(token)
        raw.ended = True
        sys.stdout, sys.stderr = stdout, stderr
        output.answers.close()
        output.notices.close()


def drop_stalled_output() -> None:
    """Do not wait any longer for readers that do not read: the command was stopped."""
    if output := _output.get():
        output.stopped = True


def watch_reader(on_failure: Callable[[OSError], None]) -> AbstractContextManager[None]:
    """Call this, in any thread, if stdout fails in the block; then nothing is raised for it."""
    output = _output.get()
    return output.answers.watched(on_failure) if output else nullcontext()


def shown_codes() -> "ShownCodes":
    """Return application codes as the policy permits to write them."""
    output = _output.get()
    return output.codes if output else _read_codes()


def _read_codes() -> "ShownCodes":
    from ibconsole.services.protection import find_policy

    return find_policy().codes


def write_notice(sentence: str) -> None:
    """Write a sentence that is not part of the answer to stderr."""
    sys.stderr.write(f"{blank_control_characters(shown_codes().text(sentence))}\n")
    sys.stderr.flush()


def write_waits_for_reader(target: "Path") -> None:
    """Say that a named pipe is not read yet, which looks like a command that hangs."""
    write_notice(f"{target} is a pipe that no process reads yet. Waiting; Ctrl+C ends the command.")


def report_failed_stdout(error: StdoutFailed) -> None:
    """Say that the output is incomplete; not if its reader has ended, such as `head`."""
    if error.errno != errno.EPIPE:
        write_notice(
            f"The output is incomplete, because stdout cannot be written: {error.strerror}."
            " What was received is stored, and what was changed is recorded: `ibconsole messages"
            " list` and `ibconsole audit list` show it."
        )


def write_json(value: object) -> None:
    """Write a value as one line of JSON to stdout and flush it."""
    from ibconsole.model import encode

    write_bytes(encode(value) + b"\n")


def write_bytes(data: bytes) -> None:
    """Write bytes to stdout and flush them; an event loop queues them instead.

    They are unchanged, except for codes that the policy masks.
    """
    _write(shown_codes().body(data))


def write_own_json(value: object) -> None:
    """Write a value as `write_json` does that comes from this program, and so contains no code.

    A key of the simulated platform looks like a code.
    """
    from ibconsole.model import encode

    _write(encode(value) + b"\n")


def _write(data: bytes) -> None:
    if output := _output.get():
        if in_event_loop():
            output.answers.put(data)
            return
        output.finish_answers()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def write_line(text: str) -> None:
    """Write one line of text to stdout; bytes of a path that are no UTF-8 are shown escaped."""
    write_bytes(f"{blank_control_characters(text)}\n".encode(errors="backslashreplace"))


def write_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table to stdout; columns are as wide as their content, the last is not padded."""
    cells = [list(headers), *([blank_control_characters(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headers))]
    for row in cells:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        write_bytes(("  ".join(padded).rstrip() + "\n").encode("utf-8", "replace"))


def _report_full() -> None:
    write_notice(f"Stdout is not read: lines are dropped from here on. {_HOW_TO_LIST}")


def _report_lost(lines: int, where: str) -> None:
    were = "1 line was" if lines == 1 else f"{lines} lines were"
    write_notice(f"{were} dropped {where}, because the output was not read. {_HOW_TO_LIST}")


def blank_control_characters(text: str) -> str:
    """Replace each character that controls a terminal by a blank."""
    return _CONTROL.sub(" ", text)


def to_json(value: object) -> str:
    """Return a value as JSON text, for use within a line."""
    from ibconsole.model import encode

    return encode(value).decode()


class ProgressWriter:
    """Writes the progress of a long task to stderr, each tenth of a stage once.

    Writes only if stderr is a terminal, unless `enabled` says otherwise.
    """

    def __init__(self, *, enabled: bool | None = None) -> None:
        self._enabled = sys.stderr.isatty() if enabled is None else enabled
        self._last: tuple[str, int] | None = None

    def __call__(self, progress: "Progress") -> None:
        """Write the progress if it has reached the next tenth or stage."""
        tenth = 10 * progress.done // progress.total if progress.total else 0
        if self._enabled and (progress.stage, tenth) != self._last:
            self._last = (progress.stage, tenth)
            write_notice(f"{progress.stage}… {10 * tenth} %" if tenth else f"{progress.stage}…")
