"""The line about a team says what is so, and how much waits."""

import time

import pytest

from ibconsole.services.runtime.team_status import TeamLink, TeamState, TeamStatus

NOW = time.time_ns() // 1_000_000
CLOCK = time.strftime("%H:%M", time.localtime(NOW / 1000))
LINK = TeamLink("db/team", "acme", ("c",))


def link(state: TeamState, waiting: int = 0, **other: object) -> TeamLink:
    oldest_at = NOW if waiting else None
    values = {"since": NOW, "oldest_at": oldest_at, **other}
    return TeamLink("db/team", "acme", ("c",), state, waiting=waiting, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("links", "sentence"),
    [
        ((), ""),
        ((link(TeamState.SHIPPING),), "Team: 0 waiting"),
        (
            (link(TeamState.AWAY, 1_234),),
            f"Team: away since {CLOCK}, 1,234 waiting (oldest {CLOCK})",
        ),
        ((link(TeamState.SHIPPING, set_aside=2),), "Team: 0 waiting, 2 rows set aside"),
        ((link(TeamState.CONNECTING, is_counting=True),), "Team: connecting, at least 0 waiting"),
        ((link(TeamState.READING),), "Team: this user may only read; nothing is shipped"),
        ((link(TeamState.ELSEWHERE),), "Team: 0 waiting; another window or process ships"),
        ((link(TeamState.SHIPPING), link(TeamState.SHIPPING, 2)), "Teams: 2 waiting"),
        (
            (link(TeamState.SHIPPING), link(TeamState.REFUSED, since=0)),
            "Team db/team: refused since 1970-01-01 "
            + time.strftime("%H:%M", time.localtime(0))
            + ", 0 waiting",
        ),
    ],
)
def test_the_line_of_the_status_bar(links: tuple[TeamLink, ...], sentence: str) -> None:
    """State, since when, how much waits, and since when: facts in one line."""
    assert TeamStatus(links).sentence == sentence


def test_sums_and_links() -> None:
    """Each connection has its way, and the numbers of all ways add up."""
    status = TeamStatus((link(TeamState.AWAY, 2), link(TeamState.SHIPPING, 3, set_aside=1)))

    assert (status.waiting, status.set_aside) == (5, 1)
    assert status.link_of("c") is status.links[0]
    assert status.link_of("other") is None
