"""The line on top: which account this is, whether it answers, and what concerns the window."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from ibconsole.services.connections import Connection
from ibconsole.services.runtime import ConnectionStatus, Status
from ibconsole.ui.toolkit import SPACE, Command, Scheme, Theme, mono_font, strong_font
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

_ENVIRONMENTS = {
    "sandbox": (
        "SANDBOX",
        BadgeStyle.INFO,
        "A simulated platform on this computer: nothing here is real.",
    ),
    "test": ("TEST", BadgeStyle.NEUTRAL, "This connection is marked as a test account."),
    "production": ("PRODUCTION", BadgeStyle.LOUD, "Customers depend on this account."),
}
_SCHEMES = {
    Scheme.SYSTEM: ("monitor", "Follow the system"),
    Scheme.LIGHT: ("sun", "Light"),
    Scheme.DARK: ("moon", "Dark"),
}
_HEIGHT = 11 * SPACE
_WIDEST_NAME = 260


class ConnectionBar(QFrame):
    """Shows the account at work, and offers others, to find something, and to refresh."""

    refresh_requested = Signal()
    find_requested = Signal()
    connection_chosen = Signal(Connection)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bar")
        self.setFixedHeight(_HEIGHT)
        self._theme = theme
        self._connection: ConnectionStatus | None = None
        self._menu_commands: tuple[Command, ...] = ()
        self.dot = StateDot(theme)
        self.colour = ColourMark(theme)
        self.name = IconButton("chevron-down", "Connection", theme, text="No connection")
        self.menu = QMenu(self)
        self.base_url = ElidedLabel()
        self.key = ElidedLabel()
        self.environment = Badge()
        self.finder = PushButton("Find or run…  Ctrl+K", theme, icon_name="search")
        self.refresh = IconButton("refresh-cw", "Refresh (F5)", theme)
        self.scheme = IconButton("monitor", "Colours", theme)
        self._choices: dict[Scheme, QAction] = {}
        self._set_up()
        self._add_schemes()
        self.refresh.clicked.connect(self.refresh_requested)
        self.finder.clicked.connect(self.find_requested)
        self.name.clicked.connect(self.pop_up)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.show_connection(ConnectionStatus())

    def show_status(self, status: Status) -> None:
        """Show the account at work; another one has not answered yet."""
        if status.connection != self._connection:
            self.show_connection(status.connection)

    def follow(self, manage: Command, add: Command, switch: Command) -> None:
        """Offer these in the menu of connections; without them there is no menu."""
        self._menu_commands = (add, manage)
        self.name.follow(switch)
        self.name.setEnabled(True)
        self._offer_menu()

    def show_connections(self, connections: Sequence[Connection], at_work: str) -> None:
        """Offer these in the menu; the one at work is marked."""
        self.menu.clear()
        for connection in connections:
            action = self.menu.addAction(
                colour_icon(connection.colour, self._theme), connection.name.replace("&", "&&")
            )
            action.setCheckable(True)
            action.setChecked(connection.id == at_work)
            action.setData(connection)
            action.triggered.connect(self._on_connection_chosen)
        self.menu.addSeparator()
        self.menu.addActions(self._menu_commands)

    def pop_up(self) -> None:
        """Open the menu of connections."""
        if self._menu_commands:
            corner = self.name.mapToGlobal(QPoint(0, self.name.height()))
            self.menu.popup(corner)
            if actions := self.menu.actions():
                self.menu.setActiveAction(actions[0])

    def show_connection(self, connection: ConnectionStatus) -> None:
        """Show an account; nothing is known of whether it answers."""
        self._connection = connection
        name = connection.name or "No connection"
        shown = self.name.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, _WIDEST_NAME)
        self.name.rename(f"Connection: {name}", text=shown.replace("&", "&&"))
        self.colour.show_colour(connection.colour)
        self.base_url.setText(connection.base_url)
        self.key.setText(connection.label)
        word, style, meaning = _ENVIRONMENTS.get(
            connection.environment, ("", BadgeStyle.NEUTRAL, "")
        )
        self.environment.show_word(word, style)
        self.environment.setToolTip(meaning)
        self.show_reach("off", "The platform was not asked anything yet.")

    def show_reach(self, kind: str, words: str) -> None:
        """Whether the platform answered when it was asked last."""
        self.dot.show_state(kind, words)

    def _on_connection_chosen(self) -> None:
        action = self.sender()
        if isinstance(action, QAction) and isinstance(action.data(), Connection):
            self.connection_chosen.emit(action.data())

    def _offer_menu(self) -> None:
        self.name.setFocusPolicy(
            Qt.FocusPolicy.TabFocus if self._menu_commands else Qt.FocusPolicy.NoFocus
        )

    def _on_scheme_chosen(self, choice: QAction) -> None:
        self._theme.apply(Scheme(choice.data()))

    def _on_theme_changed(self) -> None:
        scheme = self._theme.scheme
        picture, words = _SCHEMES[scheme]
        self.scheme.change_icon(picture)
        self.scheme.rename(f"Colours: {words.lower()}")
        if scheme in self._choices:
            self._choices[scheme].setChecked(True)

    def _add_schemes(self) -> None:
        menu = QMenu(self)
        group = QActionGroup(self)
        for scheme, (_, words) in _SCHEMES.items():
            choice = menu.addAction(words)
            choice.setCheckable(True)
            choice.setData(scheme.value)
            group.addAction(choice)
            self._choices[scheme] = choice
        group.triggered.connect(self._on_scheme_chosen)
        self.scheme.setMenu(menu)
        self.scheme.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _set_up(self) -> None:
        self.name.setFont(strong_font())
        self.base_url.setFont(mono_font())
        self.key.setFont(mono_font())
        for label, words in (
            (self.base_url, "Base URL"),
            (self.key, "Credential"),
        ):
            label.setAccessibleDescription(words)
        for label in (self.base_url, self.key):
            set_tone(label, "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(3 * SPACE, 0, 2 * SPACE, 0)
        layout.setSpacing(2 * SPACE)
        self.finder.setAccessibleName("Find or run a command")
        self.finder.setProperty("quiet", "true")
        self._offer_menu()
        shown: tuple[QWidget, ...] = (self.dot, self.colour, self.name, self.environment)
        for widget in (*shown, self.base_url, self.key):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self.finder)
        layout.addStretch(1)
        layout.addWidget(self.refresh)
        layout.addWidget(self.scheme)
