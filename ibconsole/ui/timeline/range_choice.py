"""The period of a timeline, as the user chooses it from a list."""

from enum import Enum

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QWidget

from ibconsole.ui.timeline.time_axis import DAY_MS


class TimelineRange(Enum):
    """The periods that the user can choose; the values are days, None for all."""

    DAY = 1
    WEEK = 7
    MONTH = 30
    ALL = None

    @property
    def label(self) -> str:
        """The name in the list of periods."""
        if self.value is None:
            return "All"
        return "Last 24 hours" if self is TimelineRange.DAY else f"Last {self.value} days"

    def since(self, now: int) -> int | None:
        """Return the beginning of the period; None for everything."""
        return None if self.value is None else now - self.value * DAY_MS


class RangeChoice(QComboBox):
    """The list of the periods; a week is chosen at first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for one in TimelineRange:
            self.addItem(one.label, one.name)
        self.setAccessibleName("Period")
        self.setToolTip("The period of the timeline")
        self.choose(TimelineRange.WEEK)

    @property
    def chosen(self) -> TimelineRange:
        """The period that the user chose."""
        return TimelineRange[self.currentData()]

    def choose(self, chosen: TimelineRange) -> None:
        """Choose another period, without any signal."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(chosen.name))
