from PySide6.QtGui import QCloseEvent
from pytestqt.qtbot import QtBot

from tests.ui.whole_window import WholeWindow


async def test_the_parts_have_their_places(whole_window: WholeWindow) -> None:
    """The setup is above the tabs, and the inspector is to the right of them."""
    window = whole_window.window
    titles = [window.tabs.tabText(number) for number in range(window.tabs.count())]

    assert titles == ["Messages", "Listener", "Forward test", "Activity"]
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
