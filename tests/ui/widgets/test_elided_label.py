from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.text import plain_tooltip
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.elided_label import ElidedComboBox, ElidedLabel, show_elided


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


def test_matches_are_marked(theme: Theme, qtbot: QtBot) -> None:
    """A match of a searched text is on its colour, in an elided text too."""
    label = ElidedLabel("an order", mode=Qt.TextElideMode.ElideMiddle)
    qtbot.addWidget(label)

    def marked() -> int:
        image = label.grab().toImage()
        colour = QColor(theme.colours.match)
        area = ((x, y) for x in range(image.width()) for y in range(image.height()))
        return sum(image.pixelColor(x, y) == colour for x, y in area)

    label.resize(200, 20)
    assert marked() == 0
    label.mark("ORDER", theme.colours)
    whole = marked()
    assert whole > 50
    label.resize(50, 20)
    assert 0 < marked() < whole
    label.mark("", theme.colours)
    assert marked() == 0


def test_a_narrow_choice_is_elided(theme: Theme, qtbot: QtBot) -> None:
    """A choice may be narrower than its texts, and says with an ellipsis that there is more."""
    choice = ElidedComboBox()
    qtbot.addWidget(choice)
    choice.addItem("Infobip's platform (assumed), others if refused")
    choice.show()

    choice.resize(160, 26)
    assert choice.shown_text.endswith("…")
    assert not choice.grab().isNull()

    choice.resize(600, 26)
    assert choice.shown_text == choice.currentText()
