from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibconsole.ui.team.team_dialog import TeamDialog
from ibconsole.ui.toolkit import Theme, TimeDisplay
from tests.ui.team.harness import EXAMINATION, LINK, OTHER, REFUSED, SEEN


def test_the_state_follows_the_status(theme: Theme, qtbot: QtBot) -> None:
    """The chosen team stays chosen when others come and go; without any, that is said."""
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = TeamDialog(theme, TimeDisplay(parent), parent)
    dialog.show_links((LINK,), connection="u1")
    assert "2 waiting" in dialog.state.text()
    assert dialog.name.text() == "acme in db.example/inbound"
    assert not dialog.choice.isVisibleTo(dialog)

    dialog.show_links((OTHER, LINK), connection="u2")
    assert dialog.choice.currentText() == "acme in db.example/inbound"
    assert dialog.choice.isVisibleTo(dialog)
    dialog.show_links((), connection="")

    assert dialog.state.text() == "No connection is shared with a team."


def test_facts_of_the_archive_are_lines(theme: Theme, qtbot: QtBot) -> None:
    """What this user may do and who pulls are shown as known; before, that it is asked."""
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = TeamDialog(theme, TimeDisplay(parent), parent)
    dialog.show_links((LINK,))
    dialog.show_busy()
    assert dialog.facts.text() == "Asking the team's archive…"

    dialog.show_team(SEEN)

    assert "anna is operator of acme" in dialog.facts.text()
    assert "the collector eu-1 alone pulls" in dialog.facts.text()


def test_tabs_say_how_much_is_wrong(theme: Theme, qtbot: QtBot) -> None:
    """Problems and refused rows are counted where they are not open; without any, no tab is left.

    Another team begins without the former one's.
    """
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = TeamDialog(theme, TimeDisplay(parent), parent)
    dialog.show_links((LINK, OTHER))
    assert titles(dialog) == ["Received by", "Checks"]

    dialog.show_examination(EXAMINATION)
    dialog.show_refused([REFUSED])
    assert titles(dialog) == ["Received by", "Checks (1 wrong)", "Refused (1)"]
    assert "1 row: they" in dialog.refused_title.text()
    dialog.choice.setCurrentIndex(1)
    dialog.show_refused([])

    assert titles(dialog) == ["Received by", "Checks"]


def titles(dialog: TeamDialog) -> list[str]:
    """Return the titles of the visible tabs."""
    tabs = dialog.tabs
    return [tabs.tabText(one) for one in range(tabs.count()) if tabs.isTabVisible(one)]
