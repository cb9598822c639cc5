"""The page in place of the setup while a connection is opened, or after that failed."""

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.secret import Secret
from ibconsole.services.connections import Connection, NoKeyring, NoSecret, VaultError
from ibconsole.ui.connections.secret_field import SecretField
from ibconsole.ui.toolkit import SPACE, Theme, icon, mono_font
from ibconsole.ui.widgets import (
    ButtonKind,
    FlowLayout,
    ProgressLine,
    PushButton,
    heading,
    paragraph,
    show_elided,
)

_MAX_WIDTH = 720
_ICON_SIZE = 24
_SECRET_WIDTH = 420
_DETAILS_HEIGHT = 20 * SPACE
_WAITING = (
    "Waiting for your system's keyring, which holds the secret. It may be asking for its password"
    " in a separate window."
)
_NOT_CONNECTED = (
    "No connection is open. Messages received earlier are below; open a connection to see where"
    " the messages of its account go."
)


class OpeningFailure(msgspec.Struct, frozen=True):
    """A connection that could not be opened, and why."""

    connection: Connection
    error: UserError

    @property
    def sentence(self) -> str:
        """A sentence that says what happened and what to do."""
        if isinstance(self.error, NoKeyring):
            noun = self.connection.kind.secret_noun
            return f"No secure keyring is available. Enter the {noun} for this session."
        return str(self.error)

    @property
    def details(self) -> str:
        """Details of the error, if there are any."""
        return str(self.error) if isinstance(self.error, NoKeyring) else self.error.details

    @property
    def lacks_secret(self) -> bool:
        """True if entering the secret would help."""
        return isinstance(self.error, NoSecret | VaultError)


class ConnectingPage(QFrame):
    """A sentence about the state of a connection, and buttons to act on it.

    If the secret is missing, it can be entered here: `secret_entered` carries it, and whether
    it is to be kept for this session only.
    """

    secret_entered = Signal(Secret, bool)
    cancel_requested = Signal()
    retry_requested = Signal()
    edit_requested = Signal()
    manage_requested = Signal()
    doctor_requested = Signal()
    back_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("surface")
        self._theme = theme
        self._current_icon = ("link", Severity.MUTED)
        self.progress = ProgressLine(theme)
        self._icon = QLabel()
        self.title = heading("")
        self.sentence = paragraph()
        self.secret_field = SecretField(theme)
        self.open_button = PushButton("Open", theme, kind=ButtonKind.PRIMARY)
        self.details_button = PushButton("Details", theme)
        self.details = QPlainTextEdit(readOnly=True)
        self._failure: OpeningFailure | None = None
        self.cancel = PushButton("Cancel", theme)
        self.retry = PushButton("Try again", theme, icon_name="refresh-cw")
        self.edit = PushButton("Edit connection…", theme)
        self.manage = PushButton("Connections…", theme)
        self.doctor = PushButton("Keyring doctor…", theme)
        self.back = PushButton("", theme)
        self._set_up()
        self._lay_out()
        for button, signal in (
            (self.cancel, self.cancel_requested),
            (self.retry, self.retry_requested),
            (self.edit, self.edit_requested),
            (self.manage, self.manage_requested),
            (self.doctor, self.doctor_requested),
            (self.back, self.back_requested),
        ):
            button.clicked.connect(signal)
        self.secret_field.submitted.connect(self._on_submitted)
        self.open_button.clicked.connect(self._on_submitted)
        self.details_button.toggled.connect(self.details.setVisible)
        theme.changed.connect(self._update_icon)
        self.show_none()

    def show_none(self) -> None:
        """Show that no connection is open, although some are saved."""
        self._show("link", Severity.MUTED, "No connection", _NOT_CONNECTED, self.manage)

    def show_unreadable(self, sentence: str) -> None:
        """Show that the saved connections could not be read."""
        title = "The connections could not be read"
        self._show("circle-alert", Severity.DANGER, title, sentence, self.retry)

    def show_opening(self, connection: Connection) -> None:
        """Show that the secret of the connection is being read."""
        self._show("key-round", Severity.MUTED, f"Opening {connection.name}", _WAITING, self.cancel)
        self.progress.set_busy(on=True)

    def show_failed(self, failure: OpeningFailure, *, previous: str = "") -> None:
        """Show that it could not be opened; the previous connection, if any, is still open."""
        show_elided(self.back, f"Back to {previous}")
        buttons = [self.retry, self.edit, self.manage, self.doctor]
        if failure.lacks_secret:
            buttons.insert(0, self.open_button)
        if failure.details:
            buttons.append(self.details_button)
        if previous:
            buttons.append(self.back)
        title = f"{failure.connection.name} is not open"
        self._show("circle-alert", Severity.DANGER, title, failure.sentence, *buttons)
        self.details.setPlainText(failure.details)
        if failure != self._failure:  # not again while the user is typing
            self._show_secret_field(failure)
        self._failure = failure

    def focus_secret(self) -> None:
        """Let the user type the secret, if it is asked for."""
        if self.secret_field.isVisibleTo(self):  # the window may not be shown yet
            self.secret_field.setFocus()

    def clear_secret(self) -> None:
        """Forget what was typed."""
        self.secret_field.line.clear()
        self._failure = None

    def _show_secret_field(self, failure: OpeningFailure) -> None:
        connection, error = failure.connection, failure.error
        if not self._failure or self._failure.connection.id != connection.id:
            self.secret_field.line.clear()
        self.details_button.setChecked(False)
        self.secret_field.show_name(connection.kind.secret_name)
        self.secret_field.line.setPlaceholderText(f"Enter the {connection.kind.secret_noun}")
        self.secret_field.offer_keyring(
            available=not isinstance(error, NoKeyring),
            default=isinstance(error, NoSecret) and not connection.session_only,
        )

    def _on_submitted(self) -> None:
        if secret := self.secret_field.typed:
            self.secret_entered.emit(secret, self.secret_field.for_session)
        else:
            self.secret_field.setFocus()

    def _show(
        self, icon_name: str, tone: Severity, title: str, sentence: str, *buttons: PushButton
    ) -> None:
        self._current_icon = (icon_name, tone)
        self.progress.set_busy(on=False)
        # Not hidden in between: it would lose the focus, and what is typed would go elsewhere.
        self.secret_field.setVisible(self.open_button in buttons)
        self.details.setVisible(self.details_button in buttons and self.details_button.isChecked())
        self.title.setText(title)
        self.sentence.setText(sentence)
        for button in self._buttons():
            button.setVisible(button in buttons)
        self._update_icon()

    def _buttons(self) -> tuple[PushButton, ...]:
        return (
            self.open_button,
            self.retry,
            self.edit,
            self.manage,
            self.doctor,
            self.back,
            self.cancel,
            self.details_button,
        )

    def _update_icon(self) -> None:
        name, tone = self._current_icon
        self._icon.setPixmap(
            icon(name, self._theme, tone, _ICON_SIZE).pixmap(_ICON_SIZE, _ICON_SIZE)
        )

    def _set_up(self) -> None:
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.secret_field.setMaximumWidth(_SECRET_WIDTH)
        self.details_button.setCheckable(True)
        self.details.setFont(mono_font())
        self.details.setFixedHeight(_DETAILS_HEIGHT)
        self.details.setTabChangesFocus(True)
        self.details.setAccessibleName("Details")

    def _lay_out(self) -> None:
        centre = Qt.AlignmentFlag.AlignHCenter
        self.sentence.setAlignment(centre)
        column = QWidget()
        column.setMaximumWidth(_MAX_WIDTH)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(4 * SPACE, 3 * SPACE, 4 * SPACE, 3 * SPACE)
        inner.setSpacing(2 * SPACE)
        inner.addStretch(1)
        inner.addWidget(self._icon, 0, centre)
        inner.addWidget(self.title, 0, centre)
        inner.addWidget(self.sentence)
        inner.addLayout(self._secret_row())
        inner.addLayout(self._button_row())
        inner.addWidget(self.details)
        inner.addStretch(1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(column, 100)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.progress)
        layout.addLayout(row, 1)

    def _secret_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.secret_field, 100)
        row.addStretch(1)
        return row

    def _button_row(self) -> FlowLayout:
        row = FlowLayout(centred=True)
        for button in self._buttons():
            row.addWidget(button)
        return row
