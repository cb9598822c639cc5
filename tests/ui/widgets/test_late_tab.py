import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QListWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from ibconsole.ui.widgets.late_tab import IdleBuilder, LateTab


class Pane(QWidget):
    """Two fields, and a list that Tab leaves out."""

    def __init__(self) -> None:
        super().__init__()
        self.fields = (QLineEdit(), QLineEdit())
        layout = QVBoxLayout(self)
        for field in self.fields:
            layout.addWidget(field)
        self.list = QListWidget()
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.inner = self.list.viewport()
        layout.addWidget(self.list)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


def _fill(window: QWidget, qtbot: QtBot) -> tuple[QTabWidget, LateTab[Pane], QLineEdit, QLineEdit]:
    layout = QVBoxLayout(window)
    tabs, page, below = QTabWidget(), Pane(), QLineEdit()
    first = page.fields[0]
    tabs.addTab(page, "First")
    layout.addWidget(tabs)
    layout.addWidget(below)
    late = LateTab(tabs, "Late", Pane)
    tabs.addTab(QLabel(), "Last")
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    first.setFocus()
    return tabs, late, first, below


def test_a_pane_is_built_when_it_is_shown(window: QWidget, qtbot: QtBot) -> None:
    """It takes the place of the empty page before others hear of the change, with the focus."""
    tabs, late, _, _ = _fill(window, qtbot)
    shown: list[QWidget | None] = []
    tabs.currentChanged.connect(lambda _: shown.append(tabs.currentWidget()))
    before = late.built
    assert before is None

    tabs.setCurrentIndex(1)

    pane = late.built
    assert pane is not None
    assert shown == [pane]
    assert late.is_current
    assert [tabs.tabText(number) for number in range(tabs.count())] == ["First", "Late", "Last"]
    assert pane.isVisible()
    assert QApplication.focusWidget() is pane.fields[0]


def test_a_pane_is_built_when_it_is_asked_for(window: QWidget, qtbot: QtBot) -> None:
    """The tab in front and the focus stay; hooks are called once, later ones at once."""
    tabs, late, first, _ = _fill(window, qtbot)
    called: list[tuple[Pane, bool]] = []
    late.when_built(lambda pane: called.append((pane, late.built is pane)))

    pane = late.pane

    assert late.pane is pane
    assert tabs.indexOf(pane) == 1
    assert not pane.isVisible()
    assert tabs.currentIndex() == 0
    assert QApplication.focusWidget() is first
    late.when_built(lambda pane: called.append((pane, True)))
    assert called == [(pane, True), (pane, True)]


def test_a_prepared_pane_is_placed_when_it_is_needed(window: QWidget, qtbot: QtBot) -> None:
    """It is built, and its hooks are called, before it has a place; once shown, it has the tab."""
    tabs, late, first, _ = _fill(window, qtbot)
    called: list[Pane] = []
    late.when_built(called.append)

    pane = late.prepare()

    assert called == [late.built] == [pane]
    assert tabs.indexOf(pane) < 0
    assert QApplication.focusWidget() is first
    tabs.setCurrentIndex(1)
    assert late.placed
    assert tabs.currentWidget() is pane
    assert QApplication.focusWidget() is pane.fields[0]
    assert called == [late.pane]


def test_parts_of_a_pane_are_built_on_their_own(window: QWidget, qtbot: QtBot) -> None:
    """The pane takes those that are built; the others are built with it."""
    tabs, _, _, _ = _fill(window, qtbot)
    taken: list[QWidget] = []

    def make(*parts: QWidget) -> Pane:
        taken.extend(parts)
        pane = Pane()
        for part in parts:
            part.setParent(pane)
        return pane

    late = LateTab(tabs, "Parts", make, parts=(QLabel, QListWidget))
    before = late.begun
    late.prepare_part()
    begun, taken_before = late.begun, list(taken)

    pane = late.pane

    late.prepare_part()  # a step that comes too late
    assert [before, begun] == [False, True]
    assert taken_before == []
    assert [type(one) for one in taken] == [QLabel, QListWidget]
    assert all(map(pane.isAncestorOf, taken))


def test_a_closed_window_owns_what_was_prepared(window: QWidget, qtbot: QtBot) -> None:
    """No pane without a parent outlives the program."""
    tabs, late, _, _ = _fill(window, qtbot)
    other = LateTab(tabs, "Other", Pane)
    builder = IdleBuilder(window, (late, other), pause_ms=60_000, quiet_ms=0)
    builder.start()
    qtbot.waitUntil(lambda: late.built is not None)
    before = late.placed

    builder.stop()

    assert not before
    assert late.placed
    assert other.built is None


def test_tab_goes_through_a_late_pane_in_its_place(window: QWidget, qtbot: QtBot) -> None:
    """From the tabs to the pane, and from its end to what stands below."""
    tabs, late, _, below = _fill(window, qtbot)
    tabs.setCurrentIndex(1)
    one, two = late.pane.fields
    tabs.tabBar().setFocus()
    met = []
    for _ in range(3):
        focused = QApplication.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, "\t")
        met.append(QApplication.focusWidget())

    assert met == [one, two, below]


def test_a_late_pane_may_lose_a_part(window: QWidget, qtbot: QtBot) -> None:
    """No part of the pane owns another: those behind it can be used after one is deleted."""
    tabs, late, _, _ = _fill(window, qtbot)
    pane = late.pane
    one, two = pane.fields

    one.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    assert not Shiboken.isValid(one)
    assert all(map(Shiboken.isValid, (two, pane.list, pane.inner, pane, tabs, window)))


def test_an_idle_user_finds_tabs_built(window: QWidget, qtbot: QtBot) -> None:
    """Their panes are built one after the other; the tab in front and the focus stay."""
    tabs, late, first, _ = _fill(window, qtbot)
    other = LateTab(tabs, "Other", Pane, ("tests.ui.tab_order",))
    builder = IdleBuilder(window, (late, other), pause_ms=0, quiet_ms=0)

    builder.start()
    qtbot.waitUntil(lambda: builder.done)

    assert late.placed
    assert other.placed
    assert tabs.currentIndex() == 0
    assert QApplication.focusWidget() is first


def test_nothing_is_built_under_the_hands_of_the_user(window: QWidget, qtbot: QtBot) -> None:
    """A key puts the next step off; a tab that the user opens is built at once."""
    tabs, late, first, _ = _fill(window, qtbot)
    builder = IdleBuilder(window, (late,), pause_ms=0, quiet_ms=60_000)
    builder.start()
    builder._timer.start(0)  # as between two steps

    handle = window.windowHandle()
    QTest.keyClick(handle, Qt.Key.Key_A)
    QApplication.sendPostedEvents()

    assert first.text() == "a"
    assert builder._timer.remainingTime() > 0
    built = [late.built]
    tabs.setCurrentIndex(1)
    built.append(late.built)
    assert built == [None, late.pane]
    builder.stop()
    assert builder.done
