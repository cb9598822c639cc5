"""The state of the program as one frozen value that any thread may read."""

from enum import StrEnum

import msgspec

from ibconsole.services.runtime.team_status import TeamStatus


class PullState(StrEnum):
    """The state of the pull on the current connection."""

    NEVER = "never"  # nothing was pulled on this connection yet
    PULLING = "pulling"
    HELD = "held"  # the answer is in memory and waits for space on the disk
    IDLE = "idle"  # the last pull succeeded
    FAILED = "failed"
    REJECTED = "rejected"  # the platform did not accept the credential
    ELSEWHERE = "elsewhere"  # another process is pulling


class PullLoopMode(StrEnum):
    """The kind of a pull loop."""

    NONE = ""  # none was started yet
    UNTIL_EMPTY = "until empty"
    AUTO = "auto"


class PullLoopState(StrEnum):
    """The state of a pull loop."""

    STOPPED = "stopped"
    PULLING = "pulling"
    WAITING = "waiting"
    BACKING_OFF = "backing off"


class ListenerState(StrEnum):
    """The state of the listener."""

    STOPPED = "stopped"
    STARTING = "starting"
    LISTENING = "listening"
    FAILED = "failed"


class RefusalReason(StrEnum):
    """The reason for which the listener refused a request."""

    NONE = ""
    WRONG_PATH = "wrong path"
    TOO_LARGE = "too large"
    INCOMPLETE = "did not arrive whole"
    BUSY = "too many at once"
    NOT_UNDERSTOOD = "not understood"


class ConnectionStatus(msgspec.Struct, frozen=True):
    """The current connection; every field is empty if there is none.

    `label` shows no more of the credential than is needed to recognize it. `environment` is
    the value of an `Environment`, `colour` one of the connection colours, and `id` the UUID
    of the connection in the archive. If it `is_read_only`, it is locked until it is unlocked.
    `case` is the title of the case that is simulated in place of an account.
    """

    name: str = ""
    base_url: str = ""
    label: str = ""
    environment: str = ""
    colour: str = ""
    id: str = ""
    is_read_only: bool = False
    case: str = ""

    @property
    def account(self) -> str:
        """The name and the base URL; an account without a name is called by its URL already."""
        return " · ".join(dict.fromkeys(filter(None, (self.name, self.base_url))))


class LockCause(StrEnum):
    """The causes of a lock."""

    POLICY = "policy"  # set by the administrator
    OPTION = "option"  # --read-only
    CONNECTION = "connection"  # the setting of the connection
    PRODUCTION = "production"  # the default of a production account


class Lock(msgspec.Struct, frozen=True):
    """The reason why a kind of call is not sent, and a sentence about it."""

    cause: LockCause
    sentence: str

    @property
    def can_be_unlocked(self) -> bool:
        """True if the user may unlock it for a while."""
        return self.cause in {LockCause.CONNECTION, LockCause.PRODUCTION}


class ProtectionStatus(msgspec.Struct, frozen=True):
    """The protection of the current connection.

    `changes` and `pulls` are the locks, None where the calls are permitted. `changes_left` and
    `pulls_left` are the milliseconds until an unlocked kind is locked again, None if it is not
    unlocked for a while. With `needs_reason` a reason has to be given first, for the audit.
    """

    changes: Lock | None = None
    pulls: Lock | None = None
    changes_left: int | None = None
    pulls_left: int | None = None
    needs_reason: bool = False


class PullStatus(msgspec.Struct, frozen=True):
    """The state and the result of the last pull on the current connection.

    `last_at` is the time at which the last pull ended (milliseconds since the epoch), and
    `pending` the number of messages that the platform then reported as waiting. `competing`
    is a sentence if another consumer seems to pull from the same account, else empty.
    """

    state: PullState = PullState.NEVER
    last_at: int | None = None
    pending: int | None = None
    sentence: str = "Nothing was pulled from this account yet."
    competing: str = ""

    @property
    def running(self) -> bool:
        """True while a pull is in progress, until its answer is stored."""
        return self.state in {PullState.PULLING, PullState.HELD}


def latest_pull(own: PullStatus, stored: PullStatus | None) -> PullStatus:
    """Return the state of the pull in progress here, else of the last one by any process.

    The archive says more than the memory of this process: a pull before its start, or by another.
    """
    if own.running or stored is None:
        return own
    if own.last_at is None or (stored.last_at or 0) > own.last_at:
        return stored
    return own


class PullLoopStatus(msgspec.Struct, frozen=True):
    """The state of the pull loop.

    `since` is the time at which it began, `last_at` that of the last message, `next_at` that
    of the next pull. `suspended` is the start and the end of the last suspension of this
    computer that was detected while the loop ran. `failed` is true if the loop ended for a
    reason other than its user or an empty queue. Times are in milliseconds since the epoch.
    """

    mode: PullLoopMode = PullLoopMode.NONE
    state: PullLoopState = PullLoopState.STOPPED
    batches: int = 0
    messages: int = 0
    since: int | None = None
    last_at: int | None = None
    next_at: int | None = None
    suspended: tuple[int, int] | None = None
    failed: bool = False
    sentence: str = ""

    @property
    def running(self) -> bool:
        """True from the start of the loop until it has stopped."""
        return self.state is not PullLoopState.STOPPED


class AnswersStatus(msgspec.Struct, frozen=True):
    """The answer rules that the listener follows.

    `since` is the time at which the scenario was set, and `ends_at` that after which no rule
    matches any more, None if there is none; both in milliseconds since the epoch. `upcoming` says
    what the first rule answers that can still match, now or later; empty if none can. `requests`
    has the name of each rule with the number of requests that it answered.
    """

    name: str
    since: int
    ends_at: int | None = None
    upcoming: str = ""
    requests: tuple[tuple[str, int], ...] = ()


class ListenerStatus(msgspec.Struct, frozen=True):
    """The state of the listener and its counters since it was started.

    `received` and `last_at` cover forwards only; `unmatched` counts the requests on any other
    path. `reachable_at` is the address at which other computers can reach the listener, empty
    if they cannot. `storage_error` says why the last request could not be stored, empty if it
    was. `suspended` is the start and the end of the last suspension of this computer that was
    detected since the start. `answers` are the rules that it follows, None for the usual answers;
    they stay while it is stopped. `elsewhere` is where another window of this process listens, as
    host and port, empty if none does. Times are in milliseconds since the epoch.
    """

    state: ListenerState = ListenerState.STOPPED
    url: str = ""
    since: int | None = None
    last_at: int | None = None
    received: int = 0
    unmatched: int = 0
    reachable_at: str = ""
    storage_error: str = ""
    suspended: tuple[int, int] | None = None
    sentence: str = "The listener is stopped; nothing can arrive."
    answers: AnswersStatus | None = None
    elsewhere: str = ""


class ArchiveStatus(msgspec.Struct, frozen=True):
    """The contents of the archive, of any process; all times in milliseconds since the epoch.

    `newest` and `deliveries` are the highest committed ids. `pull` is the last pull from
    the account of the current connection, None if there was none, and `pulled_at` the time of the
    last one from any account. `forwarded_at` is the time of the last accepted
    forward; `refused` counts the requests that were refused since, for `refusal`, the last of
    them at `refused_at`.
    """

    messages: int = 0
    newest: int = 0
    deliveries: int = 0
    path: str = ""
    pull: PullStatus | None = None
    pulled_at: int | None = None
    forwarded_at: int | None = None
    refused: int = 0
    refused_at: int | None = None
    refusal: RefusalReason = RefusalReason.NONE


class AlarmKind(StrEnum):
    """The kind of trouble that an alarm is about."""

    SILENCE = "silence"  # nothing arrives, while something used to
    ERROR = "error"  # the listener answered a forward with an error
    CERTIFICATE = "certificate"  # a forward URL's certificate expires soon
    PENDING = "pending"  # the number of waiting messages grows
    SOURCE = "source"  # the listener, the pull or the archive of this computer stopped

    @property
    def headline(self) -> str:
        """The kind of trouble in words that say nothing of any message, for notifications."""
        return {
            self.SILENCE: "Messages have stopped arriving",
            self.ERROR: "The listener answered with an error",
            self.CERTIFICATE: "A certificate expires soon, or has expired",
            self.PENDING: "More and more messages wait",
            self.SOURCE: "A source of messages has stopped",
        }[self]


class Alarm(msgspec.Struct, frozen=True):
    """Trouble that the watch has found and that has not ended.

    `connection` is a UUID. `application` is a code, empty if the alarm is about the whole
    connection; `name` is that of the application. `part` tells several alarms of one kind apart,
    such as the host of a certificate. `sentence` shows no code. `since` is the time at which the
    trouble began, in milliseconds since the epoch. `finding` is the number of the finding that
    explains the trouble. With `notify` the user wants a notification of the system.
    """

    kind: AlarmKind
    connection: str
    sentence: str
    since: int
    finding: int
    application: str = ""
    name: str = ""
    part: str = ""
    notify: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """The identity of the trouble, while its sentence changes."""
        return self.kind, self.connection, self.application, self.part


class LeaseState(StrEnum):
    """The state of a borrowed route; the values are stored in archives."""

    CREATING = "creating"  # its requests are being sent, or their outcome is not known
    ACTIVE = "active"
    ENDING = "ending"  # it is over, and something of it may be left on the platform
    ENDED = "ended"  # nothing of it is left on the platform


class LeaseStatus(msgspec.Struct, frozen=True):
    """A borrowed route: an action that leads an application's messages here for a while.

    `application` is a code, `name` that of the application. `connection` is a UUID, `account` the
    connection's name, `credential` the label of what it was borrowed with. `url` is what messages
    are forwarded to; its `path` belongs to this lease alone. `received` counts the messages that
    came over it, the last one at `last_at`. It `is_own` if this process ends it; otherwise `holder`
    names the process that does, empty if none runs. `problem` says why it is not removed yet, or
    what is left of it. Times are in milliseconds since the epoch, by the clock as it is now.
    """

    id: str
    connection: str
    application: str
    url: str
    path: str
    state: LeaseState
    since: int
    ends_at: int
    name: str = ""
    account: str = ""
    base_url: str = ""
    credential: str = ""
    ended_at: int | None = None
    is_own: bool = False
    holder: str = ""
    received: int = 0
    last_at: int | None = None
    problem: str = ""


class Status(msgspec.Struct, frozen=True):
    """Everything that the status bar and the panes show about the running program.

    `recovered` says what was recovered last of what a crash left, empty if nothing was.
    `other_puller` names another process that pulls from the same account, empty if none does.
    `clock_doubt` says why no message is deleted by age although a policy is set; empty if that
    is not so. `alarms` are those of the watch that have not ended. `history_problem` says why the
    setup that is read is not recorded; empty if it is. `why_codes_masked` is a sentence on the
    policy that masks application codes; empty if they may be revealed. `leases` are the borrowed
    routes of all connections that are not ended. `team` has the ways to the archives of teams.
    """

    connection: ConnectionStatus = msgspec.field(default_factory=ConnectionStatus)
    pull: PullStatus = msgspec.field(default_factory=PullStatus)
    listener: ListenerStatus = msgspec.field(default_factory=ListenerStatus)
    archive: ArchiveStatus = msgspec.field(default_factory=ArchiveStatus)
    recovered: str = ""
    clock_doubt: str = ""
    pull_loop: PullLoopStatus = msgspec.field(default_factory=PullLoopStatus)
    other_puller: str = ""
    alarms: tuple[Alarm, ...] = ()
    protection: ProtectionStatus = msgspec.field(default_factory=ProtectionStatus)
    history_problem: str = ""
    why_codes_masked: str = ""
    leases: tuple[LeaseStatus, ...] = ()
    team: TeamStatus = msgspec.field(default_factory=TeamStatus)

    @property
    def is_shared(self) -> bool:
        """True if the open connection shares what is received with a team."""
        return any(self.connection.id in link.connections for link in self.team.links)
