"""The line that says whose messages are listed: those of a team, or of this disk and why."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from ibconsole.errors import Severity
from ibconsole.plural import counted
from ibconsole.services.team.reading import RecordSource, RecordState
from ibconsole.ui.toolkit import SPACE, Theme, TimeDisplay, severity_icon, times
from ibconsole.ui.widgets import ElidedLabel, set_tone

_ICON_SIZE = 14


class RecordLine(QFrame):
    """One line about the record that is listed; hidden while no team is named."""

    def __init__(
        self, theme: Theme, time_display: TimeDisplay, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._time_display = time_display
        self._source = RecordSource()
        self._capped: int | None = None
        self._is_chosen = False
        self._icon = QLabel()
        self.text = ElidedLabel()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, SPACE // 2, 2 * SPACE, SPACE // 2)
        layout.setSpacing(SPACE)
        layout.addWidget(self._icon)
        layout.addWidget(self.text, 1)
        theme.changed.connect(self._update)
        time_display.changed.connect(self._update)
        self.hide()

    def show_source(self, source: RecordSource, *, is_chosen: bool = False) -> None:
        """Show which record is listed from now on.

        `is_chosen` says that the user wants this disk's in place of the team's.
        """
        self._source = source
        self._is_chosen = is_chosen
        self._update()

    def show_cap(self, count: int | None) -> None:
        """Show that no more than this number of messages is listed; None if all are."""
        self._capped = count
        self._update()

    @property
    def severity(self) -> Severity:
        """The severity of what the line says."""
        return Severity.WARNING if self._source.state is RecordState.AWAY else Severity.MUTED

    @property
    def replaces_team(self) -> bool:
        """True if this disk's messages are listed because the team's cannot be."""
        return self._source.address is not None and self._source.state is not RecordState.TEAM

    def _update(self) -> None:
        sentence = self._sentence()
        self.setVisible(bool(sentence))
        self.text.setText(sentence)
        self.setAccessibleName(f"{sentence} {self._source.problem}".strip())
        self.setToolTip(self._source.problem)
        set_tone(self.text, self.severity)
        self._icon.setVisible(self._source.state is RecordState.AWAY)
        self._icon.setPixmap(severity_icon(Severity.WARNING, self._theme).pixmap(_ICON_SIZE))

    def _sentence(self) -> str:
        source = self._source
        if self._is_chosen:
            return (
                "Messages of all connections on this disk. What only other members of the team"
                " received is not among them."
            )
        if source.address is None:
            return ""
        team = f"{source.address.account} in {source.address.label}"
        if source.state is RecordState.CONNECTING:
            return f"Connecting to {team}: this disk's messages are shown until it answers."
        if source.state is RecordState.AWAY:
            since = times.column_time(source.since, self._time_display.zone)
            return (
                f"The team's archive is away since {since}: this disk's messages are shown until"
                f" {team} is back."
            )
        if self._capped is None:
            return f"Messages of the team: {team}."
        newest = counted(self._capped, "message")
        return (
            f"Messages of the team: {team}. The newest {newest} are listed; a filter finds older"
            " ones."
        )
