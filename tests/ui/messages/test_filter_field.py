"""The search field says how many messages match."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.ui.messages.filter_field import FilterField


def test_count(qtbot: QtBot) -> None:
    """The number is in the field, and a sentence for screen readers; the text keeps clear of it."""
    field = FilterField("Filter messages", "Text or sender")
    qtbot.addWidget(field)
    field.resize(200, 26)
    field.show()
    margin = field.textMargins().right()
    field.show_counting()
    assert (field.count.text(), field.count.isVisible()) == ("…", True)

    field.show_counting(1234)
    assert field.count.text() == "1,234 …"
    assert field.accessibleDescription() == "Counting the matches. 1,234 matches found until now."

    field.setText("order")
    field.show_count(1234)
    assert field.count.text() == "1,234"
    assert field.accessibleDescription() == "1,234 messages match."
    assert field.toolTip() == "1,234 messages match.\nText or sender"
    assert field.count.geometry().right() < field.width() - 16  # left of the clear button
    assert field.textMargins().right() >= field.count.width() > margin

    field.show_count(1)
    assert field.accessibleDescription() == "1 message matches."

    field.show_no_count()
    assert not field.count.isVisible()
    assert field.toolTip() == "Text or sender"
    assert field.textMargins().right() == margin


def test_down_goes_on_to_the_list(qtbot: QtBot) -> None:
    """Down leaves the field for the list; other keys edit the text."""
    field = FilterField("Filter messages", "")
    qtbot.addWidget(field)
    with qtbot.waitSignal(field.list_requested):
        qtbot.keyClick(field, Qt.Key.Key_Down)

    qtbot.keyClicks(field, "a")
    assert field.text() == "a"
