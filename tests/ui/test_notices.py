import logging

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.ui.failures import Failures
from ibconsole.ui.notices import Notices, report
from ibconsole.ui.theme import Theme
from ibconsole.ui.widgets.toasts import Toasts


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 600)
    window.show()
    return window


@pytest.fixture
def failures(window: QWidget) -> Failures:
    return Failures(window)


@pytest.fixture
def notices(window: QWidget, failures: Failures, theme: Theme) -> Notices:
    def redact(text: str) -> str:
        return text.replace("secret-value", "••••")

    return Notices(window, Toasts(window, theme), failures, redact)


def boxes(window: QWidget) -> list[QMessageBox]:
    return [box for box in window.findChildren(QMessageBox) if box.isVisible()]


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_known_failure_speaks_for_itself(
    window: QWidget, notices: Notices, failures: Failures
) -> None:
    """A sentence for the user is a toast, and stays in the panel."""
    notices.show("load", UserError("The disk is full."))

    assert [toast.text.text() for toast in notices._toasts.shown] == ["The disk is full."]
    assert [(one.task, one.sentence) for one in failures.kept] == [("load", "The disk is full.")]
    assert not boxes(window)


def test_a_bug_is_said_once_and_reported_redacted(
    window: QWidget, notices: Notices, failures: Failures, caplog: pytest.LogCaptureFixture
) -> None:
    """One dialog at a time, which counts; each report is kept, and none holds a secret."""
    with caplog.at_level(logging.CRITICAL, logger="ibconsole"):
        notices.show("load", raised(ValueError("no such secret-value")))
        notices.show("load", raised(KeyError("secret-value")))

    [box] = boxes(window)
    assert "ValueError" in box.detailedText()
    assert "no such ••••" in box.detailedText()
    assert box.informativeText().startswith("1 more since then")
    assert len(failures.kept) == 2
    assert "secret-value" not in f"{box.detailedText()} {failures.kept}"
    [copy] = [button for button in box.buttons() if button.text() == "Copy report"]
    copy.click()
    assert QGuiApplication.clipboard().text() == box.detailedText()
    box.close()


def test_the_next_bug_is_told_after_the_dialog_is_closed(
    window: QWidget, notices: Notices, qtbot: QtBot
) -> None:
    """Closing a dialog makes room for the next one: the program lives on."""
    notices.show("one", raised(ValueError("1")))
    boxes(window)[0].done(0)
    qtbot.waitUntil(lambda: not boxes(window))

    notices.show("two", raised(KeyError("2")))

    assert ["KeyError" in box.detailedText() for box in boxes(window)] == [True]
    boxes(window)[0].close()


def test_a_remark(notices: Notices, failures: Failures) -> None:
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
