"""The line on top: which account this is, whether it answers, and what concerns the window."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from ibconsole.services import ConnectionStatus, Status
from ibconsole.ui.theme import SPACE, Scheme, Theme, mono_font, strong_font
from ibconsole.ui.widgets.buttons import IconButton
from ibconsole.ui.widgets.elided_label import ElidedLabel
from ibconsole.ui.widgets.labels import Badge, set_tone
from ibconsole.ui.widgets.state_dot import StateDot

_ENVIRONMENTS = {
    "sandbox": ("SANDBOX", "info", "A simulated platform on this computer: nothing here is real."),
    "test": ("TEST", "neutral", "This connection is marked as a test account."),
    "production": ("PRODUCTION", "loud", "Customers depend on this account."),
}
_SCHEMES = {
    Scheme.SYSTEM: ("monitor", "Follow the system"),
    Scheme.LIGHT: ("sun", "Light"),
    Scheme.DARK: ("moon", "Dark"),
}
_HEIGHT = 11 * SPACE


class ConnectionBar(QFrame):
    """Shows the account at work, and offers to refresh and to change the colours."""

    refresh_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bar")
        self.setFixedHeight(_HEIGHT)
        self._theme = theme
        self._connection: ConnectionStatus | None = None
        self.dot = StateDot(theme)
        self.name = ElidedLabel()
        self.base_url = ElidedLabel()
        self.key = ElidedLabel()
        self.environment = Badge()
        self.refresh = IconButton("refresh-cw", "Refresh (F5)", theme)
        self.scheme = IconButton("monitor", "Colours", theme)
        self._choices: dict[Scheme, QAction] = {}
        self._set_up()
        self._add_schemes()
        self.refresh.clicked.connect(self.refresh_requested)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.show_connection(ConnectionStatus())

    def show_status(self, status: Status) -> None:
        """Show the account at work; another one has not answered yet."""
        if status.connection != self._connection:
            self.show_connection(status.connection)

    def show_connection(self, connection: ConnectionStatus) -> None:
        """Show an account; nothing is known of whether it answers."""
        self._connection = connection
        self.name.setText(connection.name or "No connection")
        self.base_url.setText(connection.base_url)
        self.key.setText(f"key {connection.key_label}" if connection.key_label else "")
        word, kind, meaning = _ENVIRONMENTS.get(connection.environment, ("", "neutral", ""))
        self.environment.show_word(word, kind)
        self.environment.setToolTip(meaning)
        self.show_reach("off", "The platform was not asked anything yet.")

    def show_reach(self, kind: str, words: str) -> None:
        """Whether the platform answered when it was asked last."""
        self.dot.show_state(kind, words)

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
            (self.name, "Connection"),
            (self.base_url, "Base URL"),
            (self.key, "API key"),
        ):
            label.setAccessibleDescription(words)
        for label in (self.base_url, self.key):
            set_tone(label, "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(3 * SPACE, 0, 2 * SPACE, 0)
        layout.setSpacing(2 * SPACE)
        for widget in (self.dot, self.name, self.environment, self.base_url, self.key):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self.refresh)
        layout.addWidget(self.scheme)
