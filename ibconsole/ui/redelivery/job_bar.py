"""The bar of the selected job: its counts and progress, and what can be done about it."""

from datetime import tzinfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from ibconsole.clock import now_ms
from ibconsole.errors import Severity
from ibconsole.plural import counted
from ibconsole.services.give_back import team_note
from ibconsole.services.redelivery import ItemState, RedeliveryRow, RedeliveryState, TeamUse
from ibconsole.ui.redelivery.jobs_table import describe_counts, kind_of, shown_url_of
from ibconsole.ui.toolkit import SPACE, Command, Theme, TimeDisplay, times
from ibconsole.ui.widgets import ElidedLabel, IconButton, PushButton, paragraph, set_tone

_PROGRESS_WIDTH = 16 * SPACE
_STEPS = 1000
_ALL = "All messages"
_UNKNOWN = "{} unknown: sent, but no whole answer came."
_UNDELIVERED = "{} undelivered: refused or not sent, and no attempt is left."
_INTERRUPTED = "The process that ran this job has ended. Resume sends what is left of it."
_ENDED = {RedeliveryState.FINISHED, RedeliveryState.CANCELLED}


class JobBar(QWidget):
    """The counts and the progress of a job, its commands, and decisions on unknown messages.

    `filter_changed` is emitted when messages of another state are wanted.
    """

    filter_changed = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, time_display: TimeDisplay
    ) -> None:
        super().__init__(parent)
        self._time_display = time_display
        self._row: RedeliveryRow | None = None
        self.sentence = ElidedLabel("")
        self.progress = QProgressBar(textVisible=False, maximum=_STEPS)
        self.states = QComboBox()
        self.pause = IconButton("pause", "Pause the job", theme, text="Pause")
        self.resume = IconButton("play", "Resume the job", theme, text="Resume")
        self.cancel = IconButton("x", "Cancel the job", theme, text="Cancel")
        self.remark = paragraph()
        self.send_again = PushButton("Send again…", theme)
        self.accept = PushButton("Count as delivered…", theme)
        self.retry = PushButton("Try again", theme)
        self._lower = QFrame(objectName="bar")
        self._lay_out()
        self.states.currentIndexChanged.connect(self.filter_changed)
        time_display.changed.connect(self._on_times_changed)

    @property
    def state(self) -> ItemState | None:
        """The state of the messages to list; None for all."""
        value = self.states.currentData()
        return ItemState(value) if value else None

    def follow_commands(self, *, pause: Command, resume: Command, cancel: Command) -> None:
        """Connect the buttons to these commands."""
        for button, command in (
            (self.pause, pause),
            (self.resume, resume),
            (self.cancel, cancel),
        ):
            button.follow(command)

    def follow_decisions(self, *, send_again: Command, accept: Command, retry: Command) -> None:
        """Connect the buttons about unknown and undelivered messages to these commands."""
        self.retry.follow(retry)
        self.send_again.follow(send_again)
        self.accept.follow(accept)

    def show_job(self, row: RedeliveryRow) -> None:
        """Show a job as it is."""
        self._row = row
        counts, state = row.counts, row.job.state
        self._show_sentence(row)
        done = counts.total - counts.open
        self.progress.setValue(_STEPS * done // max(counts.total, 1))
        self.progress.setVisible(state not in _ENDED)
        is_active = state in {RedeliveryState.RUNNING, RedeliveryState.PREPARING}
        self.pause.setVisible(is_active)
        self.resume.setVisible(not is_active and state not in _ENDED)
        self.cancel.setVisible(state not in _ENDED)
        self._show_remark(row)
        self._name_states(row)

    def choose_state(self, state: ItemState | None) -> None:
        """List the messages of this state; None for all."""
        self.states.setCurrentIndex(max(self.states.findData(state.value if state else ""), 0))

    def _on_times_changed(self) -> None:
        if self._row:
            self._show_sentence(self._row)

    def _show_sentence(self, row: RedeliveryRow) -> None:
        due = describe_due(row, now_ms(), self._time_display.zone)
        text = f"{describe_counts(row)}{due} {kind_of(row)} to {shown_url_of(row)}"
        self.sentence.setText(text)
        self.sentence.setAccessibleName(text)

    def _show_remark(self, row: RedeliveryRow) -> None:
        unknown = row.counts.unknown
        problem = row.job.problem
        if row.job.state is RedeliveryState.INTERRUPTED:
            problem = _INTERRUPTED
        sentence = ""
        if unknown:
            sentence = _UNKNOWN.format(counted(unknown, "message is", "messages are"))
        undelivered = row.counts.undelivered
        refused = ""
        if undelivered:
            refused = _UNDELIVERED.format(counted(undelivered, "message is", "messages are"))
        self.retry.setVisible(bool(undelivered))
        team = team_note(row.job)
        self.remark.setText(" ".join(filter(None, (problem, sentence, refused, team))))
        is_quiet = not (problem or sentence or refused) and row.job.options.team != TeamUse.WITHOUT
        set_tone(self.remark, Severity.MUTED if is_quiet else Severity.WARNING)
        for button in (self.send_again, self.accept):
            button.setVisible(bool(unknown))
        self._lower.setVisible(bool(self.remark.text()))

    def _name_states(self, row: RedeliveryRow) -> None:
        for number in range(1, self.states.count()):
            state = self.states.itemData(number)
            count = getattr(row.counts, state)
            self.states.setItemText(number, f"{state.capitalize()} ({count:,})")

    def _lay_out(self) -> None:
        self.states.setAccessibleName("Messages that are listed")
        self.states.addItem(_ALL, "")
        for state in ItemState:
            self.states.addItem(state.value.capitalize(), state.value)
        self.progress.setAccessibleName("Progress of the job")
        self.progress.setFixedWidth(_PROGRESS_WIDTH)
        upper = QHBoxLayout()
        upper.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        upper.setSpacing(2 * SPACE)
        upper.addWidget(self.sentence, 1)
        for widget in (self.progress, self.states, self.pause, self.resume, self.cancel):
            upper.addWidget(widget)
        lower = QHBoxLayout(self._lower)
        lower.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        lower.setSpacing(2 * SPACE)
        lower.addWidget(self.remark, 1)
        lower.addWidget(self.retry)
        lower.addWidget(self.send_again)
        lower.addWidget(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(upper)
        layout.addWidget(self._lower)


def describe_due(row: RedeliveryRow, now: int, zone: tzinfo | None) -> str:
    """Return when the next attempt of a job is, if it waits for that; else empty."""
    if row.next_due is None or row.next_due <= now:
        return ""
    return f" Next attempt {times.minute(row.next_due, zone, now=now)}."
