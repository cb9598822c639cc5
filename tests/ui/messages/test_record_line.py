"""One line says whose messages are listed."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.services.team.reading.record_source import RecordSource, RecordState
from ibconsole.team_archive.address import TeamAddress
from ibconsole.ui.messages.record_line import RecordLine
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay

TEAM = "acme in db.example.com/team"
ADDRESS = TeamAddress("postgresql://db.example.com/team", "acme")


@pytest.mark.parametrize(
    ("state", "severity", "words"),
    [
        (
            RecordState.CONNECTING,
            Severity.MUTED,
            f"Connecting to {TEAM}: this disk's messages are shown",
        ),
        (RecordState.TEAM, Severity.MUTED, f"Messages of the team: {TEAM}."),
        (RecordState.AWAY, Severity.WARNING, "The team's archive is away since"),
    ],
)
def test_each_state_is_a_sentence(
    state: RecordState, severity: Severity, words: str, theme: Theme, qtbot: QtBot
) -> None:
    """The line names the team, and what is shown in its place; the reason is in the tooltip."""
    line = RecordLine(theme, TimeDisplay())
    qtbot.addWidget(line)
    line.show_source(RecordSource(state, ADDRESS, since=1, problem="It is away."))

    assert line.text.text().startswith(words)
    assert (line.severity, line.isHidden(), line.toolTip()) == (severity, False, "It is away.")
    assert line.accessibleName().endswith(" It is away.")
    assert line.replaces_team == (state is not RecordState.TEAM)


def test_a_cap(theme: Theme, qtbot: QtBot) -> None:
    """A list that ends before its oldest messages says so; without a team there is no line."""
    line = RecordLine(theme, TimeDisplay())
    qtbot.addWidget(line)
    line.show_source(RecordSource(RecordState.TEAM, ADDRESS))
    line.show_cap(500_000)
    assert "The newest 500,000 messages are listed" in line.text.text()
    line.show_cap(None)
    assert line.text.text() == f"Messages of the team: {TEAM}."
    line.show_source(RecordSource())
    assert not line.replaces_team
    assert line.isHidden()
