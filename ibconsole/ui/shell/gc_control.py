"""Garbage collection on the window's thread only.

Python's automatic collector runs on the thread whose allocation exceeds the threshold. On the
engine's thread it would destroy Qt objects that are part of a reference cycle, and Qt aborts
when a timer or a widget is destroyed on another thread than its own.
"""

import gc

from PySide6.QtCore import QObject, QTimer

_MANY = 20_000  # new objects within an interval


class GarbageCollection(QObject):
    """Replaces the automatic collector between `start` and `stop`."""

    def __init__(self, parent: QObject | None = None, *, interval_ms: int = 1_000) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=interval_ms)
        self._timer.timeout.connect(self.collect)

    def start(self) -> None:
        """Turn the automatic collector off and collect at intervals."""
        gc.disable()
        # Objects that live as long as the program need not be scanned every time.
        gc.freeze()
        self._timer.start()

    def stop(self) -> None:
        """Collect a last time, and turn the automatic collector on again."""
        self._timer.stop()
        gc.unfreeze()
        gc.collect()
        gc.enable()

    def collect(self) -> None:
        """Collect the oldest generation above its threshold, as the automatic collector would."""
        if gc.get_count()[0] > _MANY:
            # A list of 50,000 applications: to scan it would take 40 ms now and 100 ms every two
            # minutes. Objects are deleted as before, except cycles that are garbage now.
            gc.freeze()
            return
        counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
        due = [number for number, (count, limit) in enumerate(counts) if count > limit > 0]
        if due:
            gc.collect(due[-1])
