"""The state of a team is a fact in one line."""

from datetime import UTC

import pytest
from msgspec.structs import replace

from ibconsole.services.runtime import TeamLink, TeamState, TeamStatus
from ibconsole.ui.toolkit.status_text import Indicator, StatusText
from ibconsole.ui.toolkit.team_text import describe_team, describe_team_link

NOW = 1_790_000_400_000  # 2026-09-21 14:20 UTC
LINK = TeamLink("db.example/inbound", "acme", state=TeamState.SHIPPING, since=NOW - 60_000)
BACKLOG = replace(LINK, waiting=1_234, oldest_at=NOW - 86_400_000)


@pytest.mark.parametrize(
    ("link", "indicator", "text"),
    [
        (LINK, Indicator.OK, "0 waiting"),
        (BACKLOG, Indicator.BUSY, "1,234 waiting (oldest 20 Sep 14:20)"),
        (replace(LINK, set_aside=1), Indicator.WARNING, "0 waiting, 1 row set aside"),
        (replace(LINK, is_counting=True), Indicator.OK, "at least 0 waiting"),
        (replace(LINK, state=TeamState.CONNECTING), Indicator.BUSY, "connecting, 0 waiting"),
        (
            replace(LINK, state=TeamState.ELSEWHERE),
            Indicator.OK,
            "0 waiting, another window or process ships",
        ),
        (
            replace(LINK, state=TeamState.READING),
            Indicator.OFF,
            "you may only read, so nothing is shared from here",
        ),
        (
            replace(BACKLOG, state=TeamState.AWAY),
            Indicator.WARNING,
            "away since 14:19, 1,234 waiting (oldest 20 Sep 14:20)",
        ),
        (
            replace(LINK, state=TeamState.REFUSED, problem="No."),
            Indicator.DANGER,
            "refused since 14:19, 0 waiting",
        ),
    ],
)
def test_the_way_to_a_team(link: TeamLink, indicator: Indicator, text: str) -> None:
    """The state, since when, and how much waits here."""
    assert describe_team_link(link, NOW, UTC) == StatusText(indicator, text, link.problem)


def test_the_worst_of_several_teams_is_shown() -> None:
    """The details name all of them, with what is wrong; without a team there is no text."""
    away = replace(LINK, account="globex", state=TeamState.AWAY, problem="It is away.")

    text = describe_team(TeamStatus((LINK, away)), NOW, UTC)

    assert describe_team(TeamStatus(), NOW) is None
    assert text == StatusText(
        Indicator.WARNING,
        "Team: away since 14:19, 0 waiting",
        "acme in db.example/inbound: 0 waiting.\n"
        "globex in db.example/inbound: away since 14:19, 0 waiting. It is away.",
    )
