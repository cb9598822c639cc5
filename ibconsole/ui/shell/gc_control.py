"""Collects Python's garbage on the window's thread alone.

The collector runs on whichever thread makes an object too many. On the engine's thread it
would destroy Qt objects that are part of a cycle, and Qt aborts over a timer or a widget
that ends on a foreign thread.
"""

import gc

from PySide6.QtCore import QObject, QTimer


class GarbageCollection(QObject):
    """Takes over from the automatic collector between `start` and `stop`."""

    INTERVAL_MS = 1_000

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=self.INTERVAL_MS)
        self._timer.timeout.connect(self.collect)

    def start(self) -> None:
        """From now on nothing is collected but by this object."""
        gc.disable()
        # What lives as long as the program need not be looked through every time.
        gc.freeze()
        self._timer.start()

    def stop(self) -> None:
        """Collect once more, and let the automatic collector go on."""
        self._timer.stop()
        gc.unfreeze()
        gc.collect()
        gc.enable()

    def collect(self) -> None:
        """Collect the oldest generation that is due, as the automatic collector would."""
        counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
        due = [number for number, (count, limit) in enumerate(counts) if count > limit > 0]
        if due:
            gc.collect(due[-1])
