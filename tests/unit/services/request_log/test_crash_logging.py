"""The crash log of a program that ended unexpectedly."""

import logging
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ibconsole.services.request_log.crash_logging import crash_log

CRASHES = """
import os, signal, sys
from pathlib import Path
from ibconsole.services.request_log import crash_log
with crash_log(Path(sys.argv[1])):
    os.kill(os.getpid(), signal.SIGSEGV)
"""


def test_no_crash(tmp_path: Path) -> None:
    """A program that ends normally leaves no crash log."""
    with crash_log(tmp_path / "log") as file:
        assert file
        assert file.exists()

    assert list((tmp_path / "log").iterdir()) == []


def test_exception(tmp_path: Path) -> None:
    """The traceback of an exception is logged without credentials, and the exception raised."""
    with pytest.raises(ZeroDivisionError), crash_log(tmp_path):
        raise ZeroDivisionError("Authorization: App 0123456789abcdef")

    (file,) = tmp_path.iterdir()
    text = file.read_text()
    assert "ZeroDivisionError" in text
    assert "test_crash_logging.py" in text
    assert "0123456789abcdef" not in text
    assert os.name == "nt" or file.stat().st_mode & 0o777 == 0o600


def test_fatal_message(tmp_path: Path) -> None:
    """Only critical messages are logged, such as the one before Qt aborts."""
    with crash_log(tmp_path):
        logging.getLogger("qt").error("not so bad")
        logging.getLogger("qt").critical("no platform plugin")
        (file,) = tmp_path.iterdir()

    assert file.read_text() == "no platform plugin\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_native_crash(tmp_path: Path) -> None:
    """A crash in native code is logged with the stacks of all threads."""
    done = subprocess.run(
        [sys.executable, "-c", CRASHES, str(tmp_path)], check=False, capture_output=True
    )

    (file,) = tmp_path.iterdir()
    assert done.returncode == -signal.SIGSEGV
    assert "Segmentation fault" in file.read_text()


def test_unwritable_directory(tmp_path: Path) -> None:
    """A program that cannot write a crash log runs all the same."""
    (tmp_path / "log").write_text("a file")

    with crash_log(tmp_path / "log") as file:
        assert file is None


@pytest.mark.skipif(os.name == "nt", reason="Windows does not delete an open file")
def test_deleted_directory(tmp_path: Path) -> None:
    """A crash log that was deleted meanwhile, with its directory, is not missed at the end."""
    with crash_log(tmp_path / "log"):
        shutil.rmtree(tmp_path / "log")

    assert list(tmp_path.iterdir()) == []
