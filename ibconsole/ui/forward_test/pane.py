"""The pane of the forward test: the request on the left, the result on the right."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.services.forward_test import SAMPLE, ForwardTest, UrlRemark, url_remarks
from ibconsole.ui.forward_test.facts import answer_text, columns, summary_of
from ibconsole.ui.tables import RecordsModel, RecordsTable
from ibconsole.ui.toolkit import SPACE, Command, Group, Theme, TimeDisplay, mono_font
from ibconsole.ui.viewers import JsonHighlighter, JsonView, SummaryView, format_json
from ibconsole.ui.widgets import (
    Banner,
    ButtonKind,
    IconButton,
    Notice,
    ProgressLine,
    PushButton,
    Splitter,
    muted,
    paragraph,
    set_tone,
)

_WIDTHS = (148, 0, 130, 104, 72)
_SIZES = (420, 580)
_EMPTY = (
    "Enter a forward URL and send: it gets one POST as the platform would send it, and you see"
    " whether the answer would count as delivered. Nothing is sent twice, no redirect is followed."
)
_BUSY = "A test is in progress."
_NO_URL = "The text is not a URL that can be posted to."


class ForwardTestPane(QWidget):
    """URL, payload and result of a forward test, and the list of previous ones."""

    send_requested = Signal(str, bytes)
    stop_requested = Signal()
    message_requested = Signal(int)
    appeared = Signal()

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        time_display: TimeDisplay | None = None,
    ) -> None:
        super().__init__(parent)
        self._time_display = time_display or TimeDisplay(self)
        self._busy = False
        self._correction = self._shown = ""
        self._original = b""
        self.url = QLineEdit(placeholderText="https://")
        self.remark = paragraph()
        self.use_correction = PushButton("", theme)
        self.send = PushButton("Send once", theme, kind=ButtonKind.PRIMARY, icon_name="send")
        self.stop = PushButton("Stop", theme, icon_name="square")
        self.payload = QPlainTextEdit()
        self.highlighter = JsonHighlighter(self.payload.document(), theme)
        self.sample = IconButton("file-text", "Use the documented sample", theme, text="Sample")
        self.description = muted("")
        self.description.setAccessibleName("What the payload is")
        self.banner = Banner(theme)
        self.progress = ProgressLine(theme)
        self.summary = SummaryView(theme)
        self.answer = JsonView(theme, "Body of the answer")
        self.previous_tests = RecordsTable(
            RecordsModel(columns(self._time_display.zone), lambda test: test.id, self),
            stretch=1,
            optional=(4, 3),
            copies=(("Copy URL", lambda test: test.url),),
        )
        self.tabs = QTabWidget(documentMode=True)
        self.notice = Notice(theme)
        self._result = QStackedWidget()
        self.splitter = Splitter(Qt.Orientation.Horizontal)
        self._make_commands()
        self._set_up()
        self._lay_out()
        self._connect()
        self.use_sample()
        self._check_url()

    @property
    def body(self) -> bytes:
        """The bytes to be posted: the original ones, unless the user edited the payload."""
        text = self.payload.toPlainText()
        return self._original if text == self._shown else text.encode()

    def test_url(self, url: str) -> None:
        """Enter this URL; nothing is sent yet."""
        self.url.setText(url)
        self.url.setFocus()
        self.url.selectAll()

    def use_sample(self) -> None:
        """Use the documented sample as the payload."""
        self.show_payload(SAMPLE, "The documented sample")

    def use_message(self, message: int) -> None:
        """Ask for a message of the archive as the payload."""
        self.message_requested.emit(message)

    def show_payload(self, payload: bytes, description: str) -> None:
        """Use this payload, shown indented, with a description of its origin."""
        self.payload.setPlainText(format_json(payload).text)
        self._original, self._shown = payload, self.payload.toPlainText()
        self.description.setText(description)

    def show_busy(self) -> None:
        """Show that a test is in progress."""
        self._set_busy(on=True)
        self.banner.clear()

    def show_test(self, test: ForwardTest) -> None:
        """Show the result of a test, the last one or a previous one."""
        self._set_busy(on=False)
        self.summary.show_summary(summary_of(test, self._time_display.zone))
        self.answer.show_text(answer_text(test))
        self._result.setCurrentWidget(self.tabs)

    def show_failed(self, error: UserError) -> None:
        """Show why the test was not sent or not recorded."""
        self._set_busy(on=False)
        self.banner.show_notice(Severity.DANGER, str(error), details=error.details)

    def show_stopped(self) -> None:
        """Show that the user stopped the test."""
        self._set_busy(on=False)
        self.banner.show_notice(
            Severity.INFO, "Stopped. The request may have arrived all the same."
        )

    def show_previous(self, tests: Sequence[ForwardTest]) -> None:
        """List the recorded tests."""
        self.previous_tests.show_records(tests)
        self.tabs.setTabText(
            self.tabs.indexOf(self.previous_tests), f"Previous tests ({len(tests):,})"
        )
        if tests and self._result.currentWidget() is self.notice:
            self.tabs.setCurrentWidget(self.previous_tests)
            self._result.setCurrentWidget(self.tabs)

    def _make_commands(self) -> None:
        self.send_command = self._command("Send the forward test", self._on_send, "Ctrl+Return")
        self.sample_command = self._command("Use the documented sample", self.use_sample)
        self.again_command = self._command("Use the selected test again", self._on_again)
        self.commands = (self.send_command, self.sample_command, self.again_command)
        self.send_command.add_to(self)
        self.again_command.add_to(self.previous_tests)
        self.send.follow(self.send_command)
        self.sample.follow(self.sample_command)

    def _command(self, name: str, run: Callable[[], object], shortcut: str = "") -> Command:
        return Command(name, Group.FORWARD_TEST, run, shortcut=shortcut, parent=self)

    def _set_busy(self, *, on: bool) -> None:
        self._busy = on
        self.progress.set_busy(on=on)
        self.stop.setVisible(on)
        self._check_url()

    def _check_url(self) -> None:
        first = next(iter(url_remarks(self.url.text())), UrlRemark())
        self._correction = first.correction
        self.use_correction.setText(f"Use {first.correction}")
        self.use_correction.setVisible(bool(first.correction))
        self.remark.setText(first.sentence)
        self.remark.setVisible(bool(first.sentence))
        set_tone(self.remark, first.severity)
        self.send_command.set_disabled_reason(
            _BUSY if self._busy else "" if first.usable else _NO_URL
        )
        self.again_command.set_disabled_reason(
            "" if self.previous_tests.selected_record else "No previous test is selected."
        )

    def _on_send(self) -> None:
        self.send_requested.emit(self.url.text().strip(), self.body)

    def _on_stop_clicked(self) -> None:
        self.stop_requested.emit()

    def _on_correction_clicked(self) -> None:
        self.test_url(self._correction)

    def _on_edited(self) -> None:
        if self.payload.hasFocus():
            self.description.setText("Edited")

    def _on_previous_selected(self, test: object) -> None:
        self._check_url()
        if isinstance(test, ForwardTest) and not self._busy:
            self.show_test(test)

    def _on_again(self) -> None:
        test = self.previous_tests.selected_record
        if test:
            self.test_url(test.url)
            self.show_payload(test.payload, "As in the selected test")

    def _connect(self) -> None:
        self.url.textChanged.connect(self._check_url)
        self.url.returnPressed.connect(self.send_command.trigger)
        self.use_correction.clicked.connect(self._on_correction_clicked)
        self.stop.clicked.connect(self._on_stop_clicked)
        self.payload.textChanged.connect(self._on_edited)
        self.previous_tests.record_selected.connect(self._on_previous_selected)
        self.previous_tests.activated.connect(self.again_command.trigger)

    def _set_up(self) -> None:
        self.url.setAccessibleName("Forward URL to test")
        self.url.setFont(mono_font())
        self.payload.setAccessibleName("What will be posted")
        self.payload.setFont(mono_font())
        self.payload.setFrameShape(QFrame.Shape.NoFrame)
        self.payload.setTabChangesFocus(True)
        self.payload.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.previous_tests.setAccessibleName("Previous tests")
        self.previous_tests.set_widths(*_WIDTHS)
        self.previous_tests.placeholder = "No forward URL was tested yet."
        self.tabs.setAccessibleName("Result of the test")
        self.tabs.addTab(self.summary, "Result")
        self.tabs.addTab(self.answer, "Answer")
        self.tabs.addTab(self.previous_tests, "Previous tests")
        self.notice.show_empty(_EMPTY, icon_name="send")
        self.stop.hide()

    def _lay_out(self) -> None:
        self._result.addWidget(self.tabs)
        self._result.addWidget(self.notice)
        self._result.setCurrentWidget(self.notice)
        self.splitter.addWidget(self._payload_side())
        self.splitter.addWidget(self._result)
        for number, width in enumerate(_SIZES):
            self.splitter.setStretchFactor(number, width)
        self.splitter.setSizes(_SIZES)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bar())
        layout.addWidget(self.progress)
        layout.addWidget(self.banner)
        layout.addWidget(self.splitter, 1)

    def _bar(self) -> QWidget:
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        for widget in (self.send, self.stop):
            row.addWidget(widget)
        row.insertWidget(0, self.url, 1)
        hints = QHBoxLayout()
        hints.setSpacing(2 * SPACE)
        hints.addWidget(self.remark, 1)
        hints.addWidget(self.use_correction)
        bar = QFrame(objectName="bar")
        layout = QVBoxLayout(bar)
        layout.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        layout.setSpacing(SPACE)
        layout.addLayout(row)
        layout.addLayout(hints)
        return bar

    def _payload_side(self) -> QWidget:
        head = QHBoxLayout()
        head.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
        head.setSpacing(2 * SPACE)
        head.addWidget(muted("Payload"))
        head.addWidget(self.description, 1)
        head.addWidget(self.sample)
        side = QWidget()
        layout = QVBoxLayout(side)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.payload, 1)
        return side
