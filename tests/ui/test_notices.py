import logging

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.ui.notices import Notices, report


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


def boxes(window: QWidget) -> list[QMessageBox]:
    return [box for box in window.findChildren(QMessageBox) if box.isVisible()]


def raised(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_known_failure_speaks_for_itself(window: QWidget) -> None:
    """A sentence for the user is shown as it is, without a report."""
    Notices(window).show("load", UserError("The disk is full."))

    [box] = boxes(window)
    assert (box.text(), box.detailedText()) == ("The disk is full.", "")
    box.close()


def test_a_bug_is_said_once_and_reported_without_values(
    window: QWidget, caplog: pytest.LogCaptureFixture
) -> None:
    """One dialog at a time; the report names places in the code and no value."""
    notices = Notices(window)
    with caplog.at_level(logging.CRITICAL, logger="ibconsole"):
        notices.show("load", raised(ValueError("secret-value")))
        notices.show("load", raised(ValueError("secret-value")))

    [box] = boxes(window)
    assert "ValueError" in box.detailedText()
    assert "secret-value" not in box.detailedText() + box.text()
    [copy] = [button for button in box.buttons() if button.text() == "Copy report"]
    copy.click()
    assert QGuiApplication.clipboard().text() == box.detailedText()
    box.close()


def test_the_next_failure_is_told_after_the_dialog_is_closed(window: QWidget, qtbot: QtBot) -> None:
    """Closing a dialog makes room for the next one: the program lives on."""
    notices = Notices(window)
    notices.show("one", UserError("One."))
    boxes(window)[0].done(0)
    qtbot.waitUntil(lambda: not boxes(window))

    notices.show("two", UserError("Two."))

    assert [box.text() for box in boxes(window)] == ["Two."]
    boxes(window)[0].close()


def test_a_report_says_where_and_with_what() -> None:
    """Versions and the task are there for whoever mends it."""
    text = report("load", raised(KeyError("k")))

    assert "Task: load" in text
    assert "raised (" in text
