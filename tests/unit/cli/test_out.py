import asyncio
import subprocess
import sys

import pytest

from ibconsole.archive.records import Progress
from ibconsole.cli import out


def test_text_cannot_control_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    """Escape sequences and text direction marks are replaced by blanks."""
    out.write_line("a\x1b[2Jb\u202ec\rd")
    out.write_table(("A", "B"), [("x\ny", "z")])
    out.write_notice("e\x07f")

    written = capfd.readouterr()
    assert written.out == "a [2Jb c d\nA    B\nx y  z\n"
    assert written.err == "e f\n"


def test_json_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    """A JSON value is one line even if its texts contain line breaks."""
    out.write_json({"a": "x\ny", "n": float("nan")})

    assert capfd.readouterr().out == '{"a":"x\\ny","n":null}\n'
    assert out.to_json([1]) == "[1]"


def test_progress_is_written_to_a_terminal_only(capfd: pytest.CaptureFixture[str]) -> None:
    """A terminal gets each tenth of a stage once; a pipe gets none."""
    for enabled in (True, False):
        progress = out.ProgressWriter(enabled=enabled)
        for done in (0, 1, 10, 11, 19, 20):
            progress(Progress("Copying", done, 100))
        progress(Progress("Looking"))
        expected = "Copying…\nCopying… 10 %\nCopying… 20 %\nLooking…\n"
        assert capfd.readouterr().err == (expected if enabled else "")


def test_an_event_loop_does_not_wait_for_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    """In an event loop lines are queued; later answers follow them in order."""

    async def work() -> None:
        out.write_line("first")
        out.write_notice("notice")

    with out.queued_output():
        asyncio.run(work())
        out.write_line("second")

    written = capfd.readouterr()
    assert (written.out, written.err) == ("first\nsecond\n", "notice\n")


def test_log_records_and_warnings_are_queued(capfd: pytest.CaptureFixture[str]) -> None:
    """Whatever writes to stderr goes through the queue, and stderr is as before afterwards."""
    before = sys.stderr
    with out.queued_output():
        sys.stderr.write("from elsewhere\n")
        assert sys.stderr is not before

    assert sys.stderr is before
    assert capfd.readouterr().err == "from elsewhere\n"


def test_an_interrupted_command_gives_up_its_output() -> None:
    """What a stopped reader does not take is counted on stderr."""
    done = subprocess.run(
        [sys.executable, "-c", UNREAD],
        check=False,
        stderr=subprocess.PIPE,
        timeout=20,
        text=True,
    )

    assert done.returncode == 0
    assert "dropped on stdout, because the output was not read" in done.stderr
    assert "ibconsole messages list" in done.stderr


def test_outside_of_a_command_nothing_is_watched() -> None:
    """Without queues the functions for commands do nothing."""
    out.drop_stalled_output()
    with out.watch_reader(lambda _: None):
        pass


UNREAD = """
import asyncio, os, sys
reader, writer = os.pipe()
os.dup2(writer, 1)
from ibconsole.cli import out

async def work():
    for number in range(3000):
        out.write_line("x" * 80)
    out.drop_stalled_output()

with out.queued_output():
    asyncio.run(work())
"""
