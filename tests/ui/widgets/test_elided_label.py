from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.text import plain_tooltip
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.elided_label import ElidedLabel


def test_an_elided_text_has_a_tooltip(theme: Theme, qtbot: QtBot) -> None:
    """A text that does not fit is in the tooltip; a text that fits has none."""
    label = ElidedLabel("a rather long text that needs room")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.grab()
    assert label.toolTip() == plain_tooltip(label.text())

    label.resize(600, 20)
    label.grab()
    assert label.toolTip() == ""


def test_a_tooltip_can_be_turned_off(theme: Theme, qtbot: QtBot) -> None:
    """A secret does not appear in a tooltip, even if it is elided."""
    label = ElidedLabel("a rather long text that needs room")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.grab()

    label.enable_tooltip(on=False)
    label.grab()

    assert label.toolTip() == ""


def test_markup_is_shown_as_text(theme: Theme, qtbot: QtBot) -> None:
    """A text that looks like HTML is shown as it was sent."""
    label = ElidedLabel("<b>x</b>")
    qtbot.addWidget(label)

    assert label.textFormat() == Qt.TextFormat.PlainText
