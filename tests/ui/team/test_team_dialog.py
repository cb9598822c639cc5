from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibconsole.ui.team.team_dialog import TeamDialog
from ibconsole.ui.toolkit import Theme, TimeDisplay
from tests.ui.team.harness import LINK, OTHER, SEEN


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
    """Version, search and who pulls are shown as they are known; before, that it is asked."""
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = TeamDialog(theme, TimeDisplay(parent), parent)
    dialog.show_links((LINK,))
    dialog.show_busy()
    assert dialog.facts.text() == "Asking the team's archive…"

    dialog.show_team(SEEN)

    assert "PostgreSQL 15.14" in dialog.facts.text()
    assert "the collector eu-1 alone pulls" in dialog.facts.text()
