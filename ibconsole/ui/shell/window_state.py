"""The saved state of the window: sizes and choices, never secrets and nothing irreplaceable."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QPoint, QSettings, QTimer
from PySide6.QtWidgets import QTabWidget, QWidget

from ibconsole.clock import now_ms
from ibconsole.files import is_missing
from ibconsole.services import connections, messages
from ibconsole.ui import tables, toolkit
from ibconsole.ui.first_frame import (
    MAX_APPLICATIONS,
    Area,
    LastSeen,
    read_last_seen,
    write_last_seen,
)
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.ui.toolkit import Scheme, Theme

if TYPE_CHECKING:
    from ibconsole.services.messages import Order
    from ibconsole.ui.activity import ActivityPane
    from ibconsole.ui.audit import AuditPane
    from ibconsole.ui.diagnosis import HealthPane
    from ibconsole.ui.forward_test import ForwardTestPane
    from ibconsole.ui.listener import ListenerPane
    from ibconsole.ui.redelivery import RedeliveryPane
    from ibconsole.ui.tables import RowTable
    from ibconsole.ui.timeline import TimelinePane


class WindowState(QObject):
    """Sizes and choices in a file of the data directory that only its owner can read.

    Values that change many times in a row, such as the width of a column while it is dragged,
    are written after `save_delay_ms` without a change. An unreadable value counts as missing.
    """

    def __init__(
        self, path: Path, parent: QObject | None = None, *, save_delay_ms: int = 1000
    ) -> None:
        super().__init__(parent)
        self._changed_columns: dict[str, str] = {}
        self._delay = QTimer(self, singleShot=True, interval=save_delay_ms)
        self._delay.timeout.connect(self._write_columns)
        with suppress(OSError):  # nothing is saved then; the archive's error says why
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
        if not is_missing(path) and not path.is_file():
            # Qt would wait for a pipe, and replace a device. Below it there can be no file.
            path /= "none"
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)

    @property
    def scheme(self) -> Scheme:
        """The colour scheme, by default the system's."""
        try:
            return Scheme(str(self._settings.value("scheme", Scheme.SYSTEM.value)))
        except ValueError:
            return Scheme.SYSTEM

    @scheme.setter
    def scheme(self, scheme: Scheme) -> None:
        self._settings.setValue("scheme", scheme.value)

    @property
    def utc(self) -> bool:
        """True if times are shown in UTC, false for the zone of this computer."""
        return str(self._settings.value("utc", "")) == "true"

    @utc.setter
    def utc(self, utc: bool) -> None:
        self._settings.setValue("utc", "true" if utc else "false")

    @property
    def listener_host(self) -> str:
        """The saved address for the listener; empty if there is none."""
        return str(self._settings.value("listener/host", ""))

    @listener_host.setter
    def listener_host(self, host: str) -> None:
        self._settings.setValue("listener/host", host)

    @property
    def message_order(self) -> "Order":
        """The order of the messages, by default that of their arrival."""
        try:
            return messages.Order(str(self._settings.value("messages/order", "")))
        except ValueError:
            return messages.Order.ARRIVAL

    @message_order.setter
    def message_order(self, order: "Order") -> None:
        self._settings.setValue("messages/order", order.value)

    def number(self, name: str, default: int) -> int:
        """Return a saved number, or the default."""
        try:
            return int(str(self._settings.value(f"numbers/{name}", default)))
        except ValueError:
            return default

    def set_number(self, name: str, number: int) -> None:
        """Save a number."""
        self._settings.setValue(f"numbers/{name}", number)

    def text(self, name: str) -> str:
        """Return a saved text, empty if there is none."""
        return str(self._settings.value(f"texts/{name}", ""))

    def set_text(self, name: str, text: str) -> None:
        """Save a text."""
        self._settings.setValue(f"texts/{name}", text)

    def shows(self, pane: str) -> bool:
        """Return whether the pane is shown, as all are at first."""
        return str(self._settings.value(f"panes/{pane}", "true")) == "true"

    def show(self, pane: str, *, on: bool) -> None:
        """Save that the pane is shown or hidden."""
        self._settings.setValue(f"panes/{pane}", "true" if on else "false")

    def layout(self, name: str) -> QByteArray:
        """Return a saved geometry or splitter state; empty if there is none."""
        value = self._settings.value(f"state/{name}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def set_layout(self, name: str, layout: QByteArray) -> None:
        """Save a geometry or splitter state."""
        self._settings.setValue(f"state/{name}", layout)

    def track_columns(self, table: "RowTable", name: str) -> None:
        """Restore the columns of a table, and save every change of them from now on."""
        columns = self._settings.value(f"columns/{name}")
        if isinstance(columns, str):
            table.columns.restore(columns)
        table.columns.changed.connect(lambda: self._on_columns_changed(table, name))

    def last_seen(self, settings: str) -> LastSeen | None:
        """Return what the first frame may show; `settings` is the text of the settings file."""
        text = str(self._settings.value("last_seen", ""))
        return read_last_seen(text, now_ms=now_ms(), settings=settings)

    def set_last_seen(self, seen: LastSeen) -> None:
        """Save what the next first frame may show."""
        self._settings.setValue("last_seen", write_last_seen(seen))

    def save(self) -> None:
        """Write the file now."""
        self._write_columns()
        self._settings.sync()

    def _on_columns_changed(self, table: "RowTable", name: str) -> None:
        self._changed_columns[name] = table.columns.state
        self._delay.start()

    def _write_columns(self) -> None:
        self._delay.stop()
        changed, self._changed_columns = self._changed_columns, {}
        for name, columns in changed.items():
            self._settings.setValue(f"columns/{name}", columns)


class SavedLayout(QObject):
    """Restores sizes and choices of the window, and saves them when the window is closed."""

    def __init__(self, window: MainWindow, theme: Theme, window_state: WindowState) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._state = window_state
        self._splitters = {
            "setup": window.setup.splitter,
            "traffic": window.traffic,
            "halves": window.halves,
        }
        self._restore_layout()
        self._restore_choices()
        late = window.late
        late.listener.when_built(self._restore_listener)
        late.forward_test.when_built(self._restore_forward_test)
        late.activity.when_built(self._restore_activity)
        late.audit.when_built(self._restore_audit)
        late.health.when_built(self._restore_health)
        late.timeline.when_built(self._restore_timeline)
        late.redelivery.when_built(self._restore_redelivery)
        self._restore_tab()
        window.closed.connect(self.save)

    def save(self) -> None:
        """Save the present layout and choices to the file."""
        window, state = self._window, self._state
        pulling = window.messages.toolbar.pulling
        state.scheme = self._theme.scheme
        state.utc = window.time_display.utc
        if listener := window.late.listener.built:  # else what was saved stays
            state.listener_host = listener.toolbar.address.host
        if timeline := window.late.timeline.built:
            state.set_text("timeline_range", timeline.range.currentData())
        state.set_text("tab", window.tabs.tabText(window.tabs.currentIndex()))
        if audit := window.late.audit.built:
            state.set_text("audit_account", audit.toolbar.account_id)
            state.set_number("audit_days", audit.toolbar.days)
        state.message_order = window.messages.order.order
        state.set_number("json_tree", int(window.inspector.as_tree.isChecked()))
        state.set_number("pull_limit", pulling.limit.value())
        state.set_number("pull_batch", pulling.batch)
        state.set_number("pull_interval", pulling.interval)
        state.set_layout("window", window.saveGeometry())
        for name, splitter in self._splitters.items():
            state.set_layout(name, splitter.saveState())
        if window.is_usable:  # else the panes were not shown yet
            state.set_last_seen(_last_seen(window))
        state.save()

    def _restore_layout(self) -> None:
        window, state = self._window, self._state
        if not window.isVisible():  # else it was restored before the first frame
            window.restoreGeometry(state.layout("window"))
        for name in self._splitters:
            self._restore_splitter(name)
        for table, name in (
            (window.setup.applications_pane.table, "applications"),
            (window.setup.actions_pane.table, "actions"),
            (window.messages.table, "messages"),
        ):
            state.track_columns(table, name)

    def _restore_splitter(self, name: str) -> None:
        self._splitters[name].restoreState(self._state.layout(name))

    def _restore_listener(self, pane: "ListenerPane") -> None:
        self._state.track_columns(pane.table, "requests")
        pane.toolbar.address.select(self._state.listener_host)

    def _restore_forward_test(self, pane: "ForwardTestPane") -> None:
        self._splitters["forward_test"] = pane.splitter
        self._restore_splitter("forward_test")
        self._state.track_columns(pane.results.previous_tests, "forward_tests")

    def _restore_activity(self, pane: "ActivityPane") -> None:
        self._splitters["activity"] = pane.splitter
        self._restore_splitter("activity")
        self._state.track_columns(pane.table, "activity")

    def _restore_audit(self, pane: "AuditPane") -> None:
        self._splitters["audit"] = pane.splitter
        self._restore_splitter("audit")
        self._state.track_columns(pane.table, "audit")
        account = self._state.text("audit_account")
        pane.toolbar.restore(account, self._state.number("audit_days", 0))

    def _restore_health(self, pane: "HealthPane") -> None:
        self._splitters["health"] = pane.splitter
        self._restore_splitter("health")
        self._state.track_columns(pane.table, "findings")

    def _restore_timeline(self, pane: "TimelinePane") -> None:
        self._splitters["timeline"] = pane.splitter
        self._restore_splitter("timeline")
        self._state.track_columns(pane.views.events, "timeline")
        number = pane.range.findData(self._state.text("timeline_range"))
        if number >= 0:
            pane.range.setCurrentIndex(number)

    def _restore_redelivery(self, pane: "RedeliveryPane") -> None:
        for name, splitter in (
            ("redelivery", pane.splitter),
            ("redelivery_items", pane.item_splitter),
        ):
            self._splitters[name] = splitter
            self._restore_splitter(name)
        self._state.track_columns(pane.jobs, "redeliveries")
        self._state.track_columns(pane.items, "redelivery_items")

    def _restore_tab(self) -> None:
        tabs, title = self._window.tabs, self._state.text("tab")
        for number in range(tabs.count()):
            if tabs.tabText(number) == title:
                tabs.setCurrentIndex(number)

    def _restore_choices(self) -> None:
        window, state = self._window, self._state
        pulling = window.messages.toolbar.pulling
        window.messages.order.select(state.message_order)
        window.inspector.as_tree.setChecked(bool(state.number("json_tree", 0)))
        pulling.limit.setValue(state.number("pull_limit", pulling.limit.value()))
        pulling.batch = state.number("pull_batch", pulling.batch)
        pulling.interval = state.number("pull_interval", pulling.interval)


def _last_seen(window: MainWindow) -> LastSeen:
    """Return the places of the panes, and the names of a saved connection that is not simulated."""
    pane, connection = window.setup.applications_pane, window.bar.connection
    seen = LastSeen((window.width(), window.height()), now_ms(), tuple(_areas(window)))
    if not connection.id or connection.environment == connections.Environment.SANDBOX:
        return seen
    model = pane.table.model()
    rows = range(min(model.rowCount(), MAX_APPLICATIONS)) if pane.has_content else ()
    records = (model.index(row, 0).data(tables.RecordRole) for row in rows)
    return LastSeen(
        seen.size,
        seen.at,
        seen.areas,
        connection.id,
        connection.name,
        connection.environment,
        connection.colour,
        # No codes: an application without a name is left out.
        tuple(name for record in records if (name := toolkit.one_line(record.name))),
    )


def _areas(window: MainWindow) -> Iterator[Area]:
    applications = window.setup.applications_pane
    viewport = applications.table.viewport()
    for pane in window.panes:
        if not pane.isVisible() or pane in {window.bar, window.status, window.setup.failure}:
            continue
        corner = pane.mapTo(window, QPoint())
        rows_top = viewport.mapTo(window, QPoint()).y() if pane is applications else 0
        yield Area(_titles(pane), corner.x(), corner.y(), pane.width(), pane.height(), rows_top)


def _titles(pane: QWidget) -> tuple[str, ...]:
    own = [pane] if isinstance(pane, QTabWidget) else pane.findChildren(QTabWidget)
    for tabs in own:
        return tuple(tabs.tabText(number) for number in range(tabs.count()))
    return (pane.accessibleName(),)
