import asyncio

import pytest
from PySide6.QtWidgets import QLabel, QMainWindow
from pytestqt.qtbot import QtBot

from ibconsole.ui.first_frame.frame import FirstFrame
from ibconsole.ui.first_frame.last_seen import Area, LastSeen
from ibconsole.ui.toolkit.theme import Scheme, Theme

AREA = Area(("Applications",), 0, 60, 300, 200, 150)
SEEN = LastSeen(
    (900, 600), 0, (AREA,), "1f", "Acme", "production", "teal", ("Bora Bank", "A" * 300)
)


def test_names_are_labelled_with_their_time(plain_window: QMainWindow, theme: Theme) -> None:
    """The names of a connection are shown with the time at which they were seen."""
    frame = FirstFrame(plain_window, theme, SEEN, utc=True)

    assert frame.label == "Opening… Names as of 1 Jan 00:00"


def test_without_names_there_is_no_time(plain_window: QMainWindow, theme: Theme) -> None:
    """A window that shows no names claims nothing about any time."""
    assert FirstFrame(plain_window, theme, None).label == "Opening…"
    assert FirstFrame(plain_window, theme, SEEN.without_names).label == "Opening…"


def test_areas_follow_the_size(plain_window: QMainWindow, theme: Theme) -> None:
    """Areas are where they were, and in proportion in a window of another size."""
    frame = FirstFrame(plain_window, theme, SEEN)
    assert frame.areas == (AREA,)

    plain_window.resize(1800, 600)
    assert frame.geometry() == plain_window.rect()
    assert frame.areas == (Area(("Applications",), 0, 60, 600, 200, 150),)


def test_without_a_record_panes_have_default_places(
    plain_window: QMainWindow, theme: Theme
) -> None:
    """Without a record the panes have their default places, within the window."""
    frame = FirstFrame(plain_window, theme, None)

    assert [one.titles[0] for one in frame.areas] == [
        "Applications",
        "Configuration",
        "Actions",
        "Messages",
        "Summary",
    ]
    assert all(one.left + one.width <= 900 and one.top + one.height <= 600 for one in frame.areas)


def test_a_first_start_shows_no_panes(plain_window: QMainWindow, theme: Theme) -> None:
    """A window that will greet its user has one empty area, where the greeting will be."""
    frame = FirstFrame(plain_window, theme, None, greets=True)

    assert [one.titles for one in frame.areas] == [("Welcome",)]


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
async def test_it_covers_what_is_built_below(
    plain_window: QMainWindow, theme: Theme, qtbot: QtBot, scheme: Scheme
) -> None:
    """The frame is painted, and stays above parts that the window gets later."""
    theme.prepare(scheme)
    frame = FirstFrame(plain_window, theme, SEEN)
    frame.show()
    qtbot.waitUntil(lambda: frame.grab().toImage().pixelColor(1, 1) == theme.colours.danger)
    await frame.painted()

    plain_window.setCentralWidget(QLabel("content"))
    plain_window.menuBar().addMenu("Menu")
    qtbot.waitUntil(lambda: plain_window.childAt(450, 300) is frame)
    assert plain_window.childAt(5, 5) is frame


async def test_a_hidden_window_delays_nothing(plain_window: QMainWindow, theme: Theme) -> None:
    """A frame that is never painted is not waited for."""
    frame = FirstFrame(plain_window, theme, None)

    async with asyncio.timeout(5):
        await frame.painted(deadline=0.001)
