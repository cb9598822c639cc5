"""The pane of the forward test: the request on the left, the result on the right."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.hosts import host_of
from ibconsole.model import Application
from ibconsole.services.forward_test import (
    ForwardTest,
    Ladder,
    ReportFormat,
    UrlContext,
    UrlRemark,
    report,
    url_remarks,
)
from ibconsole.ui.forward_test.ladder_options import LadderOptions
from ibconsole.ui.forward_test.payload_editor import PayloadEditor
from ibconsole.ui.forward_test.result_view import ResultView
from ibconsole.ui.toolkit import (
    SPACE,
    CodeDisplay,
    Command,
    Group,
    Theme,
    TimeDisplay,
    copy_to_clipboard,
    mono_font,
    one_line,
    plain_tooltip,
)
from ibconsole.ui.widgets import (
    Banner,
    BannerOverlay,
    ButtonKind,
    ConfirmDialog,
    ProgressLine,
    PushButton,
    Question,
    Splitter,
    open_dialog,
    paragraph,
    separator,
    set_tone,
    show_elided,
)

_SIZES = (420, 580)
_NAME_FILTERS = [
    "Text (*.txt)",
    "JSON (*.json)",
    "Shell script with curl (*.sh)",
    "HTTP archive (*.har)",
]
_BUSY = "A test is in progress."
_NO_URL = "The text is not a URL that can be posted to."


class ForwardTestPane(QWidget):
    """The URL with remarks on it, the payload, and the results.

    The URL follows the selected action until the user enters one; an empty field follows again.
    """

    send_requested = Signal(str, bytes, object)
    stop_requested = Signal()
    message_requested = Signal(int)
    last_message_requested = Signal(str)
    save_requested = Signal(object, str)
    succeeded = Signal(str)
    shown = Signal()

    def __init__(
        self,
        theme: Theme,
        results: ResultView | None = None,
        parent: QWidget | None = None,
        *,
        time_display: TimeDisplay | None = None,
        codes: CodeDisplay | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Forward test")
        self._theme = theme
        self._application = ""
        self._busy = False
        self._edited = False
        self._sandbox = False
        self._selected_url = ""
        self._correction = ""
        self.url = QLineEdit(placeholderText="https://")
        self.remark = paragraph()
        self.use_correction = PushButton("", theme)
        self.use_selected = PushButton("Use the selected action", theme)
        self.send = PushButton("Test", theme, kind=ButtonKind.PRIMARY, icon_name="send")
        self.stop = PushButton("Stop", theme, icon_name="square")
        self.options = LadderOptions()
        self.payload = PayloadEditor(theme, codes=codes)
        self.banner = Banner(theme)
        self.progress = ProgressLine(theme)
        self.results = results or ResultView(theme, time_display=time_display or TimeDisplay(self))
        self.splitter = Splitter(Qt.Orientation.Horizontal)
        self._make_commands()
        self._lay_out()
        self._connect()
        self._check_url()

    def follow_url(self, url: str) -> None:
        """Follow the selected action, whose URL this is, unless the user entered another."""
        self._selected_url = url
        if not self._edited:
            self.url.setText(url)
            self.url.setCursorPosition(0)
        self._check_url()

    def follow_application(self, application: object) -> None:
        """Take the last message from this application, or from any if it is None."""
        self._application = application.code if isinstance(application, Application) else ""

    def set_sandbox(self, *, on: bool) -> None:
        """Set whether the connection is one to the sandbox, which reaches this computer only."""
        if on != self._sandbox:
            self._sandbox = on
            self._check_url()

    def test_url(self, url: str) -> None:
        """Enter this URL; nothing is sent yet."""
        self.url.setText(url)
        self._edited = url != self._selected_url
        self._check_url()
        self.url.setFocus()
        self.url.selectAll()

    def use_message(self, message: int) -> None:
        """Ask for a message of the archive as the payload."""
        self.message_requested.emit(message)

    def show_busy(self) -> None:
        """Show that a test is in progress."""
        self._set_busy(on=True)
        self.banner.clear()
        self.results.show_ladder_tab()

    def show_progress(self, ladder: Ladder) -> None:
        """Show the rungs of the test in progress; those of a test that was stopped are old."""
        if self._busy:
            self.results.show_progress(ladder)

    def show_test(self, test: ForwardTest) -> None:
        """Show the result of the test that was sent."""
        self._set_busy(on=False)
        self.results.show_test(test)
        self.results.show_ladder_tab()
        self._update_again_command()

    def show_failed(self, error: UserError) -> None:
        """Show why the test was not sent or not recorded."""
        self._set_busy(on=False)
        self.banner.show_notice(Severity.DANGER, str(error), details=error.details)

    def show_saved(self, target: Path) -> None:
        """Show where the result is."""
        self.succeeded.emit(f"The result is in {target}.")

    def show_no_message(self) -> None:
        """Show that there is no message to test with."""
        where = " from the selected application" if self._application else ""
        self.banner.show_notice(Severity.INFO, f"No message was received yet{where}.")

    def show_stopped(self) -> None:
        """Show that the user stopped the test."""
        self._set_busy(on=False)
        self.banner.show_notice(
            Severity.INFO, "Stopped. The request may have arrived all the same."
        )

    def _make_commands(self) -> None:
        self.send_command = self._command("Send the forward test", self._on_send, "Ctrl+Return")
        self.sample_command = self._command("Use the documented sample", self.payload.use_sample)
        self.again_command = self._command("Repeat selected test", self._on_again)
        self._make_exports()
        self.commands = (
            self.send_command,
            self.sample_command,
            self.again_command,
            *self.exports,
        )
        self.send_command.add_to(self)
        self.again_command.add_to(self.results.previous_tests)
        self.send.follow(self.send_command)
        self.payload.sample.follow(self.sample_command)

    def _make_exports(self) -> None:
        self.exports = (
            self._command("Copy result as text", lambda: self._copy(ReportFormat.TEXT)),
            self._command("Copy result as JSON", lambda: self._copy(ReportFormat.JSON)),
            self._command("Copy test as cURL", lambda: self._copy(ReportFormat.CURL)),
            self._command("Save result…", self._on_save),
        )
        self.results.offer(self.exports)

    def _copy(self, kind: ReportFormat) -> None:
        if test := self.results.shown:
            copy_to_clipboard(report(test, kind))

    def _on_save(self) -> None:
        test = self.results.shown
        if test is None:
            return
        dialog = QFileDialog(self.window(), "Save result")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(_NAME_FILTERS)
        dialog.selectFile("forward-test.txt")
        dialog.fileSelected.connect(lambda path: self.save_requested.emit(test, path))
        dialog.finished.connect(dialog.deleteLater)
        open_dialog(dialog)

    def _command(self, name: str, run: Callable[[], object], shortcut: str = "") -> Command:
        return Command(name, Group.FORWARD_TEST, run, shortcut=shortcut, parent=self)

    def _set_busy(self, *, on: bool) -> None:
        pressed, other = (self.send, self.stop) if on else (self.stop, self.send)
        had_focus = pressed.hasFocus()
        self._busy = on
        self.progress.set_busy(on=on)
        self.stop.setEnabled(on)
        self._check_url()
        if had_focus:  # Qt moves it from a disabled button to the next control
            other.setFocus()

    def _check_url(self) -> None:
        context = UrlContext(sandbox=self._sandbox)
        first = next(iter(url_remarks(self.url.text(), context)), UrlRemark())
        others = self._edited and self._selected_url not in {"", self.url.text()}
        self.use_selected.setVisible(others)
        self.use_selected.setToolTip(plain_tooltip(self._selected_url))
        self._correction = first.correction
        show_elided(self.use_correction, f"Use {first.correction}")
        self.use_correction.setVisible(bool(first.correction))
        self.remark.setText(first.sentence)
        self.remark.setVisible(bool(first.sentence))
        set_tone(self.remark, first.severity)
        self.send_command.set_disabled_reason(
            _BUSY if self._busy else "" if first.usable else _NO_URL
        )
        self._update_again_command()

    def _update_again_command(self) -> None:
        selected = self.results.previous_tests.selected_record
        self.again_command.set_disabled_reason("" if selected else "No previous test is selected.")
        for command in self.exports:
            command.set_disabled_reason("" if self.results.shown else "No result is shown.")

    def _on_url_edited(self, text: str) -> None:
        self._edited = bool(text.strip())
        self._check_url()

    def _on_use_selected(self) -> None:
        self.test_url(self._selected_url)

    def _on_send(self) -> None:
        if not self.options.plan.parallel:
            self._request()
            return
        host = one_line(host_of(self.url.text()))
        question = Question(
            title="Send 10 requests at once?",
            consequence="Each posts the message with the same ID. None can be taken back.",
            verb="Send",
            facts=(("Host", host),),
        )
        dialog = ConfirmDialog(question, self._theme, self.window())
        dialog.accepted.connect(self._request)
        open_dialog(dialog)

    def _request(self) -> None:
        self.send_requested.emit(self.url.text().strip(), self.payload.body, self.options.plan)

    def _on_stop_clicked(self) -> None:
        self.stop_requested.emit()

    def _on_correction_clicked(self) -> None:
        self.test_url(self._correction)

    def _on_previous_selected(self, test: object) -> None:
        if isinstance(test, ForwardTest) and not self._busy:
            self.results.show_test(test)
        self._update_again_command()

    def _on_again(self) -> None:
        test = self.results.previous_tests.selected_record
        if test:
            self.test_url(test.url)
            self.payload.show_payload(test.payload, "As in the selected test")

    def _connect(self) -> None:
        self.url.textChanged.connect(self._check_url)
        self.url.textEdited.connect(self._on_url_edited)
        self.use_selected.clicked.connect(self._on_use_selected)
        self.url.returnPressed.connect(self.send_command.trigger)
        self.use_correction.clicked.connect(self._on_correction_clicked)
        self.stop.clicked.connect(self._on_stop_clicked)
        self.payload.last_message_requested.connect(
            lambda: self.last_message_requested.emit(self._application)
        )
        self.results.previous_tests.record_selected.connect(self._on_previous_selected)
        self.results.previous_tests.activated.connect(self.again_command.trigger)

    def _lay_out(self) -> None:
        request = QWidget()
        column = QVBoxLayout(request)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.payload, 1)
        column.addWidget(separator())
        column.addWidget(self.options)
        self.splitter.addWidget(request)
        self.splitter.addWidget(self.results)
        for number, width in enumerate(_SIZES):
            self.splitter.setStretchFactor(number, width)
        self.splitter.setSizes(_SIZES)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar())
        layout.addWidget(self.progress)
        layout.addWidget(BannerOverlay(self.splitter, self.banner), 1)

    def _bar(self) -> QWidget:
        self.url.setAccessibleName("Forward URL to test")
        self.setFocusProxy(self.url)
        self.url.setFont(mono_font())
        self.stop.setEnabled(False)
        self.use_selected.hide()
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addWidget(self.url, 1)
        row.addWidget(self.use_selected)
        row.addWidget(self.send)
        row.addWidget(self.stop)
        self._hint_row = QWidget()
        hints = QHBoxLayout(self._hint_row)
        hints.setContentsMargins(0, 0, 0, 0)
        hints.setSpacing(2 * SPACE)
        hints.addWidget(self.remark, 1)
        hints.addWidget(self.use_correction)
        bar = QFrame(objectName="bar")
        layout = QVBoxLayout(bar)
        layout.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        layout.setSpacing(SPACE)
        layout.addLayout(row)
        layout.addWidget(self._hint_row)
        return bar

    # Qt's side

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Remarks come and go while one types: they keep their room.
        self._hint_row.setMinimumHeight(self.send.sizeHint().height())
        self.shown.emit()
