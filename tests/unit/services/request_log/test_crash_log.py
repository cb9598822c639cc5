"""What a program leaves behind that ended as it should not."""

import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ibconsole.services.request_log.crash_log import crash_log

CRASHES = """
import os, signal, sys
from pathlib import Path
from ibconsole.services.request_log import crash_log
with crash_log(Path(sys.argv[1])):
    os.kill(os.getpid(), signal.SIGSEGV)
"""


def test_nothing_happened(tmp_path: Path) -> None:
    """A good end leaves no file."""
    with crash_log(tmp_path / "log") as file:
        assert file
        assert file.exists()

    assert list((tmp_path / "log").iterdir()) == []


def test_an_error(tmp_path: Path) -> None:
    """The traceback is kept, without what looks like a credential, and the error goes on."""
    with pytest.raises(ZeroDivisionError), crash_log(tmp_path):
        raise ZeroDivisionError("Authorization: App 0123456789abcdef")

    (file,) = tmp_path.iterdir()
    text = file.read_text()
    assert "ZeroDivisionError" in text
    assert "test_crash_log.py" in text
    assert "0123456789abcdef" not in text
    assert os.name == "nt" or file.stat().st_mode & 0o777 == 0o600


def test_what_is_fatal(tmp_path: Path) -> None:
    """Qt says why it gives up, then ends the program: only that is kept."""
    with crash_log(tmp_path):
        logging.getLogger("qt").error("not so bad")
        logging.getLogger("qt").critical("no platform plugin")
        (file,) = tmp_path.iterdir()

    assert file.read_text() == "no platform plugin\n"


@pytest.mark.skipif(os.name == "nt", reason="signals are Unix's")
def test_a_crash(tmp_path: Path) -> None:
    """Where every thread was when native code crashed."""
    done = subprocess.run(
        [sys.executable, "-c", CRASHES, str(tmp_path)], check=False, capture_output=True
    )

    (file,) = tmp_path.iterdir()
    assert done.returncode == -signal.SIGSEGV
    assert "Segmentation fault" in file.read_text()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """The program runs all the same."""
    (tmp_path / "log").write_text("a file")

    with crash_log(tmp_path / "log") as file:
        assert file is None
