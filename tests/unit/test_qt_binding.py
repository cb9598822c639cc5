"""The release of PySide6 in use: a known defect, and what the window leaves out of its import."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.usefixtures("unmeasured_children")

_EMITTING = """
import sys
from PySide6.QtCore import QObject, Signal

class Source(QObject):
    emitted = Signal(object)

source, seen = Source(), []
source.emitted.connect(seen.append)
before = sys.getrefcount(True), sys.getrefcount(None)
for number in range(5_000):
    source.emitted.emit(None if number % 2 else True)
seen.clear()
after = sys.getrefcount(True), sys.getrefcount(None)
lost = [old - new for old, new in zip(before, after)]
sys.exit(f"references lost: {lost}" if max(lost) > 100 else 0)
"""

_DESCRIBED = """
import builtins, sys
import BINDING
print(builtins.compile.__module__)
from PySide6.QtCore import QPoint
names = [one for one in sys.modules if one.startswith("shibokensupport.signature.")]
print(sum("__deferred__" in vars(sys.modules[one]) for one in names))
for arguments in ((1, 2, 3, "four"), ("one",)):
    try:
        QPoint(*arguments)
    except TypeError as error:
        print(error)
print(QPoint.toTuple.__doc__)
import PySide6.support.signature.lib.pyi_generator as generator
print(callable(generator.Formatter))
"""


def test_what_describes_functions_is_compiled_when_it_is_needed() -> None:
    """The window starts without five modules of PySide6; its error messages stay the same."""
    outputs = []
    for module in ("ibconsole.ui", "PySide6.QtCore"):
        command = [sys.executable, "-c", _DESCRIBED.replace("BINDING", module)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        outputs.append(done.stdout.splitlines())
    (compiler, deferred, *texts), (usual_compiler, none, *usual_texts) = outputs

    assert compiler == usual_compiler == "builtins"
    assert (deferred, none) == ("5", "0")
    assert texts == usual_texts
    assert "Supported signatures:" in texts


def test_signals_keep_references() -> None:
    """Signals lose no references to None and True, as some releases do until they abort."""
    done = subprocess.run(
        [sys.executable, "-c", _EMITTING], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
