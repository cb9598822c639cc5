import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.services.request_log.body_codes import mask_body_codes
from ibconsole.ui.inspector.inspector import Inspector, prepare_record
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.viewers.facts import Summary
from ibconsole.ui.viewers.raw_view import prepare_raw

BODY = b'{"a":1,"b":[2]}'
SUMMARY = Summary("Message 1", "text", (), ())


@pytest.fixture
def inspector(qtbot: QtBot, theme: Theme) -> Inspector:
    inspector = Inspector(theme)
    qtbot.addWidget(inspector)
    inspector.show()
    return inspector


def show_message(inspector: Inspector, body: bytes = BODY, *, whole: bool = True) -> None:
    inspector.show_record(SUMMARY, prepare_record(body, len(body) + (not whole)))


def test_pages(inspector: Inspector) -> None:
    """The inspector shows a record, or the reason why there is none."""
    assert inspector.notice.sentence.text().startswith("Select a message")

    show_message(inspector)
    before = inspector.shows_something
    inspector.show_missing()
    assert (before, inspector.shows_something) == (True, False)
    assert inspector.notice.sentence.text() == "This record is no longer in the archive."

    inspector.show_failed(UserError("The archive cannot be read.", details="disk I/O error"))
    assert inspector.notice.sentence.text() == "The archive cannot be read."
    assert inspector.notice.details.toPlainText() == "disk I/O error"


def test_copy(inspector: Inspector) -> None:
    """Copying yields the bytes as sent, not the formatted text."""
    show_message(inspector)
    inspector.tabs.setCurrentWidget(inspector.json_page)
    inspector.copy.click()
    assert QGuiApplication.clipboard().text().encode() == BODY

    inspector.tabs.setCurrentWidget(inspector.raw)
    inspector.show_raw(prepare_raw(b"POST / HTTP/1.1", 0, 15))
    inspector.copy.click()
    assert QGuiApplication.clipboard().text() == "POST / HTTP/1.1"


CODE = "233623e3c860b49ec69a464834343481-8bj4el4a"


def test_codes_are_masked_everywhere(inspector: Inspector) -> None:
    """Codes are masked in each view and in what is copied, until the user asks to see them."""
    body = f'{{"applicationCode":"{CODE}","to":"{CODE}"}}'.encode()
    show_message(inspector, body)
    inspector.tabs.setCurrentWidget(inspector.raw)
    inspector.show_raw(
        prepare_raw(body, 0, len(body)), prepare_raw(mask_body_codes(body), 0, len(body))
    )
    for page, view in ((inspector.json_page, inspector.json), (inspector.raw, inspector.raw.view)):
        inspector.tabs.setCurrentWidget(page)
        assert CODE not in view.text.toPlainText()
        inspector.copy.click()
        assert CODE not in QGuiApplication.clipboard().text()
        inspector.reveal.click()
        assert view.text.toPlainText().count(CODE) == 2
        inspector.copy.click()
        assert QGuiApplication.clipboard().text().count(CODE) == 2
        inspector.reveal.click()

    inspector.reveal.click()
    show_message(inspector, body)
    assert CODE not in inspector.json.text.toPlainText()


def test_raw_bytes_are_requested_once(inspector: Inspector, qtbot: QtBot) -> None:
    """Opening the tab of raw bytes requests them, unless they are there already."""
    show_message(inspector)
    with qtbot.waitSignal(inspector.raw_requested) as emitted:
        inspector.tabs.setCurrentWidget(inspector.raw)
    assert emitted.args == [0]

    inspector.show_raw(prepare_raw(b"x", 0, 1))
    inspector.tabs.setCurrentWidget(inspector.summary)
    with qtbot.assertNotEmitted(inspector.raw_requested):
        inspector.tabs.setCurrentWidget(inspector.raw)


def test_binary_bytes_are_shown_in_hex(inspector: Inspector) -> None:
    """Bytes that are not text are shown in hex; the user can switch."""
    show_message(inspector)
    inspector.show_raw(prepare_raw(b"\x1f\x8b\x00\xff", 0, 4))
    assert inspector.as_hex.isChecked()
    assert inspector.raw.view.text.toPlainText().startswith("00000000  1f 8b 00 ff")

    inspector.as_hex.click()
    assert "\\u001f" in inspector.raw.view.text.toPlainText()


def test_tree(inspector: Inspector) -> None:
    """JSON can be shown as a tree, for this record and for the next."""
    inspector.as_tree.setChecked(True)
    show_message(inspector)
    assert inspector.json_page.currentWidget() is inspector.tree
    assert inspector.tree.tree.rowCount() == 2

    inspector.as_tree.setChecked(False)
    assert inspector.json_page.currentWidget() is inspector.json


def test_the_beginning_of_a_body_has_no_tree(inspector: Inspector) -> None:
    """A body of which only the beginning was read is shown as text."""
    inspector.as_tree.setChecked(True)

    show_message(inspector, whole=False)

    assert inspector.json_page.currentWidget() is inspector.json


def test_buttons_belong_to_tabs(inspector: Inspector) -> None:
    """Each tab has only the buttons that work there."""
    show_message(inspector)
    buttons = (inspector.as_tree, inspector.as_hex, inspector.copy)
    visible = []
    for tab in (inspector.summary, inspector.json_page, inspector.raw):
        inspector.tabs.setCurrentWidget(tab)
        visible.append([not button.isHidden() for button in buttons])

    assert visible == [[False, False, False], [True, False, True], [False, True, True]]


def test_the_answer_has_a_page(inspector: Inspector) -> None:
    """A request has a page about its answer, which a pull has not; it follows the selection."""
    page = inspector.tabs.indexOf(inspector.delivery)
    record = prepare_record(BODY, len(BODY))
    inspector.show_record(SUMMARY, record, Summary("Answer to request 1", "", (), ()))
    assert inspector.tabs.isTabVisible(page)
    inspector.tabs.setCurrentWidget(inspector.delivery)
    assert inspector.delivery.title.text() == "Answer to request 1"
    assert (inspector.copy.isHidden(), inspector.reveal.isHidden()) == (True, True)

    inspector.show_record(SUMMARY, record, Summary("Answer to request 2", "", (), ()))
    assert inspector.delivery.title.text() == "Answer to request 2"
    inspector.show_record(SUMMARY, record)
    assert not inspector.tabs.isTabVisible(page)
    assert inspector.tabs.currentWidget() is not inspector.delivery


def test_matches_are_marked_in_every_view(inspector: Inspector) -> None:
    """A searched text is marked in summary, JSON and raw bytes, and in later records too."""
    inspector.mark("TEXT")
    show_message(inspector, b'{"a":"text"}')
    inspector.show_raw(prepare_raw(b"text", 0, 4))

    assert "background-color" in inspector.summary.lead.text()
    for view in (inspector.json, inspector.raw.view):
        assert [one.cursor.selectedText() for one in view.text.extraSelections()] == ["text"]
