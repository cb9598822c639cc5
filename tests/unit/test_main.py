"""The entry point: the program as a module, its help, its streams."""

import os
import subprocess
import sys

import pytest

from ibconsole import __version__


@pytest.mark.slow
def test_run_as_a_module() -> None:
    """`python -m ibconsole` runs the program, and its exit code is the command's."""
    done = subprocess.run(
        [sys.executable, "-m", "ibconsole", "--version"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert __version__ in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["--help"], ["pull", "--help"], ["--version"]])
def test_help_loads_no_large_library(arguments: list[str]) -> None:
    """Help and version load neither Qt, nor an event loop, the HTTP client or the database."""
    program = (
        "import sys; sys.argv[1:] = " + repr(arguments) + "\n"
        "from ibconsole.__main__ import main\n"
        "code = main()\n"
        "heavy = {'PySide6', 'asyncio', 'httpx', 'msgspec', 'apsw', 'ibconsole.services'}\n"
        "heavy &= set(sys.modules)\n"
        "sys.exit(code or ' '.join(sorted(heavy)) or 0)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("typed", "offered"), [("ibconsole pul", "pull"), ("ibconsole ", "apps")])
def test_shell_completion(typed: str, offered: str) -> None:
    """A shell that runs the program without arguments gets completions, not a window."""
    done = subprocess.run(
        [sys.executable, "-m", "ibconsole"],
        env={
            **os.environ,
            "_IBCONSOLE_COMPLETE": "bash_complete",
            "COMP_WORDS": typed,
            "COMP_CWORD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert f"plain,{offered}" in done.stdout.splitlines()


@pytest.mark.parametrize(
    ("closed", "code"), [("stdin", 0), ("stderr", 0), ("stdout", 1), ("stdout stderr", 1)]
)
def test_missing_streams(closed: str, code: int) -> None:
    """Without stdout output fails; on Windows, where a desktop gives none, it is lost."""
    program = (
        "import sys\n"
        "from ibconsole.__main__ import main\n"
        "sys.argv[1:] = ['--version']\n"
        f"for name in {closed.split()}:\n"
        "    for prefix in ('', '__'):\n"
        "        setattr(sys, prefix + name + prefix, None)\n"
        "sys.exit(main())\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False, text=True
    )

    assert done.returncode == (0 if sys.platform == "win32" else code)
    assert bool(done.stdout) == (code == 0)
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_qt_reads_no_sources() -> None:
    """Importing the window leaves the import statement as it was, without PySide6's own steps."""
    program = (
        "import builtins, linecache, sys\n"
        "plain = builtins.__import__\n"
        "import ibconsole.wiring\n"
        "read = any('ibconsole' in name for name in linecache.cache)\n"
        "sys.exit(builtins.__import__ is not plain or read)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
