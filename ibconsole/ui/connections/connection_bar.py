"""The bar on top: the open connection, whether it answers, and commands of the window."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from ibconsole.errors import Severity
from ibconsole.services.connections import Connection, Environment
from ibconsole.services.runtime import ConnectionStatus, Status
from ibconsole.text import escape_invisible
from ibconsole.ui.toolkit import (
    SPACE,
    Command,
    Indicator,
    Scheme,
    Theme,
    mono_font,
    plain_tooltip,
    strong_font,
)
from ibconsole.ui.widgets import (
    Badge,
    BadgeStyle,
    ColourMark,
    ElidedLabel,
    IconButton,
    PushButton,
    StateDot,
    colour_icon,
    set_tone,
)

_ENVIRONMENTS: dict[str, tuple[str, BadgeStyle, str]] = {
    Environment.SANDBOX: (
        "SANDBOX",
        BadgeStyle.INFO,
        "A simulated platform on this computer: nothing here is real.",
    ),
    Environment.TEST: ("TEST", BadgeStyle.NEUTRAL, "This connection is marked as a test account."),
    Environment.PRODUCTION: ("PRODUCTION", BadgeStyle.LOUD, "Customers depend on this account."),
}
_CASE = "The case “{}”, as it was recorded: this is no account, and nothing leaves this computer."
_SCHEMES = {
    Scheme.SYSTEM: ("monitor", "Follow the system"),
    Scheme.LIGHT: ("sun", "Light"),
    Scheme.DARK: ("moon", "Dark"),
}
_HEIGHT = 11 * SPACE
_NAME_WIDTH = 260
_LEAST_NAME_WIDTH = 90
_CASE_WIDTH = 220
_OTHERS_WIDTH = 560  # of what stands in the bar with the name, environment and search included


class ConnectionBar(QFrame):
    """Shows the open connection, and offers to switch it, to search, and to refresh."""

    refresh_requested = Signal()
    find_requested = Signal()
    connection_selected = Signal(Connection)
    lock_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bar")
        self.setFixedHeight(_HEIGHT)
        self.setMinimumWidth(1)  # the name gives way in a narrow window
        self._theme = theme
        self.connection = ConnectionStatus()
        self._menu_commands: tuple[Command, ...] = ()
        self._offered: list[Command] = []
        self.dot = StateDot(theme)
        self.colour = ColourMark(theme)
        self.name = IconButton("chevron-down", "Connection", theme, text="No connection")
        self.menu = QMenu(self)
        self.base_url = ElidedLabel()
        self.key = ElidedLabel()
        self.environment = Badge()
        self.lock = IconButton("lock", "Lock", theme)
        self.find_button = PushButton("Find or run…  Ctrl+K", theme, icon_name="search")
        self.refresh = IconButton("refresh-cw", "Refresh (F5)", theme)
        self.scheme = IconButton("monitor", "Colours", theme)
        self._scheme_actions: dict[Scheme, QAction] = {}
        self._set_up()
        self._add_schemes()
        self.refresh.clicked.connect(self.refresh_requested)
        self.find_button.clicked.connect(self.find_requested)
        self.name.clicked.connect(self.open_menu)
        self.lock.clicked.connect(self.lock_clicked)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.show_connection(ConnectionStatus())

    def show_status(self, status: Status) -> None:
        """Show the open connection; a new one has not answered yet."""
        if status.connection != self.connection:
            self.show_connection(status.connection)

    def follow(self, manage: Command, add: Command, switch: Command) -> None:
        """Enable the menu of connections with these commands; without them there is none."""
        self._menu_commands = (add, manage)
        self.name.setToolTip(switch.toolTip())
        self._update_focus_policy()

    def show_connections(self, connections: Sequence[Connection], current: str) -> None:
        """List the connections in the menu; the one with the current UUID is checked."""
        self.menu.clear()
        for connection in connections:
            action = self.menu.addAction(
                colour_icon(connection.colour, self._theme), connection.name.replace("&", "&&")
            )
            action.setCheckable(True)
            action.setChecked(connection.id == current)
            action.setData(connection)
            action.triggered.connect(self._on_connection_selected)
        self.menu.addSeparator()
        self.menu.addActions(self._menu_commands)
        if self._offered:
            self.menu.addSeparator()
            self.menu.addActions(self._offered)

    def offer(self, command: Command) -> None:
        """Offer a command below the connections, from the next time on that they are listed."""
        self._offered.append(command)

    def open_menu(self) -> None:
        """Open the menu of connections."""
        if self._menu_commands:
            corner = self.name.mapToGlobal(QPoint(0, self.name.height()))
            self.menu.popup(corner)
            if actions := self.menu.actions():
                self.menu.setActiveAction(actions[0])

    def show_connection(self, connection: ConnectionStatus) -> None:
        """Show a connection that was not asked anything yet."""
        self.connection = connection
        name = connection.name or "No connection"
        self._show_name(name)
        self.colour.show_colour(connection.colour)
        # An account without a name is called by its URL.
        self.base_url.setText(connection.base_url if connection.base_url != name else "")
        self.key.setText(connection.label)
        self._show_environment()
        self.show_reachability(Indicator.OFF, "No request was sent yet.")

    def show_lock(self, icon_name: str, text: str, tooltip: str) -> None:
        """Show the lock of the connection; without an icon there is none."""
        self.lock.setVisible(bool(icon_name))
        if icon_name:
            self.lock.change_icon(icon_name)
            self.lock.rename(f"Lock: {text or 'not locked'}", text=text)
            self.lock.setToolTip(plain_tooltip(tooltip))

    def show_reachability(self, indicator: Indicator, sentence: str) -> None:
        """Show whether the platform answered the last request."""
        self.dot.show_state(indicator, sentence)

    def _show_environment(self) -> None:
        if title := escape_invisible(self.connection.case):
            word = f"CASE \N{MIDDLE DOT} {title}"
            metrics = self.environment.fontMetrics()
            shown = metrics.elidedText(word, Qt.TextElideMode.ElideRight, _CASE_WIDTH)
            self.environment.show_word(shown, BadgeStyle.CASE)
            self.environment.setAccessibleName(word)
            self.environment.setToolTip(plain_tooltip(_CASE.format(title)))
            return
        word, style, tooltip = _ENVIRONMENTS.get(
            self.connection.environment, ("", BadgeStyle.NEUTRAL, "")
        )
        self.environment.show_word(word, style)
        self.environment.setAccessibleName(word)
        self.environment.setToolTip(tooltip)

    def _show_name(self, name: str) -> None:
        """Show a name, elided in a narrow bar so that everything else keeps its room."""
        width = min(_NAME_WIDTH, max(self.width() - _OTHERS_WIDTH, _LEAST_NAME_WIDTH))
        elided = self.name.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, width)
        text, full = elided.replace("&", "&&"), f"Connection: {name}"
        if (text, full) != (self.name.text(), self.name.accessibleName()):
            self.name.rename(full, text=text)

    def _on_connection_selected(self) -> None:
        action = self.sender()
        if isinstance(action, QAction) and isinstance(action.data(), Connection):
            self.connection_selected.emit(action.data())

    def _update_focus_policy(self) -> None:
        self.name.setFocusPolicy(
            Qt.FocusPolicy.TabFocus if self._menu_commands else Qt.FocusPolicy.NoFocus
        )

    def _on_scheme_selected(self, action: QAction) -> None:
        self._theme.apply(Scheme(action.data()))

    def _on_theme_changed(self) -> None:
        scheme = self._theme.scheme
        icon_name, title = _SCHEMES[scheme]
        self.scheme.change_icon(icon_name)
        self.scheme.rename(f"Colours: {title.lower()}")
        if scheme in self._scheme_actions:
            self._scheme_actions[scheme].setChecked(True)

    def _add_schemes(self) -> None:
        menu = QMenu(self)
        group = QActionGroup(self)
        for scheme, (_, title) in _SCHEMES.items():
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setData(scheme.value)
            group.addAction(action)
            self._scheme_actions[scheme] = action
        group.triggered.connect(self._on_scheme_selected)
        self.scheme.setMenu(menu)
        self.scheme.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _set_up(self) -> None:
        self.name.setFont(strong_font())
        self.base_url.setFont(mono_font())
        self.key.setFont(mono_font())
        for label, description in (
            (self.base_url, "Base URL"),
            (self.key, "Credential"),
        ):
            label.setAccessibleDescription(description)
        for label in (self.base_url, self.key):
            set_tone(label, Severity.MUTED)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(3 * SPACE, 0, 2 * SPACE, 0)
        layout.setSpacing(2 * SPACE)
        self.find_button.setAccessibleName("Find or run a command")
        self.find_button.setProperty("quiet", "true")
        self._update_focus_policy()
        left: tuple[QWidget, ...] = (
            self.dot,
            self.colour,
            self.name,
            self.environment,
            self.lock,
        )
        self.lock.hide()
        for widget in (*left, self.base_url, self.key):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self.find_button)
        layout.addStretch(1)
        layout.addWidget(self.refresh)
        layout.addWidget(self.scheme)

    # Qt's side

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_name(self.connection.name or "No connection")
