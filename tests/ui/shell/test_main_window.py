import asyncio
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibconsole.services.console.console import Console
from ibconsole.services.messages.async_reader import AsyncReader
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import PullStatus, Status
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.ui.toolkit.theme import ROW_HEIGHT, Theme
from tests.ui.whole_window import WholeWindow


async def test_the_parts_have_their_places(whole_window: WholeWindow) -> None:
    """The setup is above the tabs, and the inspector is to the right of them."""
    window = whole_window.window
    titles = [window.tabs.tabText(number) for number in range(window.tabs.count())]

    assert titles == [
        "Messages",
        "Listener",
        "Forward test",
        "Activity",
        "Audit",
        "Health",
        "Timeline",
        "Redelivery",
    ]
    assert window.upper.currentWidget() is window.setup
    assert window.upper.geometry().bottom() < window.traffic.geometry().top()
    assert window.tabs.geometry().right() < window.inspector.geometry().left()
    assert window.statusBar() is window.status


async def test_closing_can_be_delayed(whole_window: WholeWindow, qtbot: QtBot) -> None:
    """The window stays open if a receiver of `close_requested` ignores the event."""
    window = whole_window.window
    delay = True

    def ignore(event: object) -> None:
        if delay and isinstance(event, QCloseEvent):
            event.ignore()

    window.close_requested.connect(ignore)
    with qtbot.assertNotEmitted(window.closed):
        window.close()
    assert window.isVisible()

    delay = False
    with qtbot.waitSignal(window.closed):
        window.close()
    assert not window.isVisible()


async def test_panes_are_built_in_a_window_that_is_shown(
    theme: Theme, qtbot: QtBot, tmp_path: Path
) -> None:
    """The window is shown and resized before its panes exist; they appear all at once."""
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    window.resize(1300, 700)
    qtbot.waitUntil(window.isActiveWindow)
    states = [window.is_usable]

    paths = Paths(tmp_path)
    async with Console(paths), AsyncReader(paths.archive) as reader:
        window.fill(reader, theme)
        assert not window.setup.isVisible()
        states.append(window.is_usable)

        window.reveal()
        states.append(window.is_usable)
        assert states == [False, False, True]
        # A part that is shown before it has a parent is a window of its own, and takes the focus.
        await asyncio.sleep(0)
        assert window.isActiveWindow()
        assert window.size().toTuple() == (1300, 700)
        assert window.centralWidget().width() == 1300
        window.close()


def test_an_empty_window_can_be_closed(qtbot: QtBot) -> None:
    """Closing works before there are panes."""
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()

    with qtbot.waitSignal(window.closed):
        window.close()


async def test_tab_goes_through_late_tabs_in_the_order_of_their_parts(
    whole_window: WholeWindow, qtbot: QtBot
) -> None:
    """As Qt would order a pane that was there from the start."""
    for tab in whole_window.window.late.all:
        alone: QWidget = tab._make(*(build() for build in tab.parts))
        qtbot.addWidget(alone)
        order, built = _tab_order(alone), _tab_order(tab.pane)
        assert len(order) > 2
        assert built == order


def _tab_order(pane: QWidget) -> list[tuple[str, str]]:
    """Return the classes and names of the parts that Tab reaches, hidden ones included."""
    stops, part = [], pane.nextInFocusChain()
    while part is not None and part is not pane:
        by_tab = part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.focusProxy() is None
        if pane.isAncestorOf(part) and by_tab:
            stops.append((type(part).__name__, part.accessibleName()))
        part = part.nextInFocusChain()
    return stops


async def test_the_smallest_useful_layout_shows_rows(
    whole_window: WholeWindow, qtbot: QtBot
) -> None:
    """On 1366 x 768 at a scale of 2 each half has three rows, and the keyboard reaches both."""
    window = whole_window.window
    window.setMinimumSize(0, 0)  # as on a screen of that size

    window.resize(683, 384)
    qtbot.waitUntil(lambda: window.scroll_area.verticalScrollBar().maximum() > 0)

    for pane, table in (
        (window.upper, window.setup.applications_pane.table),
        (window.traffic, window.messages.table),
    ):
        assert table.viewport().height() >= 3 * ROW_HEIGHT
        assert pane.height() <= window.scroll_area.viewport().height()
    assert window.halves.width() == window.scroll_area.viewport().width()
    window.tabs.setCurrentWidget(window.health)
    assert window.scroll_area.verticalScrollBar().value() > 0

    window.resize(1280, 800)
    assert window.scroll_area.verticalScrollBar().maximum() == 0


async def test_what_appears_in_a_tab_does_not_move_the_inspector(
    whole_window: WholeWindow, qtbot: QtBot
) -> None:
    """New messages, and how many wait, are said in the room that the tab has."""
    window = whole_window.window
    window.resize(1024, 640)
    window.traffic.setSizes([1, 1000])
    before = window.inspector.geometry()

    window.messages.toolbar.show_unseen(12_345)
    window.messages.toolbar.pulling.show_status(
        Status(pull=PullStatus(pending=1_234_567)), pulling=False
    )
    QCoreApplication.sendPostedEvents()
    qtbot.waitUntil(window.messages.toolbar.unseen.isVisible)

    assert window.inspector.geometry() == before
