import logging
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity, UserError
from ibconsole.ui.shell.error_dialogs import UnexpectedDialog
from ibconsole.ui.shell.error_reporter import ErrorReporter, bug_report
from ibconsole.ui.shell.failure_log import FailureLog
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.toasts import Toasts


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 600)
    window.show()
    return window


@pytest.fixture
def failures(window: QWidget) -> FailureLog:
    return FailureLog(window)


@pytest.fixture
def reporter(window: QWidget, failures: FailureLog, theme: Theme) -> ErrorReporter:
    def redact(text: str) -> str:
        return text.replace("secret-value", "••••")

    return ErrorReporter(window, Toasts(window, theme), failures, redact)


def open_dialogs(window: QWidget) -> list[UnexpectedDialog]:
    return [box for box in window.findChildren(UnexpectedDialog) if box.isVisible()]


class UrlHandler(QObject):
    """Records the URLs that the system is asked to open."""

    def __init__(self, urls: list[QUrl]) -> None:
        super().__init__()
        self._urls = urls

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self._urls.append(url)


def with_traceback(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_user_error_is_a_toast(
    window: QWidget, reporter: ErrorReporter, failures: FailureLog
) -> None:
    """The sentence of a UserError is shown as a toast and added to the failure log."""
    reporter.show("load", UserError("The disk is full."))

    assert [toast.text.text() for toast in reporter._toasts.shown] == ["The disk is full."]
    assert [(one.task, one.sentence) for one in failures.failures] == [
        ("load", "The disk is full.")
    ]
    assert not open_dialogs(window)


def test_a_bug_is_reported_redacted_in_one_dialog(
    window: QWidget, reporter: ErrorReporter, failures: FailureLog, caplog: pytest.LogCaptureFixture
) -> None:
    """One dialog is open at a time and counts; every report is logged, none with a secret."""
    with caplog.at_level(logging.CRITICAL, logger="ibconsole"):
        reporter.show("load", with_traceback(ValueError("no such secret-value")))
        reporter.show("load", with_traceback(KeyError("secret-value")))

    [box] = open_dialogs(window)
    assert "ValueError" in box.report.toPlainText()
    assert "no such ••••" in box.report.toPlainText()
    assert box.repeats.text().startswith("1 more error since then")
    assert len(failures.failures) == 2
    assert "secret-value" not in f"{box.report.toPlainText()} {failures.failures}"
    box.copy.click()
    assert QGuiApplication.clipboard().text() == box.report.toPlainText()
    box.close()


def test_a_later_bug_opens_a_new_dialog(
    window: QWidget, reporter: ErrorReporter, qtbot: QtBot
) -> None:
    """Once the dialog is closed, the next bug is shown in a new one."""
    reporter.show("one", with_traceback(ValueError("1")))
    open_dialogs(window)[0].reject()
    qtbot.waitUntil(lambda: not open_dialogs(window))

    reporter.show("two", with_traceback(KeyError("2")))

    assert ["KeyError" in box.report.toPlainText() for box in open_dialogs(window)] == [True]
    open_dialogs(window)[0].close()


def test_a_report_leads_to_the_log(
    window: QWidget, failures: FailureLog, theme: Theme, tmp_path: Path
) -> None:
    """The dialog opens the directory of the log; the button is hidden if there is none."""
    opened: list[QUrl] = []
    handler = UrlHandler(opened)
    QDesktopServices.setUrlHandler("file", handler, "open")  # type: ignore[arg-type] # PySide6 itself takes str only
    reporter = ErrorReporter(window, Toasts(window, theme), failures, str, logs=tmp_path)
    try:
        reporter.show("one", with_traceback(ValueError("1")))
        [box] = open_dialogs(window)
        box.show_log.click()
    finally:
        QDesktopServices.unsetUrlHandler("file")

    assert [Path(url.toLocalFile()) for url in opened] == [tmp_path]
    assert UnexpectedDialog("x", theme, window).show_log.isHidden()
    box.close()


def test_notices(reporter: ErrorReporter, failures: FailureLog) -> None:
    """Every notice is a toast; only warnings and errors are added to the failure log."""
    reporter.show_notice(Severity.INFO, "The settings are new.")
    reporter.show_notice(Severity.DANGER, "The settings are broken.")

    assert [toast.severity for toast in reporter._toasts.shown] == [Severity.INFO, Severity.DANGER]
    assert [one.sentence for one in failures.failures] == ["The settings are broken."]


def test_a_bug_report_has_task_and_stack() -> None:
    """The report names the task and the stack frames of the exception."""
    text = bug_report("load", with_traceback(KeyError("k")))

    assert "Task: load" in text
    assert "with_traceback (" in text
