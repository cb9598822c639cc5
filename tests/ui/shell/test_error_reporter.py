import logging
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.ui.shell.error_dialogs import UnexpectedDialog
from ibconsole.ui.shell.error_reporter import ErrorReporter, report
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
def notices(window: QWidget, failures: FailureLog, theme: Theme) -> ErrorReporter:
    def redact(text: str) -> str:
        return text.replace("secret-value", "••••")

    return ErrorReporter(window, Toasts(window, theme), failures, redact)


def boxes(window: QWidget) -> list[UnexpectedDialog]:
    return [box for box in window.findChildren(UnexpectedDialog) if box.isVisible()]


class Opened(QObject):
    """Takes note of what the system is asked to open."""

    def __init__(self, urls: list[QUrl]) -> None:
        super().__init__()
        self._urls = urls

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self._urls.append(url)


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_known_failure_speaks_for_itself(
    window: QWidget, notices: ErrorReporter, failures: FailureLog
) -> None:
    """A sentence for the user is a toast, and stays in the panel."""
    notices.show("load", UserError("The disk is full."))

    assert [toast.text.text() for toast in notices._toasts.shown] == ["The disk is full."]
    assert [(one.task, one.sentence) for one in failures.kept] == [("load", "The disk is full.")]
    assert not boxes(window)


def test_a_bug_is_said_once_and_reported_redacted(
    window: QWidget, notices: ErrorReporter, failures: FailureLog, caplog: pytest.LogCaptureFixture
) -> None:
    """One dialog at a time, which counts; each report is kept, and none holds a secret."""
    with caplog.at_level(logging.CRITICAL, logger="ibconsole"):
        notices.show("load", raised(ValueError("no such secret-value")))
        notices.show("load", raised(KeyError("secret-value")))

    [box] = boxes(window)
    assert "ValueError" in box.report.toPlainText()
    assert "no such ••••" in box.report.toPlainText()
    assert box.more.text().startswith("Once more since then")
    assert len(failures.kept) == 2
    assert "secret-value" not in f"{box.report.toPlainText()} {failures.kept}"
    box.copy.click()
    assert QGuiApplication.clipboard().text() == box.report.toPlainText()
    box.close()


def test_the_next_bug_is_told_after_the_dialog_is_closed(
    window: QWidget, notices: ErrorReporter, qtbot: QtBot
) -> None:
    """Closing a dialog makes room for the next one: the program lives on."""
    notices.show("one", raised(ValueError("1")))
    boxes(window)[0].reject()
    qtbot.waitUntil(lambda: not boxes(window))

    notices.show("two", raised(KeyError("2")))

    assert ["KeyError" in box.report.toPlainText() for box in boxes(window)] == [True]
    boxes(window)[0].close()


def test_the_log_is_one_press_away(
    window: QWidget, failures: FailureLog, theme: Theme, tmp_path: Path
) -> None:
    """Who is shown a report can go on to the log; without one nothing is offered."""
    opened: list[QUrl] = []
    handler = Opened(opened)
    QDesktopServices.setUrlHandler("file", handler, "open")  # type: ignore[arg-type] # PySide6 itself takes str only
    notices = ErrorReporter(window, Toasts(window, theme), failures, str, logs=tmp_path)
    try:
        notices.show("one", raised(ValueError("1")))
        [box] = boxes(window)
        box.show_log.click()
    finally:
        QDesktopServices.unsetUrlHandler("file")

    assert [Path(url.toLocalFile()) for url in opened] == [tmp_path]
    assert UnexpectedDialog("x", theme, window).show_log.isHidden()
    box.close()


def test_a_remark(notices: ErrorReporter, failures: FailureLog) -> None:
    """What is no failure is said and not kept."""
    notices.tell("info", "The settings are new.")
    notices.tell("danger", "The settings are broken.")

    assert [toast.kind for toast in notices._toasts.shown] == ["info", "danger"]
    assert [one.sentence for one in failures.kept] == ["The settings are broken."]


def test_a_report_says_where_and_with_what() -> None:
    """Versions and the task are there for whoever mends it."""
    text = report("load", raised(KeyError("k")))

    assert "Task: load" in text
    assert "raised (" in text
