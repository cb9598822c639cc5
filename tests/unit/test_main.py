import subprocess
import sys

import pytest

from ibconsole import __version__


def test_the_program_can_be_run_as_a_module() -> None:
    """`python -m ibconsole` is the same program, and its exit code is the command's."""
    done = subprocess.run(
        [sys.executable, "-m", "ibconsole", "--version"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert __version__ in done.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["pull", "--help"], ["--version"]])
def test_help_waits_for_nothing(arguments: list[str]) -> None:
    """Neither Qt, nor the HTTP client, nor the database is loaded to say how to use them."""
    program = (
        "import sys; sys.argv[1:] = " + repr(arguments) + "\n"
        "from ibconsole.__main__ import main\n"
        "code = main()\n"
        "heavy = {'PySide6', 'httpx', 'apsw', 'ibconsole.services'} & set(sys.modules)\n"
        "sys.exit(code or ' '.join(sorted(heavy)) or 0)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
