"""The dialog to add or edit a connection: a form, a connection test, and saving."""

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.services.connections import (
    CheckResult,
    Connection,
    InvalidConnection,
    NoKeyring,
    SecretPlace,
)
from ibconsole.ui.connections.connection_form import ConnectionDraft, ConnectionForm
from ibconsole.ui.toolkit import SPACE, Theme, brief
from ibconsole.ui.widgets import (
    Banner,
    ButtonKind,
    ProgressLine,
    PushButton,
    fit_height,
    heading,
    paragraph,
)

TEAM = "Team"

_WIDTH = 600
_ASKING_TEAM = f"{TEAM}: asking its archive who you are there; nothing is changed."
_KEYRING_NOTE = "A secret goes to your system's keyring and to its own server, and nowhere else."
_SESSION_NOTE = "A secret stays in memory until the program ends, and goes to its own server only."


class ConnectionDialog(QDialog):
    """Edits a connection; stays open until `finish` reports that it is saved."""

    save_requested = Signal(ConnectionDraft)
    check_requested = Signal(ConnectionDraft)
    team_check_requested = Signal(ConnectionDraft)
    stop_requested = Signal()
    team_stop_requested = Signal()
    doctor_requested = Signal()

    def __init__(
        self, connection: Connection, theme: Theme, parent: QWidget | None = None, *, new: bool
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._busy = False
        self._focused: QWidget | None = None
        self._banner_action: Callable[[], None] | None = None
        title = "Add a connection" if new else f"Edit {connection.name}"
        self.setWindowTitle(title)
        self.banner = Banner(theme)
        self.team_banner = Banner(theme)
        self.progress = ProgressLine(theme)
        self.form = ConnectionForm(connection, theme, new=new)
        self.check = PushButton("Test connection", theme)
        self.cancel = PushButton("Cancel", theme)
        self.save = PushButton("Add connection" if new else "Save", theme, kind=ButtonKind.PRIMARY)
        self._set_up()
        self._lay_out(title)
        self._connect()
        self.form.name.setFocus()

    def show_busy(self, sentence: str) -> None:
        """Show that the platform or the keyring was asked, and disable the form."""
        self._set_busy(on=True)
        self.banner.show_notice(Severity.INFO, sentence, closable=False)

    def show_failed(self, error: UserError, *, offer_session: bool = False) -> None:
        """Show why saving or testing failed.

        With `offer_session`, offer to keep the secret in memory, as the keyring failed.
        """
        self._set_busy(on=False)
        if isinstance(error, InvalidConnection) and error.field in self.form.fields:
            self.banner.clear()
            self.form.show_message(error.field, str(error))
            return
        self._banner_action = self._keep_for_session if offer_session else None
        sentence, details = str(error), error.details
        if isinstance(error, NoKeyring):  # the reason of every kind of keyring
            sentence, details = brief(error)
        self.banner.show_notice(
            Severity.DANGER,
            sentence,
            action="Keep for this session only" if offer_session else "",
            details=details,
            closable=False,
        )
        if offer_session:
            self.banner.action.setFocus()  # Enter would only fail again

    def show_secret_place(self, place: SecretPlace) -> None:
        """Show where the saved secret is, or that it is missing."""
        self.form.show_secret_place(place)

    def show_check_result(self, result: CheckResult) -> None:
        """Show the result of the connection test."""
        self._set_busy(on=False)
        self._banner_action = None
        sentence, details = brief_check(result)
        self.banner.show_notice(result.severity, sentence, details=details, closable=False)

    def show_team_busy(self) -> None:
        """Show that the team's archive is asked; the form can be used meanwhile."""
        show_team_busy(self.team_banner)

    def show_team_result(self, result: CheckResult) -> None:
        """Show the result of the test of the team's archive, below that of the credential."""
        show_team_result(self.team_banner, result, closable=False)

    def show_team_failed(self, error: UserError) -> None:
        """Show why the team's archive cannot be tested, below a field if one is the reason."""
        if isinstance(error, InvalidConnection) and error.field in self.form.fields:
            self.team_banner.clear()
            self.form.show_message(error.field, str(error))
        else:
            self.show_team_result(failed_check(error))

    def finish(self) -> None:
        """Close the dialog; the connection is saved."""
        self._set_busy(on=False)
        self.form.clear_secrets()
        self.accept()

    # Qt's side

    def reject(self) -> None:
        if self._busy:
            self.stop_requested.emit()
            self._set_busy(on=False)
            self.banner.show_notice(Severity.INFO, "Stopped waiting.", closable=False)
            return
        self.form.clear_secrets()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._busy:
            self.stop_requested.emit()
        self.form.clear_secrets()
        super().closeEvent(event)

    def _on_save_clicked(self) -> None:
        if draft := self.form.validate():
            self.save_requested.emit(draft)

    def _on_check_clicked(self) -> None:
        if draft := self.form.validate(name_optional=True):
            self.check_requested.emit(draft)

    def _on_team_test_requested(self) -> None:
        if draft := self.form.team_draft:
            self.team_check_requested.emit(draft)

    def _on_team_stop_requested(self) -> None:
        self.team_banner.clear()
        self.team_stop_requested.emit()

    def _on_height_changed(self) -> None:
        fit_height(self)

    def _on_banner_action_requested(self) -> None:
        if self._banner_action:
            self._banner_action()

    def _keep_for_session(self) -> None:
        if draft := self.form.validate():
            self.save_requested.emit(replace(draft, for_session=True))

    def _show_note(self, for_session: bool) -> None:
        self.note.setText(_SESSION_NOTE if for_session else _KEYRING_NOTE)

    def _set_busy(self, *, on: bool) -> None:
        if on and not self._busy:
            self._focused = self.focusWidget()
        self._busy = on
        self.progress.set_busy(on=on)
        for widget in (self.form, self.check, self.save):
            widget.setEnabled(not on)
        if self._focused and not on:  # Qt takes the focus from disabled widgets
            self._focused.setFocus()
            self._focused = None

    def _connect(self) -> None:
        self.form.height_changed.connect(self._on_height_changed)
        self.banner.room_changed.connect(self._on_height_changed)
        self.banner.action_requested.connect(self._on_banner_action_requested)
        self.team_banner.room_changed.connect(self._on_height_changed)
        self.team_banner.action_requested.connect(self._on_team_stop_requested)
        self.doctor.clicked.connect(self.doctor_requested)
        self.check.clicked.connect(self._on_check_clicked)
        self.form.team.test_requested.connect(self._on_team_test_requested)
        self.cancel.clicked.connect(self.reject)
        self.save.clicked.connect(self._on_save_clicked)
        self.save.setDefault(True)

    def _set_up(self) -> None:
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.note = paragraph(tone=Severity.MUTED)
        self._show_note(self.form.secret_field.for_session)
        self.form.secret_field.session_toggled.connect(self._show_note)
        self.doctor = PushButton("Keyring doctor\N{HORIZONTAL ELLIPSIS}", self._theme)

    def _lay_out(self, title: str) -> None:
        layout = QVBoxLayout()
        layout.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(3 * SPACE)
        layout.addWidget(heading(title))
        layout.addWidget(self.form)
        layout.addWidget(self.note)
        layout.addLayout(self._button_row())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.progress)
        outer.addLayout(layout)
        outer.addWidget(self.banner)  # below the buttons, which stay where they are
        outer.addWidget(self.team_banner)
        outer.addStretch(1)
        self.resize(_WIDTH, outer.totalHeightForWidth(_WIDTH))

    def _button_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addWidget(self.check)
        row.addWidget(self.doctor)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.save)
        return row


def show_team_busy(banner: Banner) -> None:
    """Show in a banner that a team's archive is asked, with a button to stop that."""
    banner.show_notice(Severity.INFO, _ASKING_TEAM, action="Stop waiting", closable=False)


def show_team_result(banner: Banner, result: CheckResult, *, closable: bool = True) -> None:
    """Show in a banner what became of the test of a team's archive."""
    sentence, details = brief_check(result)
    text = f"{TEAM}: {sentence}"
    banner.show_notice(result.severity, text, details=details, closable=closable)


def failed_check(error: UserError) -> CheckResult:
    """Return an error as the result of a check."""
    return CheckResult(Severity.DANGER, str(error), details=error.details)


def brief_check(result: CheckResult) -> tuple[str, str]:
    """Return one sentence about a check, and details; all of a success."""
    if not result.causes:
        return result.sentence, result.details
    sentence, _ = brief(UserError(result.sentence))
    causes = "\n".join(f"\N{BULLET} {cause}" for cause in result.causes)
    return sentence, "\n".join(filter(None, ("Possible causes:", causes, result.details)))
