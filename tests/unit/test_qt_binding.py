import subprocess
import sys

_EMITTING = """
import sys
from PySide6.QtCore import QObject, Signal

class Source(QObject):
    told = Signal(object)

source, seen = Source(), []
source.told.connect(seen.append)
before = sys.getrefcount(True), sys.getrefcount(None)
for number in range(5_000):
    source.told.emit(None if number % 2 else True)
seen.clear()
after = sys.getrefcount(True), sys.getrefcount(None)
lost = [old - new for old, new in zip(before, after)]
sys.exit(f"references lost: {lost}" if max(lost) > 100 else 0)
"""


def test_the_binding_keeps_its_references() -> None:
    """Some releases of the binding drop references to None and True and end in an abort."""
    done = subprocess.run(
        [sys.executable, "-c", _EMITTING], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
