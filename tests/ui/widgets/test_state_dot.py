import pytest
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.status_text import Indicator
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.state_dot import StateDot


@pytest.mark.parametrize("indicator", Indicator)
def test_states_have_a_name(theme: Theme, qtbot: QtBot, indicator: Indicator) -> None:
    """A state is never only a colour: it has a text for the tooltip and for screen readers."""
    dot = StateDot(theme)
    qtbot.addWidget(dot)

    dot.show_state(indicator, f"It is {indicator}")

    assert dot.accessibleName() == dot.toolTip() == f"It is {indicator}"
    assert dot.indicator is indicator


def test_states_have_different_shapes(theme: Theme, qtbot: QtBot) -> None:
    """States differ in their shapes, not only in their colours."""
    dot = StateDot(theme)
    qtbot.addWidget(dot)
    shapes = set()
    for indicator in Indicator:
        dot.show_state(indicator, indicator)
        image = dot.grab().toImage()
        background = image.pixelColor(0, 0).name()  # nothing is drawn in a corner
        pixels = ((x, y) for x in range(image.width()) for y in range(image.height()))
        shapes.add(frozenset(p for p in pixels if image.pixelColor(*p).name() != background))

    assert len(shapes) == len(Indicator)
