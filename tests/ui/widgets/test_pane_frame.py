import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.clock import now_ms
from ibconsole.errors import Severity
from ibconsole.ui.toolkit.theme import Scheme, Theme
from ibconsole.ui.widgets.buttons import IconButton
from ibconsole.ui.widgets.labels import paragraph
from ibconsole.ui.widgets.pane_frame import PageStack, PaneFrame, Splitter


@pytest.fixture
def frame(theme: Theme, qtbot: QtBot) -> PaneFrame:
    frame = PaneFrame("Fruit", theme)
    frame.set_content(QLabel("content"))
    qtbot.addWidget(frame)
    frame.resize(300, 300)
    frame.show()
    return frame


def test_an_empty_pane_has_one_action(frame: PaneFrame, qtbot: QtBot) -> None:
    """An empty pane says why it is empty, and offers an action."""
    frame.show_empty("There is no fruit.", "Grow some")

    assert frame.notice.sentence.text() == "There is no fruit."
    with qtbot.waitSignal(frame.action_requested):
        qtbot.mouseClick(frame.notice.action, Qt.MouseButton.LeftButton)
    assert not frame.notice.retry.isVisible()


def test_a_pane_without_content_points_to_the_banner(frame: PaneFrame) -> None:
    """A pane that could not be loaded repeats no error: one banner for all panes has it."""
    frame.show_loading()
    frame.show_outdated("Not loaded: see below.")

    assert frame.notice.sentence.text() == "Not loaded: see below."
    assert not frame.progress.busy
    assert not frame.notice.retry.isVisible()
    assert frame.read_at is None


def test_denied_access_replaces_old_content(frame: PaneFrame) -> None:
    """Content that may no longer be read is not shown as if it were current."""
    frame.show_content()

    frame.show_denied("The key may not list fruit.")

    assert not frame.has_content
    assert frame.notice.sentence.text() == "The key may not list fruit."


def test_old_content_stays_while_loading(frame: PaneFrame, qtbot: QtBot) -> None:
    """A refresh keeps the content, and dims it if loading takes long."""
    frame.show_content()

    frame.show_loading()

    assert frame.has_content
    assert frame.progress.busy
    qtbot.waitUntil(frame._overlay.isVisible)
    frame.show_content()
    assert not frame._overlay.isVisible()


def test_old_content_stays_when_a_refresh_fails(frame: PaneFrame) -> None:
    """A refresh that fails keeps the content, dimmed, until it is read again."""
    frame.show_content(5)
    frame.show_loading()

    frame.show_outdated("Not loaded: see below.")

    assert frame.has_content
    assert frame.dimmed
    assert frame.read_at == 5
    frame.show_content()
    assert not frame.dimmed


def test_old_content_has_an_age(frame: PaneFrame) -> None:
    """Content shows its age once it is a minute old."""
    frame.show_content(now_ms())
    assert not frame.age.isVisible()

    frame.show_content(now_ms() - 5 * 60_000)
    assert frame.age.text() == "5 min ago"
    frame.show_outdated("")
    assert frame.age.text() == "5 min ago"


def test_content_of_another_subject_is_hidden(frame: PaneFrame) -> None:
    """Content is never shown as if it belonged to what is being loaded."""
    frame.show_content()
    frame.banner.show_notice(Severity.OK, "Fruit eaten.")

    frame.show_loading(keep=False)

    assert not frame.has_content
    assert not frame.banner.isVisible()


def test_a_message_survives_a_refresh(frame: PaneFrame) -> None:
    """The result of a change is still shown after the pane was loaded again."""
    frame.show_content()
    frame.banner.show_notice(Severity.OK, "Fruit eaten.")

    frame.show_loading()
    frame.show_content()

    assert frame.banner.isVisible()


def test_widgets_follow_the_theme(frame: PaneFrame, theme: Theme) -> None:
    """Another colour scheme changes widgets that are already shown."""
    light = frame.grab().toImage()

    theme.apply(Scheme.DARK)

    assert frame.grab().toImage() != light


def test_a_splitter_hides_no_pane(theme: Theme, qtbot: QtBot) -> None:
    """A pane cannot be dragged out of sight."""
    splitter = Splitter(Qt.Orientation.Horizontal)
    qtbot.addWidget(splitter)
    for name in ("left", "right"):
        splitter.addWidget(QLabel(name))
    splitter.resize(300, 100)
    splitter.show()

    splitter.moveSplitter(0, 1)

    assert min(splitter.sizes()) > 0


def test_a_success_is_a_toast(theme: Theme, qtbot: QtBot) -> None:
    """A success takes no room from the content; what failed, or can be undone, is a banner."""
    pane = PaneFrame("Actions", theme)
    qtbot.addWidget(pane)
    pane.show_outcome(Severity.DANGER, "It failed.")
    assert not pane.banner.isHidden()

    with qtbot.waitSignal(pane.succeeded) as emitted:
        pane.show_outcome(Severity.OK, "1 action deleted.")
    assert emitted.args == ["1 action deleted."]
    assert pane.banner.isHidden()

    pane.show_outcome(Severity.OK, "1 action deleted.", action="Create it again…")
    assert not pane.banner.isHidden()


def test_buttons_have_texts_where_there_is_room(frame: PaneFrame, theme: Theme) -> None:
    """The icon of a button needs no guessing in a wide pane; its name and tooltip stay."""
    button = IconButton("copy-plus", "Duplicate action…", theme, room_text="Duplicate…")
    frame.add_action(button)
    frame.resize(160, 300)
    assert button.text() == ""

    frame.resize(600, 300)
    assert button.text() == "Duplicate…"
    assert (button.accessibleName(), button.toolTip()) == ("Duplicate action…",) * 2

    frame.resize(160, 300)
    assert button.text() == ""


def test_button_texts_keep_no_pane_wide(frame: PaneFrame, theme: Theme) -> None:
    """A pane whose buttons show their texts can become as narrow as one with icons alone."""
    names = ("Duplicate", "Replace", "Delete")
    buttons = [IconButton("pencil", name, theme, room_text=f"{name}…") for name in names]
    frame.add_action(*buttons)
    frame.resize(160, 300)
    narrow = frame.minimumSizeHint().width()

    frame.resize(900, 300)
    assert [button.text() for button in buttons] == ["Duplicate…", "Replace…", "Delete…"]
    assert frame.minimumSizeHint().width() <= narrow + 15


def test_the_first_buttons_get_their_texts_first(frame: PaneFrame, theme: Theme) -> None:
    """A pane with room for some words has those of its first commands."""
    names = ("New", "Duplicate", "Replace")
    buttons = [IconButton("plus", name, theme, room_text=f"{name}…") for name in names]
    frame.add_action(*buttons)

    shown = []
    for width in range(200, 700, 20):
        frame.resize(width, 300)
        shown.append("".join("x" if button.text() else "-" for button in buttons))

    assert list(dict.fromkeys(shown)) == ["---", "x--", "xx-", "xxx"]


def test_hidden_pages_want_no_room(qtbot: QtBot) -> None:
    """Only the page that is shown is asked; wrapped lines of the others would be laid out anew."""
    stack = PageStack()
    qtbot.addWidget(stack)
    assert stack.sizeHint().isValid()
    shown, hidden = QWidget(), paragraph("A long line. " * 200)
    shown.setMinimumSize(10, 20)
    stack.addWidget(shown)
    stack.addWidget(hidden)

    assert stack.minimumSizeHint() == shown.minimumSizeHint()
    assert stack.sizeHint() == shown.sizeHint()
    assert not stack.hasHeightForWidth()
    stack.setCurrentWidget(hidden)
    assert stack.minimumSizeHint() == hidden.minimumSizeHint()
