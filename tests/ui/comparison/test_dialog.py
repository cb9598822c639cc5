"""The dialog that compares two bodies."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.services.comparison import ComparedBody, compare_bodies
from ibconsole.ui.comparison.dialog import BodyComparisonDialog
from ibconsole.ui.toolkit.theme import Theme


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> BodyComparisonDialog:
    dialog = BodyComparisonDialog(theme, "Compare messages", ("Message 1", "Message 2"))
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    return dialog


def test_the_first_difference_is_selected(dialog: BodyComparisonDialog) -> None:
    """What differs first is shown whole, with one member a line, without a click."""
    dialog.show_loading()
    states = [dialog.progress.busy]
    left, right = b'{"a":1,"b":{"c":1}}', b'{"a":1}'

    dialog.show_comparison(compare_bodies(ComparedBody(left), ComparedBody(right)))

    assert [*states, dialog.progress.busy] == [True, False]
    assert dialog.view.outcome.text() == "1 value differs."
    assert dialog.sides[0].text.toPlainText() == '{\n  "c": 1\n}'
    assert dialog.sides[1].text.toPlainText() == ""
    dialog.copy.click()
    assert "\tMessage 1\tMessage 2\n" in QGuiApplication.clipboard().text()


def test_a_failure_leaves_nothing_to_compare(dialog: BodyComparisonDialog) -> None:
    """No former comparison stays as if it were this one."""
    dialog.show_comparison(compare_bodies(ComparedBody(b"a"), ComparedBody(b"b")))

    dialog.show_failed(UserError("There is no message 9 in this archive."))

    assert dialog.view.table.total == 0
    assert not dialog.copy.isEnabled()
    assert "no message 9" in dialog.view.banner.text.text()
