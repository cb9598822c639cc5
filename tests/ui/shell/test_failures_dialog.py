from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.failure_log import FailureLog
from ibconsole.ui.shell.failures_dialog import FailuresDialog
from ibconsole.ui.toolkit.theme import Theme


def test_failures_are_listed_copied_and_cleared(theme: Theme, qtbot: QtBot) -> None:
    """The panel follows the log; the first failure is selected; all can be copied and cleared."""
    failures = FailureLog()
    dialog = FailuresDialog(failures, theme, None)
    qtbot.addWidget(dialog)
    assert not dialog.copy.isEnabled()
    failures.add("load", "The disk is full.", "ENOSPC")
    failures.add("pull", "The connection timed out.")

    assert dialog.table.total == 2
    assert dialog.details.toPlainText() == "The disk is full.\n\nENOSPC"
    dialog.copy.click()
    assert QGuiApplication.clipboard().text().splitlines()[1] == "The connection timed out."
    dialog.clear.click()
    assert (dialog.table.total, dialog.details.toPlainText()) == (0, "")
