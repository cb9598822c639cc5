"""Opens the team's dialog, keeps it up to date, and offers its command."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.lazy import LazyModule
from ibconsole.services.runtime import Status, TeamLink
from ibconsole.ui.toolkit import Command, Group, Theme, TimeDisplay, UiTasks
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.services.team import SeenTeam, SetAsideRow, TeamExamination
    from ibconsole.ui.team import team_dialog
else:  # imported when the dialog is opened first
    team_dialog = LazyModule("ibconsole.ui.team.team_dialog")

CHECK = "check which teams may be used"
LOOK = "look at the team"
EXAMINE = "examine the team's archive"
RETRY = "retry what the team refused"
_REFRESH_MS = 5_000
_NO_TEAM = "No connection is shared with a team: name its database where you edit a connection."


class TeamService(Protocol):
    """The teams that the connections of this computer share with."""

    async def objections(self) -> Sequence[str]: ...
    async def look(self, connection: str, /) -> "SeenTeam": ...
    async def examine(self, connection: str, /) -> "TeamExamination": ...
    async def set_aside(self, connections: Sequence[str], /) -> "Sequence[SetAsideRow]": ...
    async def retry_set_aside(self) -> None: ...


class TeamPresenter(QObject):
    """Shows the state of teams, from the status and from their archives.

    `notice_raised` carries a severity and a sentence on what is not shared.
    """

    notice_raised = Signal(Severity, str)

    def __init__(
        self,
        service: TeamService,
        tasks: UiTasks,
        theme: Theme,
        window: QWidget,
        display: TimeDisplay,
    ) -> None:
        super().__init__(window)
        self._service = service
        self._tasks = tasks
        self._theme = theme
        self._window = window
        self._display = display
        self._status = Status()
        self.dialog: team_dialog.TeamDialog | None = None
        self.show_team = Command("Team…", Group.CONNECTION, self.open, parent=self)
        self._timer = QTimer(self, interval=_REFRESH_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._update_command()

    def check(self) -> None:
        """Say which of the saved connections are not shared although they name a team."""
        self._tasks.start(CHECK, self._check)

    async def _check(self) -> None:
        for sentence in await self._service.objections():
            self.notice_raised.emit(Severity.WARNING, sentence)

    def show_status(self, status: Status) -> None:
        """Follow the ways to teams."""
        before, self._status = self._status, status
        if status.team == before.team and status.connection == before.connection:
            return
        self._update_command()
        if self.dialog:
            self.dialog.show_links(status.team.links, connection=status.connection.id)

    def open(self) -> None:
        """Open the dialog on the team of the open connection, else on the first one."""
        if self.dialog:
            return
        dialog = team_dialog.TeamDialog(self._theme, self._display, self._window)
        self.dialog = dialog
        dialog.show_links(self._status.team.links, connection=self._status.connection.id)
        dialog.chosen.connect(self._start)
        dialog.checks.check_requested.connect(self.start_examination)
        dialog.checks.stop_requested.connect(self._on_stop_requested)
        dialog.refresh_requested.connect(self.refresh)
        dialog.retry_requested.connect(self._on_retry_requested)
        dialog.finished.connect(self._on_finished)
        open_dialog(dialog)
        self._start()
        self._timer.start()

    def refresh(self) -> None:
        """Look at the team's archive again."""
        if self.dialog and self.dialog.link and self.dialog.link.connections:
            self._tasks.start(LOOK, self.look, self.dialog.link)

    def start_examination(self) -> None:
        """Make every check of the chosen team's archive, in the background."""
        if self.dialog and self.dialog.link and self.dialog.link.connections:
            self._tasks.start(EXAMINE, self.examine, self.dialog.link)

    async def examine(self, link: TeamLink) -> None:
        """Make every check of a team's archive, and show what was found."""
        if self.dialog:
            self.dialog.show_checking()
        try:
            found = await self._service.examine(link.connections[0])
        except UserError as error:
            if self.dialog:
                self.dialog.checks.show_failed(error)
        else:
            if self.dialog:
                self.dialog.show_examination(found)

    async def look(self, link: TeamLink) -> None:
        """Show what the archive of a team says, and what it refused."""
        if self.dialog:
            self.dialog.show_busy()
        refused = await self._service.set_aside(link.connections)
        if self.dialog:
            self.dialog.show_refused(refused)
        try:
            seen = await self._service.look(link.connections[0])
        except UserError as error:
            if self.dialog:
                self.dialog.show_failed(error)
        else:
            if self.dialog:
                self.dialog.show_team(seen)

    async def retry(self) -> None:
        """Ship again what was refused."""
        await self._service.retry_set_aside()
        self.refresh()

    def _start(self) -> None:
        self.refresh()
        self.start_examination()

    def _on_timeout(self) -> None:
        if not self._tasks.running(LOOK):  # else an archive without an answer would never be named
            self.refresh()

    def _on_stop_requested(self) -> None:
        self._tasks.cancel(EXAMINE)
        if self.dialog:
            self.dialog.checks.show_stopped()

    def _on_retry_requested(self) -> None:
        self._tasks.start(RETRY, self.retry)

    def _on_finished(self) -> None:
        self._timer.stop()
        self._tasks.cancel(LOOK)
        self._tasks.cancel(EXAMINE)
        self.dialog = None

    def _update_command(self) -> None:
        self.show_team.set_disabled_reason("" if self._status.team.links else _NO_TEAM)
