"""The choice of messages: selected ones, those that match a filter, or a window of time."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QDateTime, QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ibconsole.clock import now_ms
from ibconsole.services.give_back import GiveBackRequest
from ibconsole.services.messages import Filter, Via
from ibconsole.services.redelivery import RedeliveryRequest
from ibconsole.ui.messages import listed_name, selected_name
from ibconsole.ui.toolkit import SPACE, plain_tooltip
from ibconsole.ui.widgets import ElidedComboBox, muted, tab_to_checked

_MINUTE = 60_000
_WINDOWS = {
    "Last 15 minutes": 15 * _MINUTE,
    "Last hour": 60 * _MINUTE,
    "Last 4 hours": 240 * _MINUTE,
    "Last 24 hours": 1440 * _MINUTE,
    "Last 7 days": 7 * 1440 * _MINUTE,
    "Any time": 0,
}
_CHOSEN = "From … until …"
_DEFAULT = "Last hour"
_SOURCES = {
    "Pulled": Via.PULL,
    "Forwarded to the listener": Via.FORWARD,
    "Pulled or forwarded": None,
}
_WITHOUT = (
    "Others of the team may have given back the same messages, which then arrive twice. The job"
    " says that it was made so."
)
_TAKE_OVER = (
    "For jobs of a computer that is gone. A job that still runs there goes on until it is paused,"
    " and would send them as well."
)

SendingRequest = RedeliveryRequest | GiveBackRequest


class OfferedMessages(msgspec.Struct, frozen=True):
    """The messages that are offered to be sent: selected ones, and those of the list's filter.

    `count` is the number that match the filter, None while they are counted.
    """

    selected: Sequence[int] = ()
    filter: Filter = Filter()
    count: int | None = None


class ArrivalWindow(QWidget):
    """A window of time, by its length until now or by its ends."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.length = QComboBox()
        self.since = _instant_edit("From when they arrived", hours=-1)
        self.until = _instant_edit("Until they arrived, not included", hours=0)
        self._ends = QWidget()
        self._lay_out()
        self.length.currentIndexChanged.connect(self._on_length_changed)
        for edit in (self.since, self.until):
            edit.dateTimeChanged.connect(self.changed)
        self._on_length_changed()

    @property
    def bounds(self) -> tuple[int | None, int]:
        """The begin, None for none, and the end, in milliseconds since the epoch.

        A window until now ends when it is asked for: what arrives later is not in it.
        """
        if self.length.currentText() == _CHOSEN:
            return _instant(self.since), _instant(self.until)
        now = now_ms()
        length = _WINDOWS[self.length.currentText()]
        return (now - length if length else None), now

    @property
    def choice(self) -> str:
        """The chosen length, to be remembered."""
        text = self.length.currentText()
        return "" if text == _CHOSEN else text

    def restore(self, choice: str) -> None:
        """Choose a length again; an unknown one changes nothing."""
        number = self.length.findText(choice)
        if number >= 0:
            self.length.setCurrentIndex(number)

    def _on_length_changed(self) -> None:
        self._ends.setVisible(self.length.currentText() == _CHOSEN)
        self.changed.emit()

    def _lay_out(self) -> None:
        with QSignalBlocker(self.length):
            self.length.addItems([*_WINDOWS, _CHOSEN])
            self.length.setCurrentText(_DEFAULT)
        self.length.setAccessibleName("Window of time")
        ends = QHBoxLayout(self._ends)
        ends.setContentsMargins(0, 0, 0, 0)
        ends.setSpacing(2 * SPACE)
        ends.addWidget(self.since)
        ends.addWidget(muted("until"))
        ends.addWidget(self.until)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(self.length)
        layout.addWidget(self._ends)
        layout.addStretch(1)


class ResendChoice(QWidget):
    """The messages to send again; `changed` is emitted when others are chosen."""

    changed = Signal()

    def __init__(self, offered: OfferedMessages, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offered = offered
        self.selected = QRadioButton(selected_name(len(offered.selected)))
        self.listed = QRadioButton(listed_name(offered.count))
        self.arrived = QRadioButton("Those that arrived in this time:")
        self.window_of_time = ArrivalWindow()
        self.selected.setEnabled(bool(offered.selected))
        self.listed.setEnabled(offered.filter != Filter())
        first = self.selected if offered.selected else self.arrived
        if not offered.selected and offered.filter != Filter():
            first = self.listed
        first.setChecked(True)
        self._lay_out()
        tab_to_checked(self.selected, self.listed, self.arrived)
        for button in (self.selected, self.listed, self.arrived):
            button.toggled.connect(self._on_toggled)
        self.window_of_time.changed.connect(self._on_window_changed)
        self.window_of_time.setEnabled(self.arrived.isChecked())

    def request(self, sending: RedeliveryRequest) -> RedeliveryRequest:
        """Return a request for the chosen messages, which is otherwise this one."""
        if self.selected.isChecked():
            return replace(sending, messages=tuple(self._offered.selected))
        if self.listed.isChecked():
            return replace(sending, selection=self._offered.filter)
        since, until = self.window_of_time.bounds
        return replace(sending, selection=Filter(since=since, until=until))

    @property
    def is_complete(self) -> bool:
        """True: one of the choices is always made."""
        return True

    @property
    def single(self) -> int | None:
        """The message that is chosen, if it is exactly one that was selected."""
        ids = self._offered.selected
        return ids[0] if self.selected.isChecked() and len(ids) == 1 else None

    @property
    def choices(self) -> dict[str, str]:
        """The choices as texts, to be remembered."""
        return {"window": self.window_of_time.choice}

    def restore(self, choices: Mapping[str, str]) -> None:
        """Choose what was chosen the last time."""
        self.window_of_time.restore(choices.get("window", ""))

    def _on_toggled(self, on: bool) -> None:
        if on:
            self.window_of_time.setEnabled(self.arrived.isChecked())
            self.changed.emit()

    def _on_window_changed(self) -> None:
        if self.arrived.isChecked():
            self.changed.emit()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addWidget(self.arrived)
        row.addWidget(self.window_of_time, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.selected)
        layout.addWidget(self.listed)
        layout.addLayout(row)


class GiveBackChoice(QWidget):
    """The messages to give back: of one application, of a source, that arrived in a window of time.

    `applications` are names by codes. `application_changed` carries the chosen code. What concerns
    a team is offered once a dry run has found that there is one, and is never remembered.
    """

    changed = Signal()
    application_changed = Signal(str)

    def __init__(
        self, applications: Mapping[str, str], chosen: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.application = ElidedComboBox()
        self.window_of_time = ArrivalWindow()
        self.source = QComboBox()
        self.without_team = QCheckBox("Give back without asking the team's ledger")
        self.take_over = QCheckBox("Take over what others of the team have claimed")
        for code, name in applications.items():
            self.application.addItem(name, code)
        self.application.setCurrentIndex(max(self.application.findData(chosen), 0))
        self.source.addItems(list(_SOURCES))
        self._lay_out()
        self.application.currentIndexChanged.connect(self._on_application_changed)
        self.source.currentIndexChanged.connect(self.changed)
        self.window_of_time.changed.connect(self.changed)
        self.without_team.toggled.connect(self._on_without_team)
        self.take_over.toggled.connect(self.changed)

    def request(self, sending: RedeliveryRequest) -> GiveBackRequest:
        """Return a request for what the URL is missing of the chosen messages."""
        since, until = self.window_of_time.bounds
        via = _SOURCES[self.source.currentText()]
        return GiveBackRequest(
            application=self.code,
            sending=sending,
            since=since,
            until=until,
            via=via,
            with_team=not self.without_team.isChecked(),
            take_over=self.take_over.isChecked(),
        )

    def offer_team(self, *, claimed: bool) -> None:
        """Offer to go on without the team, and to take over what others have claimed there."""
        self.without_team.show()
        is_offered = claimed or self.take_over.isChecked()
        self.take_over.setVisible(is_offered and not self.without_team.isChecked())

    @property
    def code(self) -> str:
        """The code of the chosen application; empty if there is none."""
        return self.application.currentData() or ""

    @property
    def is_complete(self) -> bool:
        """True if there is an application whose messages are given back."""
        return bool(self.code)

    @property
    def single(self) -> int | None:
        """None: no single message is chosen."""
        return None

    @property
    def choices(self) -> dict[str, str]:
        """The choices as texts, to be remembered."""
        return {"window": self.window_of_time.choice, "source": self.source.currentText()}

    def restore(self, choices: Mapping[str, str]) -> None:
        """Choose what was chosen the last time; the application is the one that is selected."""
        self.window_of_time.restore(choices.get("window", ""))
        number = self.source.findText(choices.get("source", ""))
        if number >= 0:
            self.source.setCurrentIndex(number)

    def _on_application_changed(self) -> None:
        self.application_changed.emit(self.code)
        self.changed.emit()

    def _on_without_team(self, checked: bool) -> None:
        if checked:
            with QSignalBlocker(self.take_over):
                self.take_over.setChecked(False)
            self.take_over.hide()
        self.changed.emit()

    def _lay_out(self) -> None:
        self.application.setAccessibleName("Application")
        self.source.setAccessibleName("Source of the messages")
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addWidget(self.source)
        row.addWidget(self.window_of_time, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(self.application)
        layout.addLayout(row)
        for box, explanation in ((self.without_team, _WITHOUT), (self.take_over, _TAKE_OVER)):
            box.setToolTip(plain_tooltip(explanation))
            box.hide()
            layout.addWidget(box)


def _instant_edit(name: str, *, hours: int) -> QDateTimeEdit:
    edit = QDateTimeEdit(QDateTime.currentDateTime().addSecs(3600 * hours))
    edit.setDisplayFormat("yyyy-MM-dd HH:mm")
    edit.setCalendarPopup(True)
    edit.setAccessibleName(name)
    return edit


def _instant(edit: QDateTimeEdit) -> int:
    return int(edit.dateTime().toMSecsSinceEpoch())
