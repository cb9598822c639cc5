"""The focus goes from pane to pane."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from ibconsole.ui.widgets.pane_focus import first_stop, focus_pane, pane_with_focus
from tests.ui.tab_order import tab_stops


@pytest.fixture
def panes(qtbot: QtBot) -> Iterator[list[QWidget]]:
    """Yield three panes in a window: two fields, a field and a list, nothing to focus."""
    window = QWidget()
    qtbot.addWidget(window)
    outer = QVBoxLayout(window)
    panes = [QWidget() for _ in range(3)]
    for pane, controls in zip(
        panes, ((QLineEdit(), QLineEdit()), (QLineEdit(), QListWidget()), ()), strict=True
    ):
        layout = QVBoxLayout(pane)
        for control in controls:
            layout.addWidget(control)
        outer.addWidget(pane)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield panes
    window.close()


def test_forwards_and_backwards(panes: list[QWidget]) -> None:
    """F6 goes to the next pane that has a control and around; the list of a pane comes first."""
    first, second = list(tab_stops(panes[0])), list(tab_stops(panes[1]))
    first[1].setFocus()

    focus_pane(panes, step=1)
    assert QApplication.focusWidget() is second[1]
    assert pane_with_focus(panes) is panes[1]

    focus_pane(panes, step=1)
    assert QApplication.focusWidget() is first[1]  # where it was before

    focus_pane(panes, step=-1)
    assert pane_with_focus(panes) is panes[1]


def test_a_button_does_not_take_the_focus_before_a_field(qtbot: QtBot) -> None:
    """A pane without a list begins at its text field: Space on a button would run it."""
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    button, number, field = QPushButton("Pull"), QSpinBox(), QLineEdit()
    for control in (button, number, field):
        layout.addWidget(control)
    window.show()
    qtbot.waitExposed(window)

    assert first_stop(window) is field
    field.hide()
    assert first_stop(window) is button


def test_hidden_panes_are_passed_over(panes: list[QWidget]) -> None:
    """A hidden pane, or one whose controls are disabled, does not get the focus."""
    panes[0].hide()
    panes[1].setEnabled(False)

    focus_pane(panes, step=1)

    assert pane_with_focus(panes) is None


def test_a_deleted_control_takes_no_other_with_it(panes: list[QWidget]) -> None:
    """F6 leaves every Python object to its own widget: the window crashed after deletions."""
    first, _ = panes[0].findChildren(QLineEdit)
    list_view = panes[1].findChildren(QListWidget)[0]
    inner = list_view.viewport()
    others = [one for one in panes[0].window().findChildren(QWidget) if one is not first]
    for _ in panes:
        focus_pane(panes, step=1)

    first.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    assert not isValid(first)
    assert isValid(panes[0].window())
    assert isValid(inner)
    assert all(map(isValid, others))
