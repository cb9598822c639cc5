import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from ibconsole.services.connections.connection import COLOURS, Environment
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.connection_marks import (
    ColourChoice,
    ColourMark,
    EnvironmentChoice,
    ProductionFrame,
    colour_icon,
)
from tests.ui.tab_order import tab_stops


def test_a_colour_is_named(theme: Theme, qtbot: QtBot) -> None:
    """A mark is painted in its colour and has its name for screen readers."""
    mark = ColourMark(theme)
    qtbot.addWidget(mark)

    mark.show_colour("red")

    centre = mark.grab().toImage().pixelColor(mark.width() // 2, mark.height() // 2)
    assert centre.name() == theme.colours.mark_red
    assert mark.accessibleName() == mark.toolTip() == "Colour: red"


def test_no_colour_no_mark(theme: Theme, qtbot: QtBot) -> None:
    """A connection without a colour has no mark."""
    mark = ColourMark(theme)
    qtbot.addWidget(mark)
    mark.show_colour("red")

    mark.show_colour("")

    assert mark.isHidden()


def test_choice_of_a_colour(theme: Theme, qtbot: QtBot) -> None:
    """Exactly one colour is selected; an unknown name selects the first one."""
    choice = ColourChoice(theme)
    qtbot.addWidget(choice)

    choice.select_colour("red")
    assert choice.colour == "red"
    choice.select_colour("mauve")
    assert choice.colour == COLOURS[0]


def test_icons_of_colours(theme: Theme) -> None:
    """A menu shows a colour as the mark does."""
    image = colour_icon("blue", theme).pixmap(12, 12).toImage()

    assert image.pixelColor(6, 6).name() == theme.colours.mark_blue


def test_production_is_framed(plain_window: QMainWindow, theme: Theme) -> None:
    """The frame surrounds the window for production only, at any size, and blocks no click."""
    frame = ProductionFrame(plain_window, theme)
    frame.show_environment(Environment.TEST)
    assert not frame.isVisible()

    frame.show_environment(Environment.PRODUCTION)
    plain_window.resize(700, 500)

    assert frame.isVisible()
    assert frame.geometry() == plain_window.rect()
    assert not frame.mask().contains(plain_window.rect().center())
    assert frame.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


@pytest.mark.parametrize("width", [1366, 683])
def test_production_is_a_word_too(
    plain_window: QMainWindow, theme: Theme, qtbot: QtBot, width: int
) -> None:
    """The word is in the frame for production only, and covers no menu in a narrow window."""
    bar = plain_window.menuBar()
    for name in ("Connection", "Application", "Messages", "Listener", "Forward test", "View"):
        bar.addMenu(name)
    frame = ProductionFrame(plain_window, theme)
    assert not frame.word.isVisible()

    frame.show_environment(Environment.PRODUCTION)
    plain_window.resize(width, 384)

    qtbot.waitUntil(lambda: frame.word.geometry().right() > plain_window.width() - 20)
    assert frame.word.text() == "PRODUCTION"
    assert frame.word.width() >= frame.word.sizeHint().width()
    menus = [bar.actionGeometry(one) for one in bar.actions()]
    assert not any(frame.word.geometry().intersects(one) for one in menus)

    frame.show_environment(Environment.TEST)
    assert not frame.word.isVisible()


def test_a_case_is_framed(plain_window: QMainWindow, theme: Theme) -> None:
    """A case has a frame and a word in a colour of its own."""
    plain_window.menuBar().addMenu("Connection")
    frame = ProductionFrame(plain_window, theme)
    frame.show_environment(Environment.SANDBOX)

    frame.show_case(on=True)
    shown = frame.isVisible(), frame.word.text(), frame.word.property("badge")
    edge = frame.grab().toImage().pixelColor(0, 200).name()
    frame.show_countdown("BORROWED 14:32")
    word = frame.word.text()
    frame.show_countdown("")
    frame.show_case(on=False)

    assert (shown, edge) == ((True, "CASE", "case"), theme.colours.accent)
    assert word == "CASE \N{MIDDLE DOT} BORROWED 14:32"
    assert not frame.isVisible()


@pytest.mark.parametrize(
    ("environment", "word", "colour"),
    [
        (Environment.PRODUCTION, "PRODUCTION \N{MIDDLE DOT} BORROWED 14:32", "danger"),
        (Environment.SANDBOX, "BORROWED 14:32", "warning"),
    ],
)
def test_countdown(
    plain_window: QMainWindow,
    theme: Theme,
    qtbot: QtBot,
    environment: Environment,
    word: str,
    colour: str,
) -> None:
    """What has to end is on the frame as well, which is red for production alone."""
    plain_window.menuBar().addMenu("Connection")
    frame = ProductionFrame(plain_window, theme)
    frame.show_environment(environment)
    if environment is Environment.PRODUCTION:  # its word has its room already
        qtbot.waitUntil(lambda: frame.word.width() >= frame.word.sizeHint().width())

    frame.show_countdown("BORROWED 14:32")

    qtbot.waitUntil(lambda: frame.word.width() >= frame.word.sizeHint().width())
    assert frame.word.geometry().right() <= plain_window.menuBar().width()
    assert frame.isVisible()
    assert (frame.word.text(), frame.accessibleName()) == (word, word.capitalize())
    edge = frame.grab().toImage().pixelColor(0, 200).name()
    assert edge == getattr(theme.colours, colour)
    frame.show_countdown("")
    assert frame.isVisible() is (environment is Environment.PRODUCTION)


@pytest.mark.parametrize("environment", Environment)
def test_the_meaning_follows_the_selection(qtbot: QtBot, environment: Environment) -> None:
    """Whichever environment is selected, the words next to it are about that one."""
    choice = EnvironmentChoice(Environment.SANDBOX)
    qtbot.addWidget(choice)
    assert choice.meaning.text() == "nothing here is real"

    choice.buttons[environment].setChecked(True)

    assert choice.selected is environment
    assert ("customers" in choice.meaning.text()) is (environment is Environment.PRODUCTION)


def test_tab_reaches_the_checked_environment(theme: Theme, qtbot: QtBot) -> None:
    """From there the arrow keys go on; the unchecked ones are no stops."""
    choice = EnvironmentChoice(Environment.TEST)
    qtbot.addWidget(choice)
    choice.show()
    assert list(tab_stops(choice)) == [choice.buttons[Environment.TEST]]

    choice.activateWindow()
    choice.buttons[Environment.TEST].setFocus()
    qtbot.waitUntil(choice.buttons[Environment.TEST].hasFocus)
    qtbot.keyClick(choice.buttons[Environment.TEST], Qt.Key.Key_Right)
    assert choice.selected is Environment.PRODUCTION
    assert list(tab_stops(choice)) == [choice.buttons[Environment.PRODUCTION]]

    colours = ColourChoice(theme)
    qtbot.addWidget(colours)
    colours.show()
    colours.select_colour("red")
    assert list(tab_stops(colours)) == [colours.buttons["red"]]
