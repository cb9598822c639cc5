"""The status bar: the states of pull, listener and team, alarms, and the size of the archive."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStatusBar, QWidget

from ibconsole.clock import now_ms
from ibconsole.errors import Severity
from ibconsole.services.runtime import Status
from ibconsole.ui.toolkit import (
    SPACE,
    Indicator,
    StatusText,
    Theme,
    describe_archive,
    describe_listener,
    describe_pull,
    describe_pull_loop,
    describe_team,
    plain_tooltip,
    times,
    with_other_puller,
)
from ibconsole.ui.widgets import ElidedLabel, IconButton, StateDot, muted, set_tone

_UPDATE_INTERVAL_MS = 1000
_SOURCES = 4  # the widgets on the left
_ALARM_WIDTH = 380  # pixels, for the window to stay as narrow as it can be
_TONES = {Indicator.WARNING: Severity.WARNING, Indicator.DANGER: Severity.DANGER}


class StatusBar(QStatusBar):
    """Shows pull, listener, team and archive; ages are updated while the bar is visible."""

    listener_clicked = Signal()
    team_clicked = Signal()
    failures_clicked = Signal()
    alarm_clicked = Signal()

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        time_display: times.TimeDisplay | None = None,
    ) -> None:
        super().__init__(parent)
        self._time_display = time_display or times.TimeDisplay(self)
        self._status = Status()
        self.pull = SourceItem("Pull", theme)
        self.listener = SourceItem("Listener", theme)
        self.url = ElidedLabel()
        self.team = SourceItem("Team", theme)
        self.alarm = IconButton("triangle-alert", "Watch", theme)
        self.failures = IconButton("circle-alert", "Error log", theme)
        self.archive = muted("")
        self._age_timer = QTimer(self, interval=_UPDATE_INTERVAL_MS)
        self._age_timer.timeout.connect(self._show)
        self._time_display.changed.connect(self._show)
        self.listener.clicked.connect(self.listener_clicked)
        self.team.clicked.connect(self.team_clicked)
        self.failures.clicked.connect(self.failures_clicked)
        self.alarm.clicked.connect(self.alarm_clicked)
        self._lay_out()
        self._show()

    def show_status(self, status: Status) -> None:
        """Show a new status."""
        self._status = status
        self._show()

    def add_item(self, item: QWidget) -> None:
        """Add something that is shown from time to time, next to the alarms."""
        self.insertPermanentWidget(_SOURCES, item)

    def show_failures(self, count: int) -> None:
        """Show the number of failures; hidden for none."""
        self.failures.rename(f"Error log: {count:,}", text=f"{count:,} failed")
        self.failures.setVisible(count > 0)

    def _show_alarms(self) -> None:
        """Show the alarm that was raised first and the number of the others; nothing for none."""
        alarms = self._status.alarms
        self.alarm.setVisible(bool(alarms))
        if not alarms:
            return
        others = f" +{len(alarms) - 1:,}" if len(alarms) > 1 else ""
        metrics = self.alarm.fontMetrics()
        elided = metrics.elidedText(alarms[0].sentence, Qt.TextElideMode.ElideRight, _ALARM_WIDTH)
        zone = self._time_display.zone
        details = "\n".join(
            f"{one.sentence} Since {times.second(one.since, zone)}." for one in alarms
        )
        text = f"{elided}{others}".replace("&", "&&")
        if text != self.alarm.text() or plain_tooltip(details) != self.alarm.toolTip():
            self.alarm.rename(f"Watch: {alarms[0].sentence}{others}", text=text)
            self.alarm.setToolTip(plain_tooltip(details))

    # Qt's side

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()
        self._age_timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._age_timer.stop()

    def _show(self) -> None:
        now = now_ms()
        zone = self._time_display.zone
        pull_loop = describe_pull_loop(self._status.pull_loop, now, zone)
        pull = pull_loop or describe_pull(self._status.pull, now, zone, self._status.archive)
        self.pull.show_state(with_other_puller(pull, self._status.other_puller))
        self.listener.show_state(
            describe_listener(self._status.listener, now, zone, self._status.archive)
        )
        self.url.setText(self._status.listener.url)
        self.url.setVisible(bool(self._status.listener.url))
        team = describe_team(self._status.team, now, zone)
        self.team.setVisible(team is not None)
        if team:
            self.team.show_state(team)
        self._show_alarms()
        is_shared = self._status.team.link_of(self._status.connection.id) is not None
        archive = describe_archive(self._status.archive, is_shared=is_shared)
        self.archive.setText(archive.text)
        self.archive.setToolTip(plain_tooltip(archive.details))

    def _lay_out(self) -> None:
        self.setSizeGripEnabled(False)
        self.setAccessibleName("Status")
        set_tone(self.url, Severity.MUTED)
        self.addWidget(self.pull)
        self.addWidget(self.listener)
        self.addWidget(self.url, 1)
        self.addWidget(self.team)
        self.addPermanentWidget(self.alarm)
        self.addPermanentWidget(self.failures)
        self.addPermanentWidget(self.archive)
        self.show_failures(0)
        self.archive.setProperty("edge", "right")


class SourceItem(QWidget):
    """The state of one source of messages: a dot and a short text."""

    clicked = Signal()

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.dot = StateDot(theme)
        self.label = ElidedLabel()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 0, 2 * SPACE, 0)
        layout.setSpacing(SPACE + SPACE // 2)
        layout.addWidget(self.dot)
        layout.addWidget(self.label)

    def show_state(self, state: StatusText) -> None:
        """Show a state; its details are the tooltip."""
        self.dot.show_state(state.indicator, state.text)
        self.label.setText(state.text)
        set_tone(self.label, _TONES.get(state.indicator, Severity.MUTED))
        self.setAccessibleName(f"{self._name}: {state.text}")
        self.setToolTip(plain_tooltip(state.details))

    # Qt's side

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.clicked.emit()
