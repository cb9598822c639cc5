from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.banner import Banner


def test_banner(theme: Theme, qtbot: QtBot) -> None:
    """A message offers its action and its details, and can be closed."""
    banner = Banner(theme)
    qtbot.addWidget(banner)
    banner.show_notice(Severity.DANGER, "It failed.", action="Retry", details="status 500")
    assert banner.isVisible()
    assert banner.severity is Severity.DANGER
    assert not banner.details.isVisible()

    qtbot.mouseClick(banner.details_button, Qt.MouseButton.LeftButton)
    assert banner.details.isVisible()
    assert banner.details.toPlainText() == "status 500"

    with qtbot.waitSignal(banner.action_requested):
        qtbot.mouseClick(banner.action, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(banner.closed):
        qtbot.mouseClick(banner.close_button, Qt.MouseButton.LeftButton)
    assert not banner.isVisible()


def test_details_has_its_word_where_there_is_room(theme: Theme, qtbot: QtBot) -> None:
    """A wide banner writes Details; in a narrow one the sentence has the room."""
    banner = Banner(theme)
    qtbot.addWidget(banner)
    banner.show_notice(Severity.DANGER, "It failed.", details="status 500")
    banner.resize(900, 40)
    banner.details_button.toggle()
    assert banner.details_button.text() == "Details"
    assert banner.details_button.accessibleName() == "Hide details"

    banner.resize(240, 60)
    assert not banner.details_button.text()


def test_a_changed_sentence_keeps_the_details_unfolded(theme: Theme, qtbot: QtBot) -> None:
    """An age that grows in the sentence does not fold the details that the user reads."""
    banner = Banner(theme)
    qtbot.addWidget(banner)
    banner.show_notice(Severity.WARNING, "As of 1 min ago.", details="status 500")
    banner.details_button.click()

    banner.change_text("As of 2 min ago.")

    assert banner.text.text() == banner.accessibleName() == "As of 2 min ago."
    assert banner.details.isVisible()


def test_the_next_message_replaces_everything(theme: Theme, qtbot: QtBot) -> None:
    """A message never shows action or details of the previous one."""
    banner = Banner(theme)
    qtbot.addWidget(banner)
    banner.show_notice(Severity.DANGER, "It failed.", action="Retry", details="status 500")
    banner.details_button.click()

    banner.show_notice(Severity.OK, "Done.", closable=False)

    parts = (banner.action, banner.details, banner.details_button, banner.close_button)
    assert not any(part.isVisible() for part in parts)
