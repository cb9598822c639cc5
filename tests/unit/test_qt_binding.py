"""The release of PySide6 in use, checked for a known defect."""

import subprocess
import sys

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


def test_signals_keep_references() -> None:
    """Signals lose no references to None and True, as some releases do until they abort."""
    done = subprocess.run(
        [sys.executable, "-c", _EMITTING], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
