"""The presenter of the Timeline tab: it follows the selected application while the tab is shown."""

import asyncio
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.model import Application
from ibconsole.services.runtime import ConnectionStatus, Status
from ibconsole.services.setup.history import ChangesSinceItWorked, Timeline
from ibconsole.ui.timeline.chart_canvas import ChartData, prepare_chart
from ibconsole.ui.timeline.pane import TimelinePane
from ibconsole.ui.timeline.range_choice import TimelineRange
from ibconsole.ui.toolkit import UiTasks

_READ = "timeline"
_NONE_CHOSEN = "Choose an application to see its timeline."
_NO_CONNECTION = "Open a connection to see the timelines of its applications."


class TimelineSource(Protocol):
    """Reads timelines from the archive; `version` changes with every commit of any process."""

    async def version(self) -> int: ...
    async def timeline(
        self, connection: str, application: str, since: int | None, /
    ) -> Timeline: ...
    async def what_changed_since_it_worked(
        self, connection: str, application: str, /
    ) -> ChangesSinceItWorked: ...


class TimelinePresenter(QObject):
    """Reads the timeline of the selected application, and again when there is something new.

    `comparison_requested` carries the application and the `ComparedPoints`.
    """

    INTERVAL_MS = 1000  # between two looks at an archive that grows

    comparison_requested = Signal(object, object)

    def __init__(
        self,
        pane: TimelinePane,
        source: TimelineSource,
        tasks: UiTasks,
        *,
        interval_ms: int = INTERVAL_MS,
    ) -> None:
        super().__init__(pane)
        self._pane = pane
        self._source = source
        self._tasks = tasks
        self._connection = ConnectionStatus()
        self._application: Application | None = None
        self._shown: tuple[str, str, TimelineRange] | None = None
        self._version: int | None = None
        self._timer = QTimer(self, interval=interval_ms, singleShot=True)
        self._timer.timeout.connect(self._refresh)
        pane.appeared.connect(self.show_application)
        pane.disappeared.connect(self._on_disappeared)
        pane.range_changed.connect(self.show_application)
        pane.retry_requested.connect(self.show_application)
        pane.worked_requested.connect(self.ask_what_changed)
        pane.compare_requested.connect(self._on_compare_requested)

    def show_status(self, status: Status) -> None:
        """Follow the connection; look for new rows a moment after something happened."""
        if status.connection != self._connection:
            self._connection = status.connection
            self._application = None
            self.show_application()
        elif self._pane.isVisible() and not self._timer.isActive():
            self._timer.start()

    def select_application(self, application: object) -> None:
        """Follow the selection."""
        self._application = application if isinstance(application, Application) else None
        self.show_application()

    def show_application(self) -> None:
        """Read the timeline of the selected application, if the tab is shown."""
        self._tasks.cancel(_READ)
        if not self._pane.isVisible():
            return
        self._version = None
        if self._application is None:
            self._shown = None
            self._pane.set_subtitle("")
            self._pane.show_no_timeline(_NONE_CHOSEN if self._connection.name else _NO_CONNECTION)
        else:
            self._tasks.start(_READ, self.read, self._application)

    def ask_what_changed(self) -> None:
        """Show what changed since the selected application last worked."""
        if self._application is None:
            self.show_application()
        else:
            self._tasks.start(_READ, self.read, self._application, asks=True)

    async def read(self, application: Application, *, asks: bool = False) -> None:
        """Read the timeline, unless it is shown and nothing was committed since then.

        With `asks` show what changed since it last worked.
        """
        pane, key = self._pane, (self._connection.id, application.code)
        same_application = self._shown is not None and self._shown[:2] == key
        wanted = (*key, pane.chosen_range)
        is_new = asks or wanted != self._shown
        answers = asks or (pane.changes is not None and not is_new)
        if is_new:
            pane.set_subtitle(application.name)
            pane.show_loading(keep=same_application and pane.has_content)
        try:
            version = await self._source.version()
            if not is_new and version == self._version:
                return
            changes = await self._source.what_changed_since_it_worked(*key) if answers else None
            chosen = _wide_enough(pane.chosen_range, changes if asks else None)
            data = await self._load(key, chosen)
        except UserError as error:
            self._version = None
            self._show_failed(error, same_application=same_application)
            return
        pane.choose_range(chosen)
        keep, self._shown = self._shown == (*key, chosen), (*key, chosen)
        self._version = version
        if changes is None and not data.timeline.events and not data.timeline.hours:
            self._show_nothing(data, chosen)
            return
        pane.show_timeline(data, keep=keep and pane.has_content, read_at=now_ms())
        if changes is not None and asks:
            pane.show_changes(changes)
        elif changes is not None:
            pane.update_changes(changes)

    async def _load(self, key: tuple[str, str], chosen: TimelineRange) -> ChartData:
        timeline = await self._source.timeline(*key, chosen.since(now_ms()))
        return await asyncio.to_thread(prepare_chart, timeline)

    def _show_failed(self, error: UserError, *, same_application: bool) -> None:
        if same_application and self._pane.has_content:
            self._pane.show_outdated(str(error))
        else:
            self._pane.show_denied(f"The timeline could not be read. {error}", error.details)

    def _show_nothing(self, data: ChartData, chosen: TimelineRange) -> None:
        if chosen is TimelineRange.ALL or data.timeline.recorded_from is None:
            sentence = (
                "Nothing is known of this application yet. Its setup is recorded with each"
                " refresh from now on, and its messages as they arrive."
            )
        else:
            sentence = "Nothing happened in this period. Choose a longer one."
        self._pane.show_no_timeline(sentence)

    def _refresh(self) -> None:
        if self._pane.isVisible() and self._application and not self._tasks.running(_READ):
            self._tasks.start(_READ, self.read, self._application)

    def _on_disappeared(self) -> None:
        self._timer.stop()

    def _on_compare_requested(self, points: object) -> None:
        if self._application is not None:
            self.comparison_requested.emit(self._application, points)


def _wide_enough(chosen: TimelineRange, changes: ChangesSinceItWorked | None) -> TimelineRange:
    """Return the chosen range, or the next one in which it still worked."""
    if changes is None:
        return chosen
    if changes.worked_at is None:
        return TimelineRange.ALL
    ranges = list(TimelineRange)
    longer = ranges[ranges.index(chosen) :]
    now, worked_at = now_ms(), changes.worked_at
    return next(one for one in longer if (since := one.since(now)) is None or since < worked_at)
