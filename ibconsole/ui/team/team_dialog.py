"""The dialog of a team: the way to its archive, who receives, what is wrong, what was refused."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QTabWidget, QVBoxLayout, QWidget

from ibconsole.clock import now_ms
from ibconsole.errors import Severity, UserError
from ibconsole.plural import counted
from ibconsole.services.runtime import TeamLink
from ibconsole.services.team import SeenTeam, SetAsideRow, TeamExamination, summarize_team
from ibconsole.ui.team.checks_page import ChecksPage
from ibconsole.ui.team.team_tables import SourceRow, refused_table, sources_table
from ibconsole.ui.toolkit import SPACE, Theme, TimeDisplay, describe_team_link, times
from ibconsole.ui.widgets import (
    Banner,
    BannerOverlay,
    ElidedComboBox,
    ElidedLabel,
    ProgressLine,
    PushButton,
    StateDot,
    button_row,
    heading,
    paragraph,
)

_SIZE = (800, 560)
_SOURCES, _CHECKS, _REFUSED = range(3)
_LOOKING = "Asking the team's archive…"
_NO_SOURCES = "Nothing was shared in this account yet."
_UNKNOWN_SOURCES = "Who receives for the team is not known: its archive did not answer."


class TeamDialog(QDialog):
    """Shows one team at a time, and its changes while it is open."""

    chosen = Signal(object)
    refresh_requested = Signal()
    retry_requested = Signal()

    def __init__(self, theme: Theme, display: TimeDisplay, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._display = display
        self._links: Sequence[TeamLink] = ()
        self._seen: SeenTeam | None = None
        self.banner = Banner(theme)
        self.progress = ProgressLine(theme)
        self.name = ElidedLabel()
        self.choice = ElidedComboBox()
        self.dot = StateDot(theme)
        self.state = QLabel()
        self.problem = paragraph()
        self.facts = paragraph(tone=Severity.MUTED)
        self.tabs = QTabWidget(documentMode=True)
        self.sources = sources_table(display, self)
        self.checks = ChecksPage(theme, display)
        self.refused_title = paragraph()
        self.refused = refused_table(display, self)
        self.retry = PushButton("Try again", theme)
        self.refresh = PushButton("Refresh", theme, icon_name="refresh-cw")
        self.close_button = PushButton("Close", theme)
        self._set_up()
        self._lay_out()
        self._connect()
        self.show_refused(())

    @property
    def link(self) -> TeamLink | None:
        """The chosen way to a team; None if there is none."""
        index = self.choice.currentIndex()
        return self._links[index] if 0 <= index < len(self._links) else None

    def show_links(self, links: Sequence[TeamLink], *, connection: str = "") -> None:
        """Show the ways to teams; that of the connection is chosen if none was before."""
        before = self.link
        titles = [_title(one) for one in links]
        if titles != [self.choice.itemText(row) for row in range(self.choice.count())]:
            kept = titles.index(_title(before)) if before and _title(before) in titles else None
            own = next((row for row, one in enumerate(links) if connection in one.connections), 0)
            with QSignalBlocker(self.choice):
                self.choice.clear()
                self.choice.addItems(titles)
                self.choice.setCurrentIndex(own if kept is None else kept)
        self._links = links
        self.name.setText(titles[0] if titles else "")
        self.name.setVisible(len(links) == 1)
        self.choice.setVisible(len(links) > 1)
        self.show_state()

    def show_state(self) -> None:
        """Show the state of the chosen way, with the time that has passed."""
        link = self.link
        if link is None:
            self.state.setText("No connection is shared with a team.")
            return
        text = describe_team_link(link, now_ms(), self._display.zone)
        self.dot.show_state(text.indicator, text.text)
        self.state.setText(text.text)
        self.problem.setText(text.details)
        self.problem.setVisible(bool(text.details))

    def show_busy(self) -> None:
        """Show that the team's archive is asked; what was shown stays."""
        self.progress.set_busy(on=True)
        self.refresh.setEnabled(False)
        if self._seen is None:
            self._show_facts(_LOOKING)
            self.sources.placeholder = ""

    def show_team(self, seen: SeenTeam) -> None:
        """Show what the team's archive says."""
        self._end_busy()
        self._seen = seen
        self.banner.clear()
        self._show_facts(*summarize_team(seen))
        self.sources.placeholder = _NO_SOURCES
        self.sources.show_records(
            [SourceRow(one, seen.overview.at) for one in seen.overview.sources]
        )

    def show_failed(self, error: UserError) -> None:
        """Show why the team's archive cannot be looked at; what was shown stays, with its time."""
        self._end_busy()
        seen = self._seen
        lines = [*summarize_team(seen)] if seen else []
        if seen:
            lines.append(f"As of {times.second(seen.overview.at, self._display.zone)}.")
        else:
            self.sources.placeholder = _UNKNOWN_SOURCES
        self._show_facts(*lines)
        if self.link and self.link.problem:  # said above, by what ships
            self.banner.clear()
        else:
            self.banner.show_notice(
                Severity.WARNING, str(error), details=error.details, closable=False
            )

    def show_checking(self) -> None:
        """Show that the checks are made now; the former ones stay."""
        self.checks.show_busy()

    def show_examination(self, examination: TeamExamination) -> None:
        """Show the checks, and the number of problems without opening their page."""
        self.checks.show_examination(examination)
        self._show_titles()

    def forget(self) -> None:
        """Show nothing of a team, because another one is chosen."""
        self._seen = None
        self.checks.forget()
        self._show_titles()
        self.banner.clear()
        self._show_facts()
        self.sources.placeholder = ""
        self.sources.show_records([])

    def show_refused(self, rows: Sequence[SetAsideRow]) -> None:
        """Show the rows that the team's archive refused; nothing for none."""
        self.refused_title.setText(
            f"The team's archive refused {counted(len(rows), 'row')}: they are on this disk alone."
        )
        self.refused.show_records(list(rows))
        self.tabs.setTabVisible(_REFUSED, bool(rows))
        self._show_titles()

    def _show_facts(self, *lines: str) -> None:
        self.facts.setText("\n".join(lines))
        self.facts.setVisible(bool(lines))
        self.sources.viewport().update()  # the placeholder of an empty table may have changed

    def _show_titles(self) -> None:
        self.tabs.setTabText(_CHECKS, self.checks.title)
        self.tabs.setTabText(_REFUSED, f"Refused ({self.refused.total:,})")

    def _end_busy(self) -> None:
        self.progress.set_busy(on=False)
        self.refresh.setEnabled(True)

    def _on_chosen(self) -> None:
        self.forget()
        self.show_state()
        self.chosen.emit(self.link)

    def _set_up(self) -> None:
        self.setWindowTitle("Team")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.name.setAccessibleName("Account and team")
        self.choice.setAccessibleName("Account and team")
        self.state.setAccessibleName("State")
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.hide()
        self.close_button.setDefault(True)
        self.resize(*_SIZE)

    def _connect(self) -> None:
        self.choice.currentIndexChanged.connect(self._on_chosen)
        self.refresh.clicked.connect(self.refresh_requested)
        self.retry.clicked.connect(self.retry_requested)
        self.close_button.clicked.connect(self.reject)
        self._display.changed.connect(self.show_state)

    def _fill_tabs(self) -> None:
        above = QHBoxLayout()
        above.setSpacing(2 * SPACE)
        above.addWidget(self.refused_title, 1)
        above.addWidget(self.retry)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 2 * SPACE, 0, 0)
        column.setSpacing(2 * SPACE)
        column.addLayout(above)
        column.addWidget(self.refused, 1)
        self.tabs.setAccessibleName("The team's archive")
        self.tabs.addTab(self.sources, "Received by")
        self.tabs.addTab(self.checks, self.checks.title)
        self.tabs.addTab(page, "Refused")

    def _lay_out(self) -> None:
        self._fill_tabs()
        state = QHBoxLayout()
        state.setSpacing(2 * SPACE)
        state.addWidget(self.dot)
        state.addWidget(self.state, 1)
        buttons = button_row(self.close_button, at_start=(self.refresh,))
        column = QVBoxLayout()
        column.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        column.setSpacing(2 * SPACE)
        column.addWidget(heading("Team"))
        column.addWidget(self.name)
        column.addWidget(self.choice)
        column.addLayout(state)
        column.addWidget(self.problem)
        column.addWidget(self.facts)
        column.addWidget(BannerOverlay(self.tabs, self.banner, elastic=self.tabs), 1)
        column.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.progress)
        layout.addLayout(column, 1)


def _title(link: TeamLink) -> str:
    return f"{link.account} in {link.label}"
