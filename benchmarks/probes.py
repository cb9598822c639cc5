"""Memory of a process, and pauses of a window's thread.

Imports little: the windows that are measured import it, too, and the empty one among them must
not grow by it.
"""

import os
import sys
import time


def resident_mb(process: int | None = None) -> float:
    """Return the resident memory of a process, by default of this one, in MB.

    Of this one it is the peak on systems other than Linux. Of another one it is 0 there.
    """
    status = f"/proc/{process or 'self'}/status"
    if os.path.exists(status):  # noqa: PTH110 pathlib is not needed otherwise
        with open(status, encoding="utf-8") as lines:  # noqa: PTH123
            return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
    if process:
        return 0.0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


class Pauses:
    """Measures the times between two ticks of a timer of 1 ms on the window's thread."""

    def __init__(self) -> None:
        from PySide6.QtCore import QTimer

        self.gaps: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(interval=1)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def take(self) -> list[float]:
        """Return the gaps since the last call in seconds, a pause in progress included."""
        self._tick()
        gaps, self.gaps = self.gaps, []
        return gaps

    def stop(self) -> dict[str, float]:
        """Stop, and return the 99.9th percentile and the longest gap in ms."""
        self._timer.stop()
        gaps = sorted(self.take())
        return {"p999_ms": gaps[int(len(gaps) * 0.999)] * 1000, "longest_ms": gaps[-1] * 1000}

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append(now - self._last)
        self._last = now
