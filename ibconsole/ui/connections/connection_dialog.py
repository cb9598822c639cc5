"""The dialog to add or edit a connection: name, environment, address and credential."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.secret import Secret
from ibconsole.services.connections import (
    AuthorizationKind,
    CheckResult,
    Connection,
    Environment,
    InvalidConnection,
    needs_secret,
)
from ibconsole.ui.toolkit import SPACE, Theme, mono_font, set_property
from ibconsole.ui.widgets import (
    Banner,
    ButtonKind,
    ColourChoice,
    IconButton,
    ProgressLine,
    PushButton,
    fit_height,
    heading,
    muted,
    paragraph,
    set_tone,
)

_WIDTH = 600
_ENVIRONMENTS = {
    Environment.SANDBOX: ("Sandbox", "nothing here is real"),
    Environment.TEST: ("Test", "an account to try things on"),
    Environment.PRODUCTION: ("Production", "customers depend on it"),
}
_SAVED = "Saved in the keyring; leave empty to keep it"
_KEYRING_NOTE = "The secret goes to your system's keyring and to the platform, and nowhere else."


@dataclass(frozen=True, slots=True)
class ConnectionDraft:
    """The entered connection; `secret` is None if the saved secret stays.

    With `for_session`, the secret is kept in memory only.
    """

    connection: Connection
    secret: Secret | None
    for_session: bool = False


class ConnectionDialog(QDialog):
    """Edits a connection; stays open until `finish` reports that it is saved."""

    save_requested = Signal(ConnectionDraft)
    check_requested = Signal(ConnectionDraft)
    stop_requested = Signal()
    doctor_requested = Signal()

    def __init__(
        self, connection: Connection, theme: Theme, parent: QWidget | None = None, *, new: bool
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._connection = connection
        self._new = new
        self._busy = False
        self._focused: QWidget | None = None
        self._banner_action: Callable[[], None] | None = None
        title = "Add a connection" if new else f"Edit {connection.name}"
        self.setWindowTitle(title)
        self.banner = Banner(theme)
        self.progress = ProgressLine(theme)
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
        self.field_messages: dict[str, QLabel] = {
            field: paragraph(tone=Severity.DANGER)
            for field in ("name", "base_url", "identity", "secret")
        }
        self.check = PushButton("Test connection", theme)
        self.cancel = PushButton("Cancel", theme)
        self.save = PushButton("Add connection" if new else "Save", theme, kind=ButtonKind.PRIMARY)
        self._set_up()
        self._lay_out(title)
        self._fill(connection)
        self._connect()

    @property
    def draft(self) -> ConnectionDraft:
        """Return the entered connection; raises BadConnection if a field is not valid."""
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

    def show_busy(self, sentence: str) -> None:
        """Show that the platform or the keyring was asked, and disable the form."""
        self._set_busy(on=True)
        self.banner.show_notice(Severity.INFO, sentence, closable=False)
        fit_height(self)

    def show_failed(self, error: UserError, *, offer_session: bool = False) -> None:
        """Show why saving or testing failed.

        With `offer_session`, offer to keep the secret in memory, as the keyring failed.
        """
        self._set_busy(on=False)
        field = error.field if isinstance(error, InvalidConnection) else ""
        if field in self.field_messages:
            self.banner.clear()
            self._show_field_message(field, str(error))
            return
        self._banner_action = self._keep_for_session if offer_session else None
        self.banner.show_notice(
            Severity.DANGER,
            str(error),
            action="Keep for this session only" if offer_session else "",
            details=error.details,
            closable=False,
        )
        fit_height(self)

    def show_check_result(self, result: CheckResult) -> None:
        """Show the result of the connection test."""
        self._set_busy(on=False)
        self._banner_action = None
        causes = "".join(f"\n\N{BULLET} {cause}" for cause in result.causes)
        self.banner.show_notice(
            result.severity, f"{result.sentence}{causes}", details=result.details, closable=False
        )
        fit_height(self)

    def finish(self) -> None:
        """Close the dialog; the connection is saved."""
        self._set_busy(on=False)
        self.secret.clear()
        self.accept()

    # Qt's side

    def reject(self) -> None:
        if self._busy:
            self.stop_requested.emit()
            self._set_busy(on=False)
            self.banner.show_notice(Severity.INFO, "Stopped waiting.", closable=False)
            return
        self.secret.clear()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._busy:
            self.stop_requested.emit()
        self.secret.clear()
        super().closeEvent(event)

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

    def _on_save_clicked(self) -> None:
        if draft := self._validated_draft():
            self.save_requested.emit(draft)

    def _on_check_clicked(self) -> None:
        if draft := self._validated_draft(name_optional=True):
            self.check_requested.emit(draft)

    def _validated_draft(self, *, name_optional: bool = False) -> ConnectionDraft | None:
        for field in self.field_messages:
            self._show_field_message(field, "")
        if name_optional and not self.name.text().strip():
            self.name.setText(self.base_url.text().strip()[:40])
        try:
            return self.draft
        except InvalidConnection as error:
            self._show_field_message(error.field, str(error))
            return None

    def _show_field_message(self, field: str, sentence: str, *, focus: bool = True) -> None:
        widget = {
            "name": self.name,
            "base_url": self.base_url,
            "identity": self.identity,
            "secret": self.secret,
        }[field]
        set_property(widget, "wrong", "true" if sentence else "")
        set_tone(self.field_messages[field], Severity.DANGER)
        self.field_messages[field].setText(sentence)
        self.field_messages[field].setVisible(bool(sentence))
        if sentence and focus:
            widget.setFocus()
        fit_height(self)

    def _on_base_url_edited(self) -> None:
        """Show at once how a pasted address will be used, or why it is not valid."""
        text = self.base_url.text()
        self._show_field_message("base_url", "", focus=False)
        if not text.strip():
            return
        try:
            tidied = replace(self._connection, name="x", base_url=text, identity="").normalized()
        except InvalidConnection as error:
            if error.field == "base_url":
                self._show_field_message("base_url", str(error), focus=False)
            return
        if tidied.base_url != text.strip():
            message = self.field_messages["base_url"]
            set_tone(message, Severity.MUTED)
            message.setText(f"Used as {tidied.base_url}")
            message.show()
            fit_height(self)

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
        fit_height(self)

    def _on_environment_changed(self) -> None:
        for one, button in self.environments.items():
            if button.isChecked():
                self.meaning.setText(_ENVIRONMENTS[one][1])

    def _on_reveal_toggled(self, visible: bool) -> None:
        mode = QLineEdit.EchoMode
        self.secret.setEchoMode(mode.Normal if visible else mode.Password)
        self.reveal.change_icon("eye-off" if visible else "eye")
        self.reveal.rename("Hide what you typed" if visible else "Show what you typed")

    def _on_banner_action_requested(self) -> None:
        if self._banner_action:
            self._banner_action()

    def _keep_for_session(self) -> None:
        if draft := self._validated_draft():
            self.save_requested.emit(replace(draft, for_session=True))

    def _set_busy(self, *, on: bool) -> None:
        if on and not self._busy:
            self._focused = self.focusWidget()
        self._busy = on
        self.progress.set_busy(on=on)
        for widget in (self._form, self.check, self.save):
            widget.setEnabled(not on)
        if self._focused and not on:  # Qt takes the focus from disabled widgets
            self._focused.setFocus()
            self._focused = None

    def _fill(self, connection: Connection) -> None:
        self.name.setText(connection.name)
        self.base_url.setText(connection.base_url)
        self.colour.select_colour(connection.colour)
        self.environments[connection.environment].setChecked(True)
        self.kind.setCurrentIndex(self.kind.findData(connection.kind.value))
        self.identity.setText(connection.identity)
        self._on_kind_changed()
        self._on_environment_changed()
        self.name.setFocus()

    def _connect(self) -> None:
        self.base_url.textChanged.connect(self._on_base_url_edited)
        self.kind.currentIndexChanged.connect(self._on_kind_changed)
        self._environment_group.buttonToggled.connect(self._on_environment_changed)
        self.reveal.toggled.connect(self._on_reveal_toggled)
        self.banner.action_requested.connect(self._on_banner_action_requested)
        self.doctor.clicked.connect(self.doctor_requested)
        self.check.clicked.connect(self._on_check_clicked)
        self.cancel.clicked.connect(self.reject)
        self.save.clicked.connect(self._on_save_clicked)
        self.save.setDefault(True)

    def _set_up(self) -> None:
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.name.setAccessibleName("Name")
        self.base_url.setAccessibleName("Base URL")
        self.kind.setAccessibleName("Authorization")
        self.base_url.setFont(mono_font())
        self.secret.setFont(mono_font())
        self.reveal.setCheckable(True)
        self.doctor = PushButton("Keyring doctor\N{HORIZONTAL ELLIPSIS}", self._theme)
        for kind in AuthorizationKind:
            self.kind.addItem(kind.label, kind.value)
        self._environment_group = QButtonGroup(self)
        for one, button in self.environments.items():
            button.setAccessibleName(f"Environment: {_ENVIRONMENTS[one][0]}")
            self._environment_group.addButton(button)
        for message in self.field_messages.values():
            message.setContentsMargins(0, SPACE // 2, 0, 2 * SPACE)
            message.hide()

    def _lay_out(self, title: str) -> None:
        self._form = QWidget()
        grid = QGridLayout(self._form)
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
                grid.addWidget(self.field_messages[field], 2 * row + 1, 1)
        layout = QVBoxLayout()
        layout.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(3 * SPACE)
        layout.addWidget(heading(title))
        layout.addWidget(self._form)
        layout.addWidget(paragraph(_KEYRING_NOTE, tone=Severity.MUTED))
        layout.addStretch(1)
        layout.addLayout(self._button_row())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.banner)
        outer.addWidget(self.progress)
        outer.addLayout(layout)
        self.resize(_WIDTH, outer.totalHeightForWidth(_WIDTH))

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

    def _button_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addWidget(self.check)
        row.addWidget(self.doctor)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.save)
        return row
