import subprocess
import sys
from pathlib import Path

import pytest

START = (
    "import os, signal, sys, weakref\n"
    "from ibconsole.interrupts import end_on_interrupt, raise_interrupts\n"
    "def interrupt(*_): os.kill(os.getpid(), signal.SIGINT)\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "end_on_interrupt()\n"
)
IGNORED = START.replace("default_int_handler", "SIG_IGN") + "raise_interrupts()\n"
LATER = START + "raise_interrupts()\n"
# What would raise KeyboardInterrupt where Python ignores it, or makes another exception of it.
DESTRUCTOR = "class Gone:\n    __del__ = interrupt\nGone()\n"
CALLBACK = "class Gone: pass\ngone = Gone()\nkept = weakref.ref(gone, interrupt)\ndel gone\n"
IN_MODULE = (
    "import os, signal\n"
    "class Field:\n"
    "    def __set_name__(self, owner, name): os.kill(os.getpid(), signal.SIGINT)\n"
    "class Owner:\n"
    "    field = Field()\n"
)
CAUGHT = "try:\n    interrupt()\nexcept KeyboardInterrupt:\n    sys.exit(7)\n"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps Python's handler")


@pytest.mark.parametrize(
    ("program", "code"),
    [
        (START + CAUGHT, 130),
        (LATER + CAUGHT, 7),
        (LATER + "end_on_interrupt()\n" + CAUGHT, 130),
        (LATER + DESTRUCTOR, 130),
        (LATER + CALLBACK, 130),
        (LATER + "import interrupted", 130),
        (IGNORED + DESTRUCTOR, 0),
    ],
    ids=[
        "at the start",
        "later",
        "at the start of the window",
        "destructor",
        "weak reference",
        "import",
        "ignored",
    ],
)
def test_no_interrupt_is_lost(program: str, code: int, tmp_path: Path) -> None:
    """An interrupt ends the program wherever it arrives, unless interrupts are ignored."""
    (tmp_path / "interrupted.py").write_text(IN_MODULE)

    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{program}"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")
