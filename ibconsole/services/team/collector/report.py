"""The state of a collector as values: what its health, its metrics and systemd are about."""

from enum import StrEnum

import msgspec

from ibconsole.plural import counted
from ibconsole.services.runtime import TeamLink


class CollectedPullState(StrEnum):
    """The state of the pulls of a connection."""

    ACTIVE = "active"  # this collector pulls
    STANDBY = "standby"  # another of the team pulls
    AWAY = "away"  # the team's archive cannot be reached, so that nothing may be pulled
    REFUSED = "refused"  # the platform or a policy refuses; tried again after a while
    HELD = "held"  # an answer was damaged, or not stored
    ENDED = "ended"  # the process is ending


class CollectedPulls(msgspec.Struct, frozen=True):
    """The pulls of a connection since the start; `sentence` says why none are made.

    `pending` is the number of messages that the platform said still waits, None if it is not known.
    Times are in milliseconds since the epoch.
    """

    state: CollectedPullState = CollectedPullState.STANDBY
    sentence: str = ""
    requests: int = 0
    failures: int = 0
    incomplete: int = 0
    messages: int = 0
    pending: int | None = None
    answered_at: int | None = None


class CollectedForwards(msgspec.Struct, frozen=True):
    """The forwards of a connection that were stored since the start."""

    stored: int = 0
    stored_at: int | None = None


class ConnectionReport(msgspec.Struct, frozen=True):
    """The state of a connection; None for what the configuration does not ask for."""

    name: str
    forwards: CollectedForwards | None = None
    pulls: CollectedPulls | None = None


class CollectorReport(msgspec.Struct, frozen=True):
    """The state of a collector.

    `archive_problem` says why the archive on this disk cannot be written, `listener_problem` why
    nothing can be received. `unmatched` counts requests on unknown paths, and `silent_for` the
    seconds since the archive's writer answered last.
    """

    connections: tuple[ConnectionReport, ...] = ()
    teams: tuple[TeamLink, ...] = ()
    is_listening: bool = False
    listener_problem: str = ""
    archive_problem: str = ""
    unmatched: int = 0
    silent_for: float = 0.0
    free_bytes: int | None = None
    is_ending: bool = False

    @property
    def obstacles(self) -> tuple[str, ...]:
        """Sentences that say why nothing should be sent here now; none if it is ready.

        A team's archive that is away is no obstacle: what is received waits on this disk.
        """
        ending = "The collector is ending." if self.is_ending else ""
        return tuple(filter(None, (ending, self.listener_problem, self.archive_problem)))

    @property
    def sentence(self) -> str:
        """The state in a sentence or two, for people."""
        if self.obstacles:
            return " ".join(self.obstacles)
        pulls = [one.pulls for one in self.connections if one.pulls]
        active = sum(one.state is CollectedPullState.ACTIVE for one in pulls)
        parts = [
            "listening" if self.is_listening else "not listening",
            *([f"pulling from {active} of {len(pulls)}"] if pulls else []),
        ]
        waiting = sum(one.waiting for one in self.teams)
        if self.teams:
            parts.append(f"{counted(waiting, 'row')} waiting for the team")
        troubled = [
            f"{one.name}: {one.pulls.sentence}"
            for one in self.connections
            if one.pulls and one.pulls.state in _TROUBLE
        ]
        away = [f"{one.label}: {one.problem}" for one in self.teams if one.problem]
        return " ".join([f"{', '.join(parts)}.".capitalize(), *troubled, *away])


_TROUBLE = frozenset({CollectedPullState.REFUSED, CollectedPullState.HELD, CollectedPullState.AWAY})
