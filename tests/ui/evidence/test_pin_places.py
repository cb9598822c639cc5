"""The place whose selection is pinned."""

import pytest
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.ui.evidence.pin_places import PinOffer, PinPlace, PinPlaces, short_title


def test_titles_are_cut() -> None:
    """A title of any length is one short line."""
    assert short_title("ZD-4711\nlate", 60) == "ZD-4711 ⏎ late"
    assert short_title("a" * 200) == "a" * 60 + "…"


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


def test_the_place_follows_the_focus_and_the_tabs(window: QWidget, qtbot: QtBot) -> None:
    """A tab counts once it is open or has the focus; an inspector stands for the open tab."""
    tabs = QTabWidget()
    frame, side, *panes = (QWidget() for _ in range(5))
    setup, inspector, *fields = (QLineEdit(one) for one in (frame, side, *panes))
    for pane in panes:
        tabs.addTab(pane, "")
    layout = QHBoxLayout(window)
    for widget in (frame, tabs, side):
        layout.addWidget(widget)
    places = PinPlaces(tabs, lambda: PinOffer(reason="All."), window)
    changes: list[str] = []
    places.changed.connect(lambda: changes.append(places.offer.reason))
    assert places.offer.reason == "Select something that can be pinned first."
    for widget, name in ((frame, "setup"), (panes[0], "first"), (panes[1], "second")):
        places.add(PinPlace(widget, name, lambda name=name: PinOffer(reason=name)))  # type: ignore[misc]
    places.add_inspector(side)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)

    def focused(widget: QWidget) -> str:
        widget.setFocus()
        return places.current.title if places.current else ""

    assert [focused(one) for one in (setup, fields[0], setup, inspector)] == [
        "setup", "first", "setup", "first"
    ]  # fmt: skip
    tabs.setCurrentIndex(1)
    assert places.offer.reason == "second"
    tabs.setCurrentIndex(2)
    assert places.current is None
    assert focused(setup) == "setup"
    tabs.tabBar().setFocus()
    assert focused(setup) == "setup"
    frame.hide()
    assert places.current is None
    assert changes[-1] in {"setup", "Select something that can be pinned first."}
