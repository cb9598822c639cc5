from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.text import plain_tooltip
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.elided_label import ElidedLabel, show_elided


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


def test_a_long_button_text_is_shortened(qtbot: QtBot) -> None:
    """A long text does not widen its button, and is whole in the tooltip and for screen readers."""
    button = QPushButton()
    qtbot.addWidget(button)
    show_elided(button, "Use https://a.io/x?a=1&b=2")
    assert (button.text(), button.toolTip()) == ("Use https://a.io/x?a=1&&b=2", "")

    show_elided(button, text := "Use https://a.io/" + 300 * "x")

    assert button.sizeHint().width() < 520
    assert 300 * "x" in button.toolTip()
    assert button.accessibleName() == text
