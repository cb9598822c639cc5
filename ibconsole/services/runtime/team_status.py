"""The state of what is shipped to teams, as frozen values that any thread may read."""

from datetime import datetime
from enum import StrEnum

import msgspec

from ibconsole.plural import counted


class TeamState(StrEnum):
    """The state of the way to a team's archive."""

    CONNECTING = "connecting"  # nothing is known yet
    SHIPPING = "shipping"  # it is reached, and gets what is stored
    AWAY = "away"  # it cannot be used now, and is tried again
    REFUSED = "refused"  # it admits no one, or is not prepared: a person has to act
    READING = "reading"  # this user may only read, so that nothing is shipped from here
    ELSEWHERE = "elsewhere"  # another process of this computer ships


class TeamLink(msgspec.Struct, frozen=True):
    """The way to one account in one team's archive, for some connections of this computer.

    `label` and `account` are those of its address. `since` is the time at which the state began.
    `waiting` rows are stored here and not there yet, `deliveries` of them pulls and forwards, the
    oldest of `oldest_at`; `set_aside` rows were refused, and are not tried again by themselves.
    `shipped` counts the rows that arrived since the start, the last ones at `shipped_at`. `problem`
    is a sentence, empty without one. `puller` is another computer of the team that held the right
    to pull at the last look, empty if none did or that is not known. Times are in milliseconds
    since the epoch.
    """

    label: str
    account: str
    connections: tuple[str, ...] = ()
    state: TeamState = TeamState.CONNECTING
    since: int = 0
    waiting: int = 0
    deliveries: int = 0
    oldest_at: int | None = None
    set_aside: int = 0
    is_counting: bool = False
    shipped: int = 0
    shipped_at: int | None = None
    problem: str = ""
    puller: str = ""

    @property
    def sentence(self) -> str:
        """The state and the backlog as one line: `away since 10:14, 3 waiting (oldest 10:14)`."""
        waiting = f"{self.waiting:,} waiting"
        if self.is_counting:
            waiting = f"at least {waiting}"
        if self.waiting and self.oldest_at is not None:
            waiting += f" (oldest {_time(self.oldest_at)})"
        if self.set_aside:
            waiting += f", {counted(self.set_aside, 'row')} set aside"
        match self.state:
            case TeamState.SHIPPING:
                return waiting
            case TeamState.READING:
                return "this user may only read; nothing is shipped"
            case TeamState.ELSEWHERE:
                return f"{waiting}; another window or process ships"
            case TeamState.CONNECTING:
                return f"connecting, {waiting}"
        return f"{self.state} since {_time(self.since)}, {waiting}"


class TeamStatus(msgspec.Struct, frozen=True):
    """The ways to all teams that the connections of this computer share with; empty if none."""

    links: tuple[TeamLink, ...] = ()

    @property
    def waiting(self) -> int:
        """The number of rows that are stored here and not with their team yet."""
        return sum(link.waiting for link in self.links)

    @property
    def set_aside(self) -> int:
        """The number of rows that a team's archive refused."""
        return sum(link.set_aside for link in self.links)

    @property
    def sentence(self) -> str:
        """One line for the status bar: `Team: 0 waiting`; empty without a team."""
        if not self.links:
            return ""
        if len(self.links) == 1:
            return f"Team: {self.links[0].sentence}"
        # The link that needs attention most, then the sum.
        worst = min(self.links, key=lambda link: _ATTENTION.index(link.state))
        if worst.state in {TeamState.AWAY, TeamState.REFUSED}:
            return f"Team {worst.label}: {worst.sentence}"
        return f"Teams: {self.waiting:,} waiting"

    def link_of(self, connection: str) -> TeamLink | None:
        """Return the way to the team of a connection; None if it has none."""
        return next((link for link in self.links if connection in link.connections), None)


_ATTENTION = (
    TeamState.REFUSED,
    TeamState.AWAY,
    TeamState.CONNECTING,
    TeamState.READING,
    TeamState.ELSEWHERE,
    TeamState.SHIPPING,
)


def _time(at: int) -> str:
    """Return a local time: `10:14` of today, else with the date."""
    moment = datetime.fromtimestamp(at / 1000).astimezone()
    is_today = moment.date() == datetime.now().astimezone().date()
    return moment.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M")
