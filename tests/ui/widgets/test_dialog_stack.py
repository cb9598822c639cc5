import re
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.ui.widgets.dialog_stack import has_dialog, open_dialog

PROGRAM = Path(__file__).parents[3] / "ibconsole"
OTHER_WAYS = re.compile(r"[dD]ialog(\(.*\))?\.(open|exec|show)\(\)")


def open_over(parent: QWidget) -> QDialog:
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    open_dialog(dialog)
    return dialog


def visible_dialogs() -> list[QDialog]:
    windows = QApplication.topLevelWidgets()
    return [one for one in windows if isinstance(one, QDialog) and one.isVisible()]


def test_one_dialog_is_visible_at_a_time(plain_window: QMainWindow, qtbot: QtBot) -> None:
    """A dialog takes the place of the one it was opened from, which comes back unharmed."""
    first = open_over(plain_window)
    second = open_over(first)
    third = open_over(second)
    assert visible_dialogs() == [third]
    assert third.parentWidget() is plain_window

    third.reject()
    qtbot.waitUntil(lambda: visible_dialogs() == [second])
    assert second.windowModality() == Qt.WindowModality.WindowModal
    second.accept()
    assert (visible_dialogs(), has_dialog(plain_window)) == ([], True)  # the first comes back
    qtbot.waitUntil(lambda: visible_dialogs() == [first])
    first.reject()
    assert (visible_dialogs(), has_dialog(plain_window)) == ([], False)


def test_a_window_is_not_blocked_by_another_one(plain_window: QMainWindow, qtbot: QtBot) -> None:
    """A dialog of one window leaves the other usable; one without a window blocks both."""
    other = QMainWindow()
    qtbot.addWidget(other)
    other.show()
    dialog = open_over(other)
    assert (has_dialog(plain_window), has_dialog(other)) == (False, True)
    dialog.reject()

    of_none = QDialog()
    qtbot.addWidget(of_none)
    of_none.open()
    assert (has_dialog(plain_window), has_dialog(other)) == (True, True)


def test_covered_dialogs_may_end_as_well(plain_window: QMainWindow, qtbot: QtBot) -> None:
    """What ends in any order, or is deleted, is not shown again."""
    finished: list[str] = []
    first = open_over(plain_window)
    first.finished.connect(lambda: finished.append("first"))
    second = open_over(plain_window)
    third = open_over(plain_window)

    first.accept()
    second.deleteLater()
    third.reject()

    assert finished == ["first"]
    qtbot.waitUntil(lambda: plain_window.findChildren(QDialog) == [])
    last = open_over(plain_window)
    assert visible_dialogs() == [last]
    last.reject()


def test_a_dialog_without_a_window_opens(qtbot: QtBot) -> None:
    """Where there is no window yet, a dialog is simply shown."""
    dialog = QDialog()
    qtbot.addWidget(dialog)
    open_dialog(dialog)
    assert visible_dialogs() == [dialog]


def test_every_dialog_opens_this_way() -> None:
    """Dialogs are not stacked: no other code shows one."""
    sources = [*(PROGRAM / "ui").rglob("*.py"), *(PROGRAM / "wiring").rglob("*.py")]
    assert [
        path.name
        for path in sources
        if path.stem != "dialog_stack" and OTHER_WAYS.search(path.read_text(encoding="utf-8"))
    ] == []
