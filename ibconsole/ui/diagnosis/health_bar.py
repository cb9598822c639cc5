"""The row above the applications: chips that count and filter by health, progress and pause."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ibconsole.errors import Severity
from ibconsole.model import Application
from ibconsole.services.diagnosis import HealthState
from ibconsole.ui.diagnosis.health_column import HealthBook, HealthGroup
from ibconsole.ui.tables import Slices, Steps
from ibconsole.ui.toolkit import SPACE, Command, Group, Theme
from ibconsole.ui.widgets import ElidedLabel, IconButton, PushButton, set_tone

_TOOLTIPS = {
    HealthGroup.NO_ROUTE: "Show only applications without a configuration, action or URL",
    HealthGroup.FAILING: "Show only applications with an error",
    HealthGroup.WARNING: "Show only applications with a warning",
    HealthGroup.NOT_CHECKED: "Show only applications that were not checked",
}


class HealthBar(QWidget):
    """Counts the applications of each group; `filter_changed` is emitted when a chip is pressed.

    Hidden until health is being filled. `pause_toggled` carries whether the user wants a pause.
    """

    filter_changed = Signal()
    pause_toggled = Signal(bool)

    def __init__(self, book: HealthBook, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self.paused = False
        self._group: HealthGroup | None = None
        self._counting = Slices(self)
        self.chips = {group: PushButton("", theme) for group in HealthGroup}
        self.progress = ElidedLabel()
        set_tone(self.progress, Severity.MUTED)
        self.pause = Command(
            "Pause the health checks", Group.SETUP, self._on_pause, icon_name="pause", parent=self
        )
        self.pause_button = IconButton("pause", "Pause the health checks", theme)
        self.pause_button.follow(self.pause)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, 0, SPACE, SPACE)
        row.setSpacing(SPACE)
        for group, chip in self.chips.items():
            chip.setCheckable(True)
            chip.setMinimumWidth(0)
            chip.setToolTip(_TOOLTIPS[group])
            chip.toggled.connect(lambda on, group=group: self._on_toggled(group, on=on))
            chip.hide()
            row.addWidget(chip)
        row.addWidget(self.progress, 1)
        row.addWidget(self.pause_button)
        self.pause.set_disabled_reason("No health check is running.")
        self.hide()

    @property
    def tab_stops(self) -> tuple[QWidget, ...]:
        """The controls, in the order of Tab."""
        return (*self.chips.values(), self.pause_button)

    @property
    def group(self) -> HealthGroup | None:
        """The group to show; None for all."""
        return self._group

    def meets(self, application: Application) -> bool:
        """Return whether an application belongs to the group to show."""
        return self._group is None or self._book.group(application) is self._group

    def clear(self) -> None:
        """Forget the filter, the pause and the counts: another account is opened."""
        self._counting.run(iter(()))
        for chip in self.chips.values():
            chip.setChecked(False)
            chip.hide()
        self._set_paused(on=False)
        self.hide()

    def show_counts(self, applications: Sequence[Application]) -> None:
        """Count the groups of these applications, and show how far the check is.

        The counts of many thousand follow a moment later.
        """
        report = self._book.report
        self.setVisible(bool(applications) and report != type(report)())
        self._show_progress()
        self._counting.run(self._count(applications))

    def _count(self, applications: Sequence[Application]) -> Steps[None]:
        self._show_chips((yield from self._book.counts(applications)))

    def _show_chips(self, counts: Mapping[HealthGroup | None, int]) -> None:
        filling = self._book.report.state in {HealthState.FILLING, HealthState.PAUSED}
        for group, chip in self.chips.items():
            text = f"{group.value.capitalize()} {counts.get(group, 0):,}"
            shown = bool(counts.get(group)) and not (group is HealthGroup.NOT_CHECKED and filling)
            if text != chip.text():
                chip.setText(text)
                chip.setAccessibleName(text)
            chip.setVisible(shown or chip.isChecked())

    def _show_progress(self) -> None:
        report = self._book.report
        done = f"{report.done:,} of {report.total:,}"
        texts = {
            HealthState.IDLE: "Not checked",
            HealthState.FILLING: f"Checking {done}" if report.total else "Checking…",
            HealthState.PAUSED: f"Paused at {done}",
            HealthState.DONE: "",
            HealthState.FAILED: f"Not checked: {report.problem}",
        }
        self.progress.setText(texts[report.state])
        running = report.state in {HealthState.FILLING, HealthState.PAUSED}
        self.pause.set_disabled_reason("" if running else "No health check is running.")
        self.pause_button.setVisible(running)

    def _on_pause(self) -> None:
        self._set_paused(on=not self.paused)
        self.pause_toggled.emit(self.paused)

    def _set_paused(self, *, on: bool) -> None:
        self.paused = on
        name = "Resume the health checks" if on else "Pause the health checks"
        self.pause.rename(name)
        self.pause_button.rename(name)
        self.pause_button.change_icon("play" if on else "pause")

    def _on_toggled(self, group: HealthGroup, *, on: bool) -> None:
        before = self._group
        if on:
            self._group = group
            if before and before is not group:
                self.chips[before].setChecked(False)
        elif before is group:
            self._group = None
        if self._group is not before:
            self.filter_changed.emit()
