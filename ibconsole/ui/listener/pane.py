"""The pane of the listener: its toolbar, a warning, and the list of received requests."""

from array import array
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.plural import counted
from ibconsole.services.runtime import ArchiveStatus, ListenerState, ListenerStatus, RefusalReason
from ibconsole.ui.listener.request_table import DeliveryReader, RequestTable
from ibconsole.ui.listener.toolbar import ListenerToolbar
from ibconsole.ui.tables import FeedPage
from ibconsole.ui.toolkit import REFUSAL_REMEDIES, SPACE, Command, Group, Theme, TimeDisplay
from ibconsole.ui.widgets import Banner, ElidedLabel, set_tone

_STOPPED = (
    "The listener is stopped, so nothing can arrive. Once started, it stores every request sent"
    " to its address, and answers 200 when the request is on disk."
)
_STOPPED_WITH_RULES = (
    "The listener is stopped, so nothing can arrive. Once started, it stores every request sent"
    " to its address, and then answers by the rules that are set."
)
_ELSEWHERE = (
    "The listener of this window is stopped. Another window listens at {}: the requests that arrive"
    " there are listed here, too."
)
_WAITING = (
    "Nothing has arrived yet. The address can be reached from this computer only: for the platform"
    " to reach it, a tunnel must lead to it."
)
_WAITING_EXPOSED = (
    "Nothing has arrived yet. For the platform to reach it, this computer must be reachable from"
    " the internet, or a tunnel must lead to it."
)
_OF_A_TEAM = (
    "Requests to the listener of this computer. What other computers of the team receive is under"
    " Messages."
)
_NOT_TWO = "Select the two requests to compare."
_COPY_URL = "Copy the forward URL"
_REFUSED = "{} refused: {}. No forward was accepted since. {}"
_EXPOSED = (
    "The listener is open to the network at {}, unencrypted and for anyone who knows the URL. Stop"
    " it when it is not needed."
)


class ListenerPane(QWidget):
    """The toolbar, a warning while others can reach the listener, and the table of requests.

    `resend_requested` carries the ids of requests, whose messages are to be sent again.
    """

    retry_requested = Signal()
    request_selected = Signal(int)
    compare_requested = Signal(int, int)
    selection_cleared = Signal()
    resend_requested = Signal(object)

    def __init__(
        self,
        reader: DeliveryReader,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        time_display: TimeDisplay | None = None,
    ) -> None:
        super().__init__(parent)
        time_display = time_display or TimeDisplay(self)
        self._status = ListenerStatus()
        self.exposure_banner = Banner(theme)
        self.refusal_banner = Banner(theme)
        self.toolbar = ListenerToolbar(theme, time_display=time_display)
        self.table = RequestTable(reader, theme, time_display=time_display)
        self.model = self.table.feed
        self.team_line = QFrame()
        self.page = FeedPage(self._controls(), self.table, theme)
        self.compare_command = Command(
            "Compare two requests…",
            Group.LISTENER,
            self._on_compare_triggered,
            icon_name="columns-2",
            parent=self,
        )
        self.compare_command.add_to(self.table)
        self.resend = Command(
            "Resend the messages of the selected requests…",
            Group.LISTENER,
            lambda: self.resend_requested.emit(self.model.ids_of(self.table.selected_runs())),
            shortcut="Ctrl+R",
            parent=self,
        )
        self.resend.add_to(self.table)
        self.commands = (*self.toolbar.commands, self.compare_command, self.resend)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for banner in (self.refusal_banner, self.exposure_banner):
            self.page.banners.add(banner)
        layout.addWidget(self.page)
        self.refusal_banner.action_requested.connect(self.toolbar.copy_command.trigger)
        self.page.retry_requested.connect(self.retry_requested)
        self.table.current_changed.connect(self._on_current_changed)
        self.table.selectionModel().selectionChanged.connect(self._update_commands)
        self._update_commands()
        self._show_rows()

    @property
    def newest(self) -> int:
        """The id of the newest request listed; 0 if there is none."""
        return self.model.newest

    def show_status(self, status: ListenerStatus, archive: ArchiveStatus | None = None) -> None:
        """Show the state of the listener, and what the archive says about its requests."""
        self._status = status
        self.toolbar.show_status(status, archive)
        self._show_refused(archive or ArchiveStatus())
        self._show_exposure()
        self._show_rows()

    def show_team(self, *, is_shared: bool) -> None:
        """Say whose requests are listed, while the open connection names a team."""
        self.team_line.setVisible(is_shared)

    def add_requests(self, ids: "array[int]") -> None:
        """Add new requests on top; those listed before may have been decoded meanwhile."""
        self.model.refresh_newest()
        self.model.append(ids)
        self._show_rows()

    def show_failed(self, error: UserError) -> None:
        """Show that the archive could not be searched."""
        self.page.show_failed(str(error), error.details)

    def show_not_started(self, error: UserError) -> None:
        """Show why the listener could not be started."""
        self.page.banner.show_notice(Severity.DANGER, str(error), details=error.details)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Offer neither start nor stop while the block runs."""
        self.page.banner.clear()
        self.page.set_working(on=True)
        self.toolbar.set_busy(on=True)
        try:
            yield
        finally:
            self.page.set_working(on=False)
            self.toolbar.set_busy(on=False)
            self._show_rows()

    def _controls(self) -> QWidget:
        """Return the toolbar, above the line about the listener's computer."""
        controls = QWidget()
        layout = QVBoxLayout(controls)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.toolbar)
        text = ElidedLabel(_OF_A_TEAM)
        set_tone(text, Severity.MUTED)
        line = QVBoxLayout(self.team_line)
        line.setContentsMargins(2 * SPACE, SPACE // 2, 2 * SPACE, SPACE // 2)
        line.addWidget(text)
        self.team_line.setAccessibleName(_OF_A_TEAM)
        self.team_line.hide()
        layout.addWidget(self.team_line)
        return controls

    def _show_exposure(self) -> None:
        if self._status.reachable_at:
            sentence = _EXPOSED.format(self._status.reachable_at)
            self.exposure_banner.show_notice(Severity.WARNING, sentence, closable=False)
        else:
            self.exposure_banner.clear()

    def _show_refused(self, archive: ArchiveStatus) -> None:
        if not archive.refused or self._status.state is not ListenerState.LISTENING:
            self.refusal_banner.clear()
            return
        remedy = REFUSAL_REMEDIES[archive.refusal]
        sentence = _REFUSED.format(counted(archive.refused, "request"), archive.refusal, remedy)
        if self.refusal_banner.isHidden() or self.refusal_banner.text.text() != sentence:
            self.refusal_banner.show_notice(
                Severity.WARNING,
                sentence,
                action=_COPY_URL if archive.refusal is RefusalReason.WRONG_PATH else "",
                closable=False,
            )

    def _show_rows(self) -> None:
        if self.model.rowCount():
            self.page.show_table()
        elif self._status.state is ListenerState.LISTENING:
            self.page.show_empty(_WAITING_EXPOSED if self._status.reachable_at else _WAITING)
        elif self._status.elsewhere:
            self.page.show_empty(_ELSEWHERE.format(self._status.elsewhere))
        else:
            self.page.show_empty(_STOPPED_WITH_RULES if self._status.answers else _STOPPED)

    def announce_selection(self) -> None:
        """Emit again which request is selected, or that none is."""
        self._on_current_changed(self.table.currentIndex().row())

    def _update_commands(self) -> None:
        count = sum(map(len, self.table.selected_runs()))
        self.compare_command.set_disabled_reason("" if count == 2 else _NOT_TWO)
        self.resend.set_disabled_reason("" if count else "No request is selected.")

    def _on_compare_triggered(self) -> None:
        self.compare_requested.emit(*sorted(self.model.ids_of(self.table.selected_runs())))

    def _on_current_changed(self, row: int) -> None:
        if row < 0:
            self.selection_cleared.emit()
        else:
            self.request_selected.emit(self.model.id_at(row))
