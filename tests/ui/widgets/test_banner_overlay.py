from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLabel, QTableWidget
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.banner import Banner
from ibconsole.ui.widgets.banner_overlay import BannerOverlay


def shown(qtbot: QtBot, overlay: BannerOverlay) -> None:
    qtbot.addWidget(overlay)
    overlay.resize(400, 300)
    overlay.show()


def test_banners_stand_on_the_lower_edge(theme: Theme, qtbot: QtBot) -> None:
    """The first is lowest, one that goes leaves no gap, and fixed content keeps its size."""
    content, low, high = QLabel("Content"), Banner(theme), Banner(theme)
    overlay = BannerOverlay(content, low, high)
    shown(qtbot, overlay)
    with qtbot.waitSignal(overlay.covered) as covered:
        low.show_notice(Severity.INFO, "Low.")
    assert covered.args == [low.height()]
    high.show_notice(Severity.DANGER, "A sentence that takes more than one line. " * 3)

    assert low.geometry().bottom() == overlay.rect().bottom()
    assert high.geometry().bottom() == low.geometry().top() - 1
    assert high.height() > low.height()
    assert content.geometry() == overlay.rect()

    low.close_button.click()
    assert high.geometry().bottom() == overlay.rect().bottom()
    overlay.reserve(50)
    assert high.geometry().bottom() == overlay.rect().bottom() - 50


def test_a_table_gives_way_from_below(theme: Theme, qtbot: QtBot) -> None:
    """Its rows stay where they are, and the last one can be scrolled into view."""
    table, banner = QTableWidget(50, 1), Banner(theme)
    overlay = BannerOverlay(table, banner, elastic=table)
    shown(qtbot, overlay)
    top = table.rowViewportPosition(3)

    banner.show_notice(Severity.WARNING, "Something.")

    assert table.rowViewportPosition(3) == top
    assert table.geometry().bottom() == banner.geometry().top() - 1
    table.hide()
    QCoreApplication.sendPostedEvents()
    overlay.update_room()
    assert table.geometry() == overlay.rect()


def test_the_smallest_size_is_that_of_the_content(theme: Theme, qtbot: QtBot) -> None:
    """A message makes no pane higher: a splitter would move, and everything below it."""
    content, banner = QLabel("Content"), Banner(theme)
    overlay = BannerOverlay(content, banner)
    shown(qtbot, overlay)
    before = overlay.minimumSizeHint(), overlay.sizeHint()
    banner.show_notice(Severity.DANGER, "Failed. " * 50, details="x")
    assert (overlay.minimumSizeHint(), overlay.sizeHint()) == before
    overlay.resize(200, 40)
    assert banner.geometry().top() >= 0
    assert banner.isVisible()


def test_the_keyboard_goes_on_in_the_content(theme: Theme, qtbot: QtBot) -> None:
    """A message that goes while its button has the focus does not send it to another pane."""
    table, banner = QTableWidget(50, 1), Banner(theme)
    overlay = BannerOverlay(table, banner, elastic=table)
    shown(qtbot, overlay)
    for leave in (banner.clear, banner.close_button.click):
        banner.show_notice(Severity.OK, "Deleted.", action="Create it again…")
        banner.action.setFocus()
        leave()
        assert overlay.focusWidget() is table
