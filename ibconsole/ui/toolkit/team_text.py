"""Short texts on teams: the state of the way to each team's archive, and what waits for it."""

from datetime import tzinfo

from ibconsole.plural import counted
from ibconsole.services.runtime import TeamLink, TeamState, TeamStatus
from ibconsole.ui.toolkit import times
from ibconsole.ui.toolkit.status_text import Indicator, StatusText

_INDICATORS = {
    TeamState.CONNECTING: Indicator.BUSY,
    TeamState.SHIPPING: Indicator.OK,
    TeamState.ELSEWHERE: Indicator.OK,
    TeamState.READING: Indicator.OFF,
    TeamState.AWAY: Indicator.WARNING,
    TeamState.REFUSED: Indicator.DANGER,
}
_URGENCY = (
    Indicator.DANGER,
    Indicator.WARNING,
    Indicator.BUSY,
    Indicator.OK,
    Indicator.OFF,
)


def describe_team(team: TeamStatus, now: int, zone: tzinfo | None = None) -> StatusText | None:
    """Return the state of the team that needs attention most; None without a team.

    The details name every team.
    """
    if not team.links:
        return None
    texts = [describe_team_link(link, now, zone) for link in team.links]
    worst = min(texts, key=lambda text: _URGENCY.index(text.indicator))
    lines = [
        " ".join(filter(None, (f"{link.account} in {link.label}: {text.text}.", text.details)))
        for link, text in zip(team.links, texts, strict=True)
    ]
    return StatusText(worst.indicator, f"Team: {worst.text}", "\n".join(lines))


def describe_team_link(link: TeamLink, now: int, zone: tzinfo | None = None) -> StatusText:
    """Return the state of the way to one team; the details are its problem."""
    since = times.minute(link.since, zone, now=now)
    waiting = _describe_backlog(link, now, zone)
    text = {
        TeamState.CONNECTING: f"connecting, {waiting}",
        TeamState.SHIPPING: waiting,
        TeamState.ELSEWHERE: f"{waiting}, another window or process ships",
        TeamState.READING: "you may only read, so nothing is shared from here",
        TeamState.AWAY: f"away since {since}, {waiting}",
        TeamState.REFUSED: f"refused since {since}, {waiting}",
    }[link.state]
    indicator = _INDICATORS[link.state]
    if indicator is Indicator.OK and link.set_aside:
        indicator = Indicator.WARNING
    elif indicator is Indicator.OK and link.waiting:
        indicator = Indicator.BUSY
    return StatusText(indicator, text, link.problem)


def _describe_backlog(link: TeamLink, now: int, zone: tzinfo | None) -> str:
    parts = [f"{'at least ' if link.is_counting else ''}{link.waiting:,} waiting"]
    if link.waiting and link.oldest_at is not None:
        parts.append(f" (oldest {times.minute(link.oldest_at, zone, now=now)})")
    if link.set_aside:
        parts.append(f", {counted(link.set_aside, 'row')} set aside")
    return "".join(parts)
