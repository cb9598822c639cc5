"""Small widgets."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ibconsole.ui.toolkit.text import plain_tooltip
from ibconsole.ui.toolkit.theme import Scheme, Theme
from ibconsole.ui.widgets.banner import Banner
from ibconsole.ui.widgets.buttons import IconButton, PushButton
from ibconsole.ui.widgets.copy_field import CopyField
from ibconsole.ui.widgets.elided_label import ElidedLabel
from ibconsole.ui.widgets.labels import Badge
from ibconsole.ui.widgets.pane_frame import PaneFrame
from ibconsole.ui.widgets.progress_line import ProgressLine
from ibconsole.ui.widgets.state_dot import StateDot

CODE = "233623e3c860b49ec69a464834343481-8b53"


@pytest.fixture
def frame(theme: Theme, qtbot: QtBot) -> PaneFrame:
    frame = PaneFrame("Fruit", theme)
    frame.set_content(QLabel("content"))
    qtbot.addWidget(frame)
    frame.resize(300, 300)
    frame.show()
    return frame


def test_secret_is_masked_until_revealed(theme: Theme, qtbot: QtBot) -> None:
    """A code is shown by its ends, whole only on demand; copying it always copies all of it."""
    field = CopyField("application code", theme, secret=True)
    qtbot.addWidget(field)
    field.show_value(CODE)
    field.show()
    field.grab()
    assert field.label.text() == "2336…8b53"
    assert CODE not in field.label.toolTip() + field.label.accessibleName()

    qtbot.mouseClick(field.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == CODE

    qtbot.mouseClick(field.reveal, Qt.MouseButton.LeftButton)
    assert field.label.text() == CODE

    field.show_value("another0another0another0")
    assert field.label.text() == "anot…her0"


def test_nothing_to_copy(theme: Theme, qtbot: QtBot) -> None:
    """An empty field shows a dash and copies nothing."""
    field = CopyField("key", theme)
    qtbot.addWidget(field)

    field.show_value("")

    assert field.label.text() == "\N{EN DASH}"
    assert not field.copy.isEnabled()


def test_elided_label_keeps_the_whole_text_at_hand(theme: Theme, qtbot: QtBot) -> None:
    """A text that does not fit is in the tooltip, and there only then."""
    label = ElidedLabel("a rather long text that needs room")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.grab()
    assert label.toolTip() == plain_tooltip(label.text())

    label.resize(600, 20)
    label.grab()
    assert label.toolTip() == ""


def test_elided_label_shows_markup_as_text(theme: Theme, qtbot: QtBot) -> None:
    """What looks like HTML is shown as it was sent."""
    label = ElidedLabel("<b>x</b>")
    qtbot.addWidget(label)

    assert label.textFormat() == Qt.TextFormat.PlainText


@pytest.mark.parametrize("kind", ["ok", "busy", "off", "warning", "danger"])
def test_states_are_said_in_words(theme: Theme, qtbot: QtBot, kind: str) -> None:
    """A state is never a colour alone: it has a shape and a name."""
    dot = StateDot(theme)
    qtbot.addWidget(dot)

    dot.show_state(kind, f"It is {kind}")

    assert dot.accessibleName() == dot.toolTip() == f"It is {kind}"
    assert not dot.grab().isNull()


def test_badge_without_a_word_is_hidden(theme: Theme, qtbot: QtBot) -> None:
    """An account without an environment has no badge."""
    badge = Badge()
    qtbot.addWidget(badge)

    badge.show_word("TEST")
    assert badge.isVisible()
    badge.show_word("")
    assert not badge.isVisible()


def test_banner(theme: Theme, qtbot: QtBot) -> None:
    """A notice offers its action and its details, and can be closed."""
    banner = Banner(theme)
    qtbot.addWidget(banner)
    banner.show_notice("danger", "It failed.", action="Retry", details="status 500")
    assert banner.isVisible()
    assert not banner.details.isVisible()

    qtbot.mouseClick(banner.details_button, Qt.MouseButton.LeftButton)
    assert banner.details.isVisible()
    assert banner.details.toPlainText() == "status 500"

    with qtbot.waitSignal(banner.action_requested):
        qtbot.mouseClick(banner.action, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(banner.closed):
        qtbot.mouseClick(banner.close_button, Qt.MouseButton.LeftButton)
    assert not banner.isVisible()


def test_progress_moves_only_in_sight(theme: Theme, qtbot: QtBot) -> None:
    """A line that nobody sees costs nothing."""
    line = ProgressLine(theme)
    qtbot.addWidget(line)
    line.set_busy(on=True)
    assert not line._timer.isActive()

    line.show()
    assert line._timer.isActive()
    assert line._timer.interval() >= 100

    line.set_busy(on=False)
    assert not line._timer.isActive()


def test_empty_pane_has_one_action(frame: PaneFrame, qtbot: QtBot) -> None:
    """An empty pane says why, and what one can do."""
    frame.show_empty("There is no fruit.", "Grow some")

    assert frame.notice.sentence.text() == "There is no fruit."
    with qtbot.waitSignal(frame.action_requested):
        qtbot.mouseClick(frame.notice.action, Qt.MouseButton.LeftButton)
    assert not frame.notice.retry.isVisible()


def test_failed_pane_can_be_tried_again(frame: PaneFrame, qtbot: QtBot) -> None:
    """A pane that failed says what failed, offers Retry, and keeps details at hand."""
    frame.show_loading()
    frame.show_failed("No fruit could be had.", "status 500")

    assert frame.notice.sentence.text() == "No fruit could be had."
    assert not frame.progress.busy
    qtbot.mouseClick(frame.notice.details_button, Qt.MouseButton.LeftButton)
    assert frame.notice.details.isVisible()
    with qtbot.waitSignal(frame.retry_requested):
        qtbot.mouseClick(frame.notice.retry, Qt.MouseButton.LeftButton)


def test_old_content_stays_while_loading(frame: PaneFrame, qtbot: QtBot) -> None:
    """A refresh leaves what was shown, and dims it if it takes long."""
    frame.show_content()

    frame.show_loading()

    assert frame.has_content
    assert frame.progress.busy
    qtbot.waitUntil(frame._overlay.isVisible)
    frame.show_content()
    assert not frame._overlay.isVisible()


def test_old_content_stays_when_a_refresh_fails(frame: PaneFrame, qtbot: QtBot) -> None:
    """A refresh that fails leaves what was shown, and says that it is old."""
    frame.show_content()
    frame.show_loading()

    frame.show_failed("No fruit could be had.")

    assert frame.has_content
    assert "out of date" in frame.banner.text.text()
    with qtbot.waitSignal(frame.retry_requested):
        qtbot.mouseClick(frame.banner.action, Qt.MouseButton.LeftButton)
    frame.show_content()
    assert not frame.banner.isVisible()


def test_content_of_something_else_goes(frame: PaneFrame) -> None:
    """Nothing is shown as if it belonged to what is being loaded."""
    frame.show_content()
    frame.banner.show_notice("ok", "Fruit eaten.")

    frame.show_loading(keep=False)

    assert not frame.has_content
    assert not frame.banner.isVisible()


def test_notice_outlives_a_refresh(frame: PaneFrame) -> None:
    """What a change brought about is still told once the pane is loaded again."""
    frame.show_content()
    frame.banner.show_notice("ok", "Fruit eaten.")

    frame.show_loading()
    frame.show_content()

    assert frame.banner.isVisible()


def test_widgets_follow_the_theme(frame: PaneFrame, theme: Theme) -> None:
    """Changing the colours changes what is on the screen already."""
    light = frame.grab().toImage()

    theme.apply(Scheme.DARK)

    assert frame.grab().toImage() != light


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_buttons_are_pressed_by_enter_and_space(theme: Theme, qtbot: QtBot, key: Qt.Key) -> None:
    """Whichever key a hand is used to, it presses the button that has the focus, once."""
    pressed: list[str] = []
    for button in (PushButton("Copy", theme), IconButton("copy", "Copy", theme)):
        qtbot.addWidget(button)
        button.clicked.connect(lambda: pressed.append("pressed"))
        QTest.keyClick(button, key)

    assert pressed == ["pressed", "pressed"]
