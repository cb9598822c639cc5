import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.labels import Badge, BadgeStyle, muted, paragraph, set_tone


def test_badge_without_a_word_is_hidden(theme: Theme, qtbot: QtBot) -> None:
    """A connection without an environment has no badge."""
    badge = Badge()
    qtbot.addWidget(badge)

    badge.show_word("TEST")
    assert badge.isVisible()
    badge.show_word("")
    assert not badge.isVisible()


def test_badges_differ_by_style(theme: Theme, qtbot: QtBot) -> None:
    """The style sheet paints each style of a badge differently."""
    badge = Badge()
    qtbot.addWidget(badge)
    backgrounds = set()
    for style in BadgeStyle:
        badge.show_word("LIVE", style)
        backgrounds.add(badge.grab().toImage().pixelColor(2, badge.height() // 2).name())

    assert len(backgrounds) == len(BadgeStyle)


@pytest.mark.parametrize("severity", Severity)
def test_a_tone_colours_the_text(theme: Theme, qtbot: QtBot, severity: Severity) -> None:
    """A label in a tone is written in the colour of its severity."""
    label = paragraph("It failed.")
    qtbot.addWidget(label)

    set_tone(label, severity)

    colour = label.palette().color(label.foregroundRole())
    assert colour.name() == getattr(theme.colours, severity)


def test_labels_show_markup_as_text(theme: Theme, qtbot: QtBot) -> None:
    """A text that looks like HTML stays a text in every label for text from outside."""
    for label in (muted("<b>x</b>"), paragraph("<b>x</b>")):
        qtbot.addWidget(label)
        assert label.textFormat() == Qt.TextFormat.PlainText
