"""The applications of the account."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.model import Application
from ibconsole.services.diagnosis import HealthReport, HealthState
from ibconsole.text import mask_code
from ibconsole.ui.diagnosis import HealthBar, HealthBook, HealthCells
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import (
    BY_ADMINISTRATOR,
    SPACE,
    CodeDisplay,
    Command,
    Group,
    Theme,
    icon,
    one_line,
)
from ibconsole.ui.widgets import IconButton, PaneFrame


def name_of(application: Application) -> str:
    """Return its name on one line, or its masked code if it has no name."""
    return one_line(application.name).strip() or mask_code(application.code) or "(no name)"


def identity_of(application: Application) -> tuple[str, str]:
    """Return code and ID, which stay the same when the application is renamed."""
    return application.code, application.id


def push_of(application: Application) -> str:
    """Return its push systems, e.g. `APNs · FCM` or `off`; empty if the platform named none."""
    if application.apns is None and application.gcm is None:
        return ""
    systems = (("APNs", application.apns), ("FCM", application.gcm))
    return " · ".join(name for name, enabled in systems if enabled) or "off"


def _registrations(application: Application) -> str:
    return "" if application.registrations is None else f"{application.registrations:,}"


def _tooltip(application: Application) -> str:
    notes = (f"Unusual: {note}" for note in application.oddities)
    lines = (application.name, application.description, *notes)
    return "\n".join(filter(None, map(one_line, lines)))


_NAME: Column[Application] = Column("Name", name_of, tooltip=_tooltip)
_OTHERS: Sequence[Column[Application]] = (
    Column("Code", lambda application: mask_code(application.code)),
    Column("Push", push_of, tooltip=lambda _: "The push systems that are enabled"),
    Column(
        "Registered",
        _registrations,
        sort_key=lambda application: (
            -1 if application.registrations is None else application.registrations
        ),
        tooltip=lambda _: "App installations that are registered for push",
        right=True,
    ),
)

_HEALTH, _REGISTERED = 1, 4  # the columns
_MOST_SELECTED = 100
_IN_USE = (QLineEdit, QAbstractItemView, QAbstractSpinBox, QPlainTextEdit)


class ApplicationsPane(PaneFrame):
    """The list of applications, of which one is selected.

    `application_selected` carries the Application, or None.
    """

    application_selected = Signal(object)
    look_up_requested = Signal()
    raw_requested = Signal(str, object)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, codes: CodeDisplay | None = None
    ) -> None:
        super().__init__("Applications", theme, parent)
        self._codes = codes or CodeDisplay(self)
        self._theme = theme
        self._takes_focus = False
        self.filter = QLineEdit(placeholderText="Filter by name, code, ID or description")
        self._health = HealthBook()
        self.health = HealthBar(self._health, theme)
        columns = (_NAME, self._health.column, *_OTHERS)
        self.table = RecordsTable(
            RecordsModel(columns, identity_of, self, search=self._searchable_text),
            stretch=0,
            optional=(2, 3),
        )
        self._health_cells = HealthCells(self._health, theme)
        self.table.setItemDelegateForColumn(_HEALTH, self._health_cells)
        self._search_action = self.filter.addAction(
            icon("search", theme, Severity.MUTED), QLineEdit.ActionPosition.LeadingPosition
        )
        self.look_up = Command(
            "Look up an application…",
            Group.SETUP,
            self.look_up_requested.emit,
            shortcut="Ctrl+L",
            icon_name="search",
            parent=self,
        )
        self.raw = Command(
            "Show the application as JSON",
            Group.SETUP,
            self._on_raw,
            icon_name="braces",
            parent=self,
        )
        self.commands = (self.look_up, self.raw, self.health.pause)
        self.look_up_button = IconButton(
            "search", "Look up an application…", theme, room_text="Look up…"
        )
        self.look_up_button.follow(self.look_up)
        self.add_action(self.look_up_button)
        self.raw.add_to(self.table)
        self._set_up()
        self.table.record_selected.connect(self._update_commands)
        self.table.record_selected.connect(self.application_selected)
        self.table.arranged.connect(self._count)
        self.filter.textChanged.connect(self._on_filter_changed)
        self.health.filter_changed.connect(self._on_health_filter_changed)
        theme.changed.connect(self._tint)
        self._codes.changed.connect(self._on_codes_changed)
        self._offer_copies()

    def show_applications(
        self, applications: Sequence[Application], read_at: int | None = None
    ) -> None:
        """Show these applications; a selected one among them stays selected."""
        self.table.show_records(applications)
        if applications:
            self.show_content(read_at)
            self._take_focus()
        else:
            self.show_empty(
                "This account has no application for mobile push. Create one in the platform's own"
                " portal, then refresh.",
                icon_name="smartphone",
            )
        self.health.show_counts(applications)
        self._update_commands()

    def show_health(self, report: HealthReport) -> None:
        """Show the health of the applications; rows move only once all are checked."""
        self._health.report = report
        self.health.show_counts(self.table.records)
        sorted_by_health = self.table.horizontalHeader().sortIndicatorSection() == _HEALTH
        filling = report.state is HealthState.FILLING
        if self.health.group or (sorted_by_health and not filling):
            self.table.refresh_values()
        else:
            self.table.viewport().update()

    def focus_list(self) -> None:
        """Let the keyboard choose an application, as soon as there are some.

        A user who is typing or reading in another place by then stays there; buttons and tabs
        get the focus from Qt itself.
        """
        self._takes_focus = not self.has_content
        if self.has_content:
            self.table.setFocus()

    def focus_filter(self) -> None:
        """Move the focus to the search field."""
        self.filter.setFocus()
        self.filter.selectAll()

    def _take_focus(self) -> None:
        in_use = isinstance(self.window().focusWidget(), _IN_USE)
        if self._takes_focus and not in_use:
            self.table.setFocus()
        self._takes_focus = False

    def _update_commands(self) -> None:
        self.raw.set_disabled_reason(
            "" if self.table.selected_record else "No application is selected."
        )

    def _on_raw(self) -> None:
        if application := self.table.selected_record:
            self.raw_requested.emit(name_of(application), application.raw)

    def _on_filter_changed(self, text: str) -> None:
        self.table.placeholder = f"No application contains “{text}”."
        codes = (application.code for application in self.table.records)
        self.table.filter(self._codes.typed(text.strip(), codes))

    def _searchable_text(self, application: Application) -> str:
        code = self._codes.code(application.code)  # or it could be found out letter by letter
        return "\n".join((application.name, code, application.id, application.description))

    def _offer_copies(self) -> None:
        why = self._codes.why_masked
        note = f" ({BY_ADMINISTRATOR})" if why else ""
        self.table.copies = (
            ("Copy name", lambda application: application.name),
            (
                f"Copy application code{note}",
                lambda application: "" if why else application.code,
            ),
            ("Copy application ID", lambda application: application.id),
        )

    def _on_codes_changed(self) -> None:
        self._offer_copies()
        self.table.refresh_values()
        self._on_filter_changed(self.filter.text())

    def _on_health_filter_changed(self) -> None:
        group = self.health.group
        if group:
            self.table.placeholder = f"No application is in the group “{group.value}”."
        self.table.filter_by(self.health.meets if group else None)

    def _on_escape(self) -> None:
        self.filter.clear()
        self.table.setFocus()

    def _count(self) -> None:
        shown, total = self.table.model().rowCount(), self.table.total
        self.set_subtitle(f"{total:,}" if shown == total else f"{shown:,} of {total:,}")

    def _tint(self) -> None:
        self._search_action.setIcon(icon("search", self._theme, Severity.MUTED))

    def _set_up(self) -> None:
        self.filter.setAccessibleName("Filter applications")
        self.filter.setClearButtonEnabled(True)
        self.table.setAccessibleName("Applications")
        self.table.enable_multiple_selection(most=_MOST_SELECTED)  # two can be compared
        self.table.set_widths(0, 120, 104, 92, 88, by_content=True)
        self.table.columns.hide_if_crowded(_REGISTERED)
        self._update_commands()
        escape = QShortcut(
            QKeySequence(Qt.Key.Key_Escape),
            self.filter,
            context=Qt.ShortcutContext.WidgetShortcut,
        )
        escape.activated.connect(self._on_escape)
        row = QHBoxLayout()
        row.setContentsMargins(2 * SPACE, 0, 2 * SPACE, SPACE)
        row.addWidget(self.filter)
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(self.health)
        layout.addWidget(self.table, 1)
        self.set_content(content)
