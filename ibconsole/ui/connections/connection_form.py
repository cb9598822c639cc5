"""The form of a connection: name, environment, address and credential, and their validation."""

from dataclasses import dataclass, replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.secret import Secret
from ibconsole.services.connections import (
    AuthorizationKind,
    Connection,
    Environment,
    InvalidConnection,
    needs_secret,
)
from ibconsole.ui.toolkit import SPACE, Theme, mono_font, set_property
from ibconsole.ui.widgets import ColourChoice, IconButton, muted, paragraph, set_tone

_ENVIRONMENTS = {
    Environment.SANDBOX: ("Sandbox", "nothing here is real"),
    Environment.TEST: ("Test", "an account to try things on"),
    Environment.PRODUCTION: ("Production", "customers depend on it"),
}
_SAVED = "Saved in the keyring; leave empty to keep it"


@dataclass(frozen=True, slots=True)
class ConnectionDraft:
    """The entered connection; `secret` is None if the saved secret stays.

    With `for_session`, the secret is kept in memory only.
    """

    connection: Connection
    secret: Secret | None
    for_session: bool = False


class ConnectionForm(QWidget):
    """The fields of a connection, each with a message below it, and a general message.

    `height_changed` is emitted when a field or a message is shown, hidden or changed.
    """

    height_changed = Signal()

    def __init__(self, connection: Connection, theme: Theme, *, new: bool) -> None:
        super().__init__()
        self._connection = connection
        self._new = new
        self.name = QLineEdit(placeholderText="The customer, for example")
        self.colour = ColourChoice(theme)
        self.environments = {one: QRadioButton(title) for one, (title, _) in _ENVIRONMENTS.items()}
        self.meaning = muted("")
        self.base_url = QLineEdit(placeholderText="xxxxx.api.infobip.com")
        self.kind = QComboBox()
        self.identity_label = muted("")
        self.identity = QLineEdit()
        self.secret_label = muted("")
        self.secret = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self.reveal = IconButton("eye", "Show what you typed", theme)
        self.messages: dict[str, QLabel] = {
            field: paragraph(tone=Severity.DANGER)
            for field in ("name", "base_url", "identity", "secret")
        }
        self.general_message = paragraph(tone=Severity.DANGER)
        self._set_up()
        self._lay_out()
        self._fill(connection)
        self._connect()

    @property
    def draft(self) -> ConnectionDraft:
        """The entered connection. Raises InvalidConnection if a field is not valid."""
        environment = next(one for one, button in self.environments.items() if button.isChecked())
        connection = replace(
            self._connection,
            name=self.name.text(),
            base_url=self.base_url.text(),
            colour=self.colour.colour,
            environment=environment,
            kind=self._kind,
            identity=self.identity.text() if self._kind.identity_name else "",
        ).normalized()
        return ConnectionDraft(connection, self._typed_secret(connection))

    def validate(self, *, name_optional: bool = False) -> ConnectionDraft | None:
        """Return the draft; None if a field is not valid, which gets a message.

        With `name_optional`, a missing name is taken from the address.
        """
        for field in ("", *self.messages):
            self.show_message(field, "")
        if name_optional and not self.name.text().strip():
            self.name.setText(self.base_url.text().strip()[:40])
        try:
            return self.draft
        except InvalidConnection as error:
            self.show_message(error.field, str(error))
            return None

    def show_message(self, field: str, sentence: str, *, focus: bool = True) -> None:
        """Show a message below a field and focus the field; an empty one removes it.

        A message about a field that the form does not have is shown below all fields.
        """
        label = self.messages.get(field, self.general_message)
        set_tone(label, Severity.DANGER)
        label.setText(sentence)
        label.setVisible(bool(sentence))
        if widget := self._inputs.get(field):
            set_property(widget, "wrong", "true" if sentence else "")
            if sentence and focus:
                widget.setFocus()
        self.height_changed.emit()

    @property
    def _inputs(self) -> dict[str, QLineEdit]:
        return {
            "name": self.name,
            "base_url": self.base_url,
            "identity": self.identity,
            "secret": self.secret,
        }

    @property
    def _kind(self) -> AuthorizationKind:
        return AuthorizationKind(self.kind.currentData())

    def _typed_secret(self, connection: Connection) -> Secret | None:
        typed = self.secret.text()
        if typed:
            return Secret(typed)
        if self._new or needs_secret(self._connection, connection):
            raise InvalidConnection("secret", f"{connection.kind.secret_name} is missing.")
        return None

    def _on_base_url_edited(self) -> None:
        """Show at once how a pasted address will be used, or why it is not valid."""
        text = self.base_url.text()
        self.show_message("base_url", "", focus=False)
        if not text.strip():
            return
        try:
            normalized = replace(
                self._connection, name="x", base_url=text, identity=""
            ).normalized()
        except InvalidConnection as error:
            if error.field == "base_url":
                self.show_message("base_url", str(error), focus=False)
            return
        if normalized.base_url != text.strip():
            message = self.messages["base_url"]
            set_tone(message, Severity.MUTED)
            message.setText(f"Used as {normalized.base_url}")
            message.show()
            self.height_changed.emit()

    def _on_kind_changed(self) -> None:
        kind = self._kind
        self.identity_label.setText(kind.identity_name)
        for widget in (self.identity_label, self.identity):
            widget.setVisible(bool(kind.identity_name))
        self.identity.setAccessibleName(kind.identity_name or "User name")
        self.secret_label.setText(kind.secret_name)
        self.secret.setAccessibleName(kind.secret_name)
        has_saved_secret = not self._new and kind is self._connection.kind
        self.secret.setPlaceholderText(_SAVED if has_saved_secret else "")
        self.height_changed.emit()

    def _on_environment_changed(self) -> None:
        for one, button in self.environments.items():
            if button.isChecked():
                self.meaning.setText(_ENVIRONMENTS[one][1])

    def _on_reveal_toggled(self, visible: bool) -> None:
        mode = QLineEdit.EchoMode
        self.secret.setEchoMode(mode.Normal if visible else mode.Password)
        self.reveal.change_icon("eye-off" if visible else "eye")
        self.reveal.rename("Hide what you typed" if visible else "Show what you typed")

    def _fill(self, connection: Connection) -> None:
        self.name.setText(connection.name)
        self.base_url.setText(connection.base_url)
        self.colour.select_colour(connection.colour)
        self.environments[connection.environment].setChecked(True)
        self.kind.setCurrentIndex(self.kind.findData(connection.kind.value))
        self.identity.setText(connection.identity)
        self._on_kind_changed()
        self._on_environment_changed()

    def _connect(self) -> None:
        self.base_url.textChanged.connect(self._on_base_url_edited)
        self.kind.currentIndexChanged.connect(self._on_kind_changed)
        self._environment_group.buttonToggled.connect(self._on_environment_changed)
        self.reveal.toggled.connect(self._on_reveal_toggled)

    def _set_up(self) -> None:
        self.name.setAccessibleName("Name")
        self.base_url.setAccessibleName("Base URL")
        self.kind.setAccessibleName("Authorization")
        self.base_url.setFont(mono_font())
        self.secret.setFont(mono_font())
        self.reveal.setCheckable(True)
        for kind in AuthorizationKind:
            self.kind.addItem(kind.label, kind.value)
        self._environment_group = QButtonGroup(self)
        for one, button in self.environments.items():
            button.setAccessibleName(f"Environment: {_ENVIRONMENTS[one][0]}")
            self._environment_group.addButton(button)
        for message in (*self.messages.values(), self.general_message):
            message.setContentsMargins(0, SPACE // 2, 0, 2 * SPACE)
            message.hide()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4 * SPACE)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[QLabel, QWidget, str], ...] = (
            (muted("Name"), self.name, "name"),
            (muted("Colour"), self.colour, ""),
            (muted("Environment"), self._environment_row(), ""),
            (muted("Base URL"), self.base_url, "base_url"),
            (muted("Authorization"), self.kind, ""),
            (self.identity_label, self.identity, "identity"),
            (self.secret_label, self._secret_row(), "secret"),
        )
        for row, (label, widget, field) in enumerate(rows):
            label.setBuddy(widget)
            grid.addWidget(label, 2 * row, 0)
            grid.addWidget(widget, 2 * row, 1)
            grid.setRowMinimumHeight(2 * row + 1, 2 * SPACE)
            if field:
                grid.addWidget(self.messages[field], 2 * row + 1, 1)
        grid.addWidget(self.general_message, 2 * len(rows), 0, 1, 2)

    def _environment_row(self) -> QWidget:
        widget = QWidget()
        row = QHBoxLayout(widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4 * SPACE)
        for button in self.environments.values():
            row.addWidget(button)
        row.addWidget(self.meaning, 1)
        return widget

    def _secret_row(self) -> QWidget:
        widget = QWidget()
        widget.setFocusProxy(self.secret)
        row = QHBoxLayout(widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(self.secret, 1)
        row.addWidget(self.reveal)
        return widget
