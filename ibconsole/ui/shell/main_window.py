"""The main window: places the panes, and has no behaviour of its own.

The window is shown before its panes exist: packages of panes are named here, and their modules
are imported by `fill`.

`WindowPresenter` shows the engine's state in it, `WindowCommands` adds menus and palette, and
`SavedLayout` restores its layout.
"""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QMainWindow,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.lazy import LazyModule
from ibconsole.ui import (
    activity,
    audit,
    connections,
    diagnosis,
    forward_test,
    inspector,
    listener,
    messages,
    redelivery,
    setup,
    timeline,
    toolkit,
    widgets,
)

if TYPE_CHECKING:
    from ibconsole.services.messages import AsyncReader
    from ibconsole.ui.shell import greeting, status_bar
else:
    greeting = LazyModule("ibconsole.ui.shell.greeting")
    status_bar = LazyModule("ibconsole.ui.shell.status_bar")

_DEFAULT_SIZE = (1280, 800)
_MINIMUM_SIZE = (1024, 640)
_COMPACT_BELOW = 740  # pixels of height, for the route to be one line
# In a window below its smallest size, as on a small screen at a scale of 2, each half keeps the
# height that shows rows, and the halves scroll.
_LEAST_HALVES = (270, 230)
_LEAST_TABS, _LEAST_INSPECTOR = 440, 180  # pixels


class LateTabs:
    """The tabs that are not in front at the start."""

    def __init__(
        self,
        tabs: QTabWidget,
        reader: "AsyncReader",
        theme: "toolkit.Theme",
        times: "toolkit.TimeDisplay",
        codes: "toolkit.CodeDisplay",
        names: "toolkit.ApplicationNames",
    ) -> None:
        self.listener = widgets.LateTab(
            tabs,
            "Listener",
            lambda: listener.ListenerPane(reader, theme, time_display=times),
            _modules("listener", "address toolbar request_table pane presenter"),
        )
        self.forward_test = widgets.LateTab(
            tabs,
            "Forward test",
            lambda results: forward_test.ForwardTestPane(
                theme, results, time_display=times, codes=codes
            ),
            _modules("forward_test", "ladder_options payload_editor result_view pane presenter"),
            (lambda: forward_test.ResultView(theme, time_display=times),),
        )
        self.activity = widgets.LateTab(
            tabs,
            "Activity",
            lambda: activity.ActivityPane(theme, time_display=times, codes=codes),
            _modules("activity", "details entry_table pane presenter"),
        )
        self.audit = widgets.LateTab(
            tabs,
            "Audit",
            lambda: audit.AuditPane(names, theme, time_display=times),
            _modules("audit", "model details toolbar pane presenter"),
        )
        self.health = widgets.LateTab(
            tabs,
            "Health",
            lambda: diagnosis.HealthPane(theme),
            _modules("diagnosis", "finding_rows finding_dialogs pane presenter"),
        )
        self.timeline = widgets.LateTab(
            tabs,
            "Timeline",
            lambda views: timeline.TimelinePane(theme, views, time_display=times),
            _modules("timeline", "chart event_tables pane presenter"),
            (lambda: timeline.EventViews(times),),
        )
        self.redelivery = widgets.LateTab(
            tabs,
            "Redelivery",
            lambda details: redelivery.RedeliveryPane(names, theme, details, time_display=times),
            _modules("redelivery", "jobs_table items_table item_details pane presenter"),
            (lambda: redelivery.ItemDetails(theme, time_display=times),),
        )

    @property
    def all(self) -> "tuple[widgets.LateTab[Any], ...]":
        """All of them, in their order."""
        return (
            self.listener,
            self.forward_test,
            self.activity,
            self.audit,
            self.health,
            self.timeline,
            self.redelivery,
        )


def _modules(package: str, names: str) -> tuple[str, ...]:
    return tuple(f"ibconsole.ui.{package}.{name}" for name in names.split())


class MainWindow(QMainWindow):
    """The setup above; below it the tabs of what was received, and the inspector.

    `close_requested` carries the close event: a receiver that has to delay it ignores the event.
    """

    refresh_requested = Signal()
    close_requested = Signal(object)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("ibconsole")
        self.setMinimumSize(*_MINIMUM_SIZE)
        self.resize(*_DEFAULT_SIZE)
        self.fit = widgets.ScreenFit(self)
        self.is_filled = False

    def fill(
        self,
        reader: "AsyncReader",
        theme: "toolkit.Theme",
        *,
        record: "messages.RowReader | None" = None,
    ) -> None:
        """Build the panes at once; see `filling`."""
        for _ in self.filling(reader, theme, record=record):
            pass

    def filling(
        self,
        reader: "AsyncReader",
        theme: "toolkit.Theme",
        *,
        record: "messages.RowReader | None" = None,
    ) -> Iterator[None]:
        """Build the panes in steps, between which other windows can be used.

        In a window that is shown already, they stay hidden until `reveal`. `record` has the
        messages that are listed, without it the `reader` of the archive.
        """
        self.names = toolkit.ApplicationNames(self)
        self.time_display = times = toolkit.TimeDisplay(self)
        self.codes = codes = toolkit.CodeDisplay(self)
        self.bar = connections.ConnectionBar(theme)
        yield
        self.setup = setup.SetupPanes(theme, codes=codes)
        yield
        self.connecting = connections.ConnectingPage(theme)
        self.greeting = greeting.GreetingPage(theme)
        yield
        self.messages = messages.MessagesPane(
            record or reader, self.names, theme, time_display=times
        )
        yield
        self.inspector = inspector.Inspector(theme, codes=codes)
        yield
        self._add_tabs(reader, theme)
        self._lay_out()
        self.bar.refresh_requested.connect(self.refresh_requested)
        self._show_successes_of_all()
        self._adapt_to_height()
        self.is_filled = True

    def _add_tabs(self, reader: "AsyncReader", theme: "toolkit.Theme") -> None:
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.addTab(self.messages, "Messages")
        self.late = LateTabs(self.tabs, reader, theme, self.time_display, self.codes, self.names)
        self.builder = widgets.IdleBuilder(self, self.late.all)
        self.closed.connect(self.builder.stop)
        self.traffic = widgets.Splitter(Qt.Orientation.Horizontal)
        self.upper = widgets.PageStack()
        self.halves = widgets.Splitter(Qt.Orientation.Vertical)
        self.scroll_area = widgets.FocusScroll(self.halves)
        self.status = status_bar.StatusBar(theme, time_display=self.time_display)
        self.toasts = widgets.Toasts(self, theme)
        self.frame = widgets.ProductionFrame(self, theme)
        self.tabs.currentChanged.connect(lambda _: self.scroll_area.reveal(self.tabs))

    def reveal(self) -> None:
        """Show the panes of a window that was shown before they were built."""
        bars = self.menuBar().sizeHint().height() + self.status.sizeHint().height()
        # At its final size at once: splitters would adapt restored sizes to any smaller one.
        self.centralWidget().resize(self.width(), self.height() - bars)
        self.status.show()
        self.centralWidget().show()
        if self.isActiveWindow() and self.focusWidget() is None:
            self.focusNextChild()
        self.builder.start()

    @property
    def is_usable(self) -> bool:
        """True once the panes are shown, in place of the first frame."""
        return self.is_filled and self.centralWidget().isVisible()

    @property
    def listener(self) -> "listener.ListenerPane":
        """The pane of the listener; like each of `late`, it is built when first asked for."""
        return self.late.listener.pane

    @property
    def forward_test(self) -> "forward_test.ForwardTestPane":
        """The pane of the forward test."""
        return self.late.forward_test.pane

    @property
    def activity(self) -> "activity.ActivityPane":
        """The pane of the requests that the program makes."""
        return self.late.activity.pane

    @property
    def audit(self) -> "audit.AuditPane":
        """The pane of what was changed and pulled."""
        return self.late.audit.pane

    @property
    def health(self) -> "diagnosis.HealthPane":
        """The pane of the findings."""
        return self.late.health.pane

    @property
    def timeline(self) -> "timeline.TimelinePane":
        """The pane of the selected application's timeline."""
        return self.late.timeline.pane

    @property
    def redelivery(self) -> "redelivery.RedeliveryPane":
        """The pane of what was sent again or given back."""
        return self.late.redelivery.pane

    @property
    def panes(self) -> tuple[QWidget, ...]:
        """The parts that F6 goes through, hidden ones included."""
        setup = self.setup
        upper: tuple[QWidget, ...] = (
            setup.failure,
            setup.applications_pane,
            setup.configuration_pane,
            setup.actions_pane,
            setup.route,
        )
        if self.upper.currentWidget() is not setup:
            upper = (self.upper.currentWidget(),)
        return (self.bar, *upper, self.tabs, self.inspector, self.status)

    def _show_successes_of_all(self) -> None:
        panes = (self.setup.configuration_pane, self.setup.actions_pane)
        for source in (self.messages, *panes):
            self._show_successes(source)
        for late in (self.late.forward_test, self.late.activity, self.late.health):
            late.when_built(self._show_successes)
        self.setup.changed.connect(self._show_change)

    def _show_successes(self, source: Any) -> None:
        source.succeeded.connect(partial(self.toasts.show, Severity.OK))

    def _show_change(self, sentence: str, act: str) -> None:
        undo = partial(self.setup.undo_requested.emit, act)
        self.toasts.show(Severity.OK, sentence, action="Undo…", run=undo)

    def _lay_out(self) -> None:
        self._fill_traffic()
        for page in (self.setup, self.connecting, self.greeting):
            self.upper.addWidget(page)
        self.halves.addWidget(self.upper)
        self.halves.addWidget(self.traffic)
        self.halves.setSizes([350, 390])
        self.halves.setStretchFactor(1, 1)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self.scroll_area, 1)
        for part in (centre, self.status) if self.isVisible() else ():
            part.hide()  # until `reveal`
        self.setCentralWidget(centre)
        self.setup.applications_pane.focus_list()  # what a user chooses first
        self.setStatusBar(self.status)

    def _adapt_to_height(self) -> None:
        self.setup.route.set_compact(on=self.height() < _COMPACT_BELOW)
        is_small = self.height() < _MINIMUM_SIZE[1]
        for half, least in zip((self.upper, self.traffic), _LEAST_HALVES, strict=True):
            half.setMinimumHeight(least if is_small else 0)

    def _fill_traffic(self) -> None:
        self.tabs.setAccessibleName("Messages and requests")
        self.traffic.addWidget(self.tabs)
        self.traffic.addWidget(self.inspector)
        # Fixed, or a button that appears in a tab would move what is read in the inspector.
        for part, least in ((self.tabs, _LEAST_TABS), (self.inspector, _LEAST_INSPECTOR)):
            part.setMinimumWidth(least)
        self.traffic.setSizes([870, 410])
        self.traffic.setStretchFactor(0, 2)
        self.traffic.setStretchFactor(1, 1)

    # Qt's side

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.is_filled:
            self._adapt_to_height()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_requested.emit(event)
        if event.isAccepted():
            super().closeEvent(event)
            for dialog in self.findChildren(QDialog):
                dialog.hide()  # Qt leaves it on the screen while other windows are open
            self.closed.emit()
