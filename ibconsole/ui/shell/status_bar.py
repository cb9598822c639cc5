"""The status bar: the states of pull and listener, and the size of the archive."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStatusBar, QWidget

from ibconsole.errors import Severity
from ibconsole.services.runtime import Status
from ibconsole.ui.toolkit import (
    SPACE,
    SourceState,
    Theme,
    archive_words,
    listener_state,
    plain_tooltip,
    pull_state,
    repeat_state,
    times,
)
from ibconsole.ui.widgets import ElidedLabel, IconButton, StateDot, muted, set_tone

_UPDATE_INTERVAL_MS = 1000
_TONES = {Severity.WARNING, Severity.DANGER}


class StatusBar(QStatusBar):
    """Shows pull, listener and archive; ages are updated while the bar is visible."""

    listener_clicked = Signal()
    failures_clicked = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, clock: times.Clock | None = None
    ) -> None:
        super().__init__(parent)
        self._clock = clock or times.Clock(self)
        self._status = Status()
        self.pull = SourceItem("Pull", theme)
        self.listener = SourceItem("Listener", theme)
        self.url = ElidedLabel()
        self.failures = IconButton("circle-alert", "What failed", theme)
        self.archive = muted("")
        self._age_timer = QTimer(self, interval=_UPDATE_INTERVAL_MS)
        self._age_timer.timeout.connect(self._show)
        self._clock.changed.connect(self._show)
        self.listener.clicked.connect(self.listener_clicked)
        self.failures.clicked.connect(self.failures_clicked)
        self._lay_out()
        self._show()

    def show_status(self, status: Status) -> None:
        """Show a new status."""
        self._status = status
        self._show()

    def show_failures(self, count: int) -> None:
        """Show the number of failures; hidden for none."""
        self.failures.rename(f"What failed: {count:,}", text=f"{count:,} failed")
        self.failures.setVisible(count > 0)

    # Qt's side

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()
        self._age_timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._age_timer.stop()

    def _show(self) -> None:
        now = times.now_ms()
        zone = self._clock.zone
        loop = repeat_state(self._status.repeat, now, zone)
        self.pull.show_state(loop or pull_state(self._status.pull, now, zone))
        self.listener.show_state(listener_state(self._status.listener, now, self._clock.zone))
        self.url.setText(self._status.listener.url)
        self.url.setVisible(bool(self._status.listener.url))
        archive = archive_words(self._status.archive)
        self.archive.setText(archive.words)
        self.archive.setToolTip(plain_tooltip(archive.details))

    def _lay_out(self) -> None:
        self.setSizeGripEnabled(False)
        self.setAccessibleName("Status")
        set_tone(self.url, Severity.MUTED)
        self.addWidget(self.pull)
        self.addWidget(self.listener)
        self.addWidget(self.url, 1)
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
        self.words = muted("")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 0, 2 * SPACE, 0)
        layout.setSpacing(SPACE + SPACE // 2)
        layout.addWidget(self.dot)
        layout.addWidget(self.words)

    def show_state(self, state: SourceState) -> None:
        """Show a state; its details are the tooltip."""
        self.dot.show_state(state.kind, state.words)
        self.words.setText(state.words)
        set_tone(self.words, state.kind if state.kind in _TONES else Severity.MUTED)
        self.setAccessibleName(f"{self._name}: {state.words}")
        self.setToolTip(plain_tooltip(state.details))

    # Qt's side

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.clicked.emit()
