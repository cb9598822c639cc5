import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibconsole.ui.tables.feed_page import FeedPage
from ibconsole.ui.tables.feed_table import FeedTable
from ibconsole.ui.toolkit.theme import Theme


@pytest.fixture
def page(theme: Theme, qtbot: QtBot) -> FeedPage:
    page = FeedPage(QWidget(), FeedTable(stretch=0), theme)
    qtbot.addWidget(page)
    page.resize(400, 300)
    page.show()
    return page


def test_an_empty_list_offers_an_action(page: FeedPage, qtbot: QtBot) -> None:
    """An empty list says why, and offers an action."""
    page.show_empty("Nothing was pulled yet.", "Pull")

    assert page.notice.sentence.text() == "Nothing was pulled yet."
    assert not page.table.isVisible()
    with qtbot.waitSignal(page.action_requested):
        page.notice.action.click()


def test_a_failed_list_can_be_retried(page: FeedPage, qtbot: QtBot) -> None:
    """A list that could not be read shows the error in place of the table."""
    page.show_failed("The archive cannot be read.", "disk I/O error")

    assert page.notice.sentence.text() == "The archive cannot be read."
    with qtbot.waitSignal(page.retry_requested):
        page.notice.retry.click()


def test_old_rows_stay_after_a_failure(page: FeedPage) -> None:
    """Rows stay when a refresh fails, under a message that goes away with the next success."""
    page.show_table()

    page.show_failed("The archive cannot be read.", "disk I/O error")
    assert page.table.isVisible()
    assert "may be out of date" in page._failure.text.text()
    assert page._failure.details.toPlainText() == "disk I/O error"

    page.show_table()
    assert not page._failure.isVisible()


def test_progress_of_another_operation(page: FeedPage) -> None:
    """The progress of a pull goes on when loading the list has finished."""
    page.set_working(on=True)
    page.show_loading()

    page.show_table()
    assert page.progress.busy

    page.set_working(on=False)
    assert not page.progress.busy
