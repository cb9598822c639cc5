"""The facts that the judges of the watch read, and the choice of what is watched."""

from collections.abc import Collection

import msgspec

from ibconsole.services.runtime import AlarmKind, ListenerStatus, PullLoopStatus, PullStatus

# Certificates are left out: looking at them contacts the hosts of all forward URLs.
DEFAULT_KINDS = frozenset(AlarmKind) - {AlarmKind.CERTIFICATE}


class WatchPlan(msgspec.Struct, frozen=True):
    """The choice of what to watch of a connection: all of it, or one application by its code.

    `connection` is a UUID. `name` is that of the application or the connection, for sentences.
    `minutes` as in `Watch`.
    `notify` is passed on with each alarm.
    """

    connection: str
    application: str = ""
    name: str = ""
    kinds: Collection[AlarmKind] = DEFAULT_KINDS
    minutes: int | None = None
    notify: bool = False


class ArrivalHistory(msgspec.Struct, frozen=True):
    """The latest arrivals of one application, or of the connection if `application` is empty.

    `times` are the latest ones, the newest last; `first_at` is the first that is stored. `counts`
    are the bursts in the spans that compare with the silence; without them it is not judged.
    """

    times: tuple[int, ...]
    first_at: int | None = None
    application: str = ""
    name: str = ""
    counts: tuple[int | None, ...] | None = None


class ListenerAnswer(msgspec.Struct, frozen=True):
    """An answer of the listener to a forwarded request of this connection."""

    at: int
    status: int


class PendingFigure(msgspec.Struct, frozen=True):
    """The number of messages that waited after a pull, as the answer to the pull said it."""

    at: int
    pending: int


class CertificateTrouble(msgspec.Struct, frozen=True):
    """A certificate of a forward URL that has expired or expires soon, by a finding's number."""

    host: str
    sentence: str
    finding: int
    application: str = ""
    name: str = ""


class SourceFacts(msgspec.Struct, frozen=True):
    """The sources of messages in this process, None in a process without them.

    `archive_problem` says why nothing can be stored, empty if it can.
    """

    listener: ListenerStatus | None = None
    pull_loop: PullLoopStatus | None = None
    archive_problem: str = ""


class StoredArrivals(msgspec.Struct, frozen=True):
    """The arrivals of one connection, stored by any process, and by any member of its team.

    `histories` begin with that of the connection. `answers` and `figures` are the newest first;
    `own_answers` are those of this computer's listener alone.
    `pull` is the last pull; `pulls` are the times of the latest ones whose request was sent.
    """

    histories: tuple[ArrivalHistory, ...] = ()
    answers: tuple[ListenerAnswer, ...] = ()
    own_answers: tuple[ListenerAnswer, ...] = ()
    figures: tuple[PendingFigure, ...] = ()
    pull: PullStatus | None = None
    pulls: tuple[int, ...] = ()


class WatchFacts(msgspec.Struct, frozen=True):
    """Everything that is known at the time `now`, in milliseconds since the epoch.

    `watching_since` is the time since which this computer has certainly run with its clock in line:
    a silence is counted from there on. `away` says why the record of the connection's team cannot
    be read: what is `stored` is half of the facts then, those of this disk; empty if it was read,
    or if there is no team. `stored` is None if the archive could not be read, and
    `certificates` if they were not looked at yet: the alarms about them stay as they are.
    """

    now: int
    watching_since: int
    stored: StoredArrivals | None = msgspec.field(default_factory=StoredArrivals)
    sources: SourceFacts = msgspec.field(default_factory=SourceFacts)
    certificates: tuple[CertificateTrouble, ...] | None = None
    away: str = ""
