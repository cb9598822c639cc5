"""The facts that rules read: everything known about one account at one time.

Nothing here is guessed: what was not read is None, and the rules stay silent about it. All times
are milliseconds since the epoch, all durations are seconds.
"""

from collections.abc import Mapping

import msgspec

from ibconsole.hosts import host_of, is_certainly_loopback
from ibconsole.model import Action, Application
from ibconsole.services.forward_test import Cause, Delivered
from ibconsole.services.runtime import ListenerStatus

_EMPTY: Mapping[str, str] = {}


class ReadingProblem(msgspec.Struct, frozen=True):
    """The reason why something could not be read from the platform.

    `status` is the platform's answer, None if there was none; `causes` are the possible causes
    of a refusal. `is_local` says that no request was sent, as without a secret.
    """

    sentence: str
    status: int | None = None
    causes: tuple[str, ...] = ()
    is_local: bool = False


class ConfigurationFacts(msgspec.Struct, frozen=True):
    """One configuration; `actions` is None if they were not read, for the reason `problem`.

    `borrowed` are those of borrowed routes: no rule judges them, and `actions` is without them.
    """

    key: str
    actions: tuple[Action, ...] | None = None
    oddities: tuple[str, ...] = ()
    problem: ReadingProblem | None = None
    borrowed: tuple[Action, ...] = ()


class ArrivalFacts(msgspec.Struct, frozen=True):
    """The latest messages of one application in the archive, at most a few hundred.

    `count` is their number; `is_all` says that there are no older ones. `first_at` and `last_at`
    are the times of their arrivals, `last_pulled_at` and `last_forwarded_at` those by each way.
    `longest_gap` and `usual_gap` (the median) are between two arrivals. `duplicates` are among
    the `count`, `doubled` of them came by both ways. `lag` is the median time from the platform
    to here of the latest forwards, `earlier_lag` that of those before. `ahead` counts messages
    whose time at the platform lies after their arrival. `connections` counts by connection.
    """

    count: int
    is_all: bool
    first_at: int
    last_at: int
    last_pulled_at: int | None = None
    last_forwarded_at: int | None = None
    longest_gap: float = 0.0
    usual_gap: float = 0.0
    duplicates: int = 0
    doubled: int = 0
    lag: float | None = None
    earlier_lag: float | None = None
    ahead: int = 0
    connections: Mapping[str, int] = msgspec.field(default_factory=dict)
    drift: "DriftFacts | None" = None


class DriftFacts(msgspec.Struct, frozen=True):
    """Differences between received messages and the documented contract.

    `examined` counts the messages. `unknown`, `missing` and `retyped` count messages by the name
    of the field. `not_messages` and `salvaged` are marks of the archive. `example_at` is the time
    of the latest message that differs.
    """

    examined: int
    unknown: Mapping[str, int] = msgspec.field(default_factory=dict)
    missing: Mapping[str, int] = msgspec.field(default_factory=dict)
    retyped: Mapping[str, int] = msgspec.field(default_factory=dict)
    not_messages: int = 0
    salvaged: int = 0
    example_at: int | None = None


class ApplicationFacts(msgspec.Struct, frozen=True):
    """One application; `configurations` is None if they were not read, for `problem`.

    `borrowed_until` is the time at which its borrowed route ends, None if it has none.
    """

    application: Application
    configurations: tuple[ConfigurationFacts, ...] | None = None
    read_at: int | None = None
    problem: ReadingProblem | None = None
    arrivals: ArrivalFacts | None = None
    borrowed_until: int | None = None


class AccountFacts(msgspec.Struct, frozen=True):
    """The account; `sandbox` says that its platform runs on this computer.

    `connection` is its UUID. `problem` says why the list of applications was not read.
    """

    connection: str
    name: str
    base_url: str = ""
    sandbox: bool = False
    production: bool = False
    problem: ReadingProblem | None = None
    read_at: int | None = None

    @property
    def is_local(self) -> bool:
        """True if the base URL is on this computer, as that of a simulated platform is."""
        return is_certainly_loopback(host_of(self.base_url))


class Trouble(msgspec.Struct, frozen=True):
    """One cause of trouble at an endpoint, in a sentence, with its remedy."""

    cause: Cause
    sentence: str
    remedy: str = ""
    details: tuple[str, ...] = ()


class AnswerFacts(msgspec.Struct, frozen=True):
    """The latest recorded test of a URL: a POST and its answer.

    `counts` says whether the platform would count it as delivered.
    """

    at: int
    counts: Delivered
    sentence: str
    status: int | None = None
    seconds: float = 0.0
    troubles: tuple[Trouble, ...] = ()
    vantage: str = ""


class EndpointFacts(msgspec.Struct, frozen=True):
    """A forward URL, as seen from this computer.

    `at` is the time of the probe of names, connections and TLS, which sends no request; None if
    there was none. `expires_at` is the end of the server's certificate, in seconds since the
    epoch. `answer` is the latest recorded test.
    """

    url: str
    at: int | None = None
    vantage: str = ""
    addresses: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    expires_at: float | None = None
    answer: AnswerFacts | None = None


class PullRecord(msgspec.Struct, frozen=True):
    """One pull in the archive; see `archive.Delivery`."""

    at: int
    status: int | None
    messages: int
    pending: int | None
    complete: bool
    announced: int | None = None
    interrupted: bool = False
    problem: str = ""


class PullFacts(msgspec.Struct, frozen=True):
    """The latest pulls on the connection, the newest first, by any process.

    `competing` is a sentence about another consumer, empty if there is no evidence.
    """

    pulls: tuple[PullRecord, ...] = ()
    competing: str = ""


class RefusedForwards(msgspec.Struct, frozen=True):
    """The requests that the listener refused since the last forward that it accepted."""

    count: int
    at: int
    status: int | None


class ConsoleFacts(msgspec.Struct, frozen=True):
    """This computer and this program.

    `clock_offset` is the time here minus the time of the platform, None if not known; it is the
    median of `clock_times` answers.
    `listener` is None if its state is not known, as outside of the window. `owners` has the
    connection's UUID for each forward URL whose path is one of the listener's, empty for the path
    of no connection. `has_archive` is false if nothing was ever stored here.
    """

    clock_offset: float | None = None
    clock_at: int | None = None
    clock_times: int = 0
    listener: ListenerStatus | None = None
    owners: Mapping[str, str] = _EMPTY
    connections: Mapping[str, str] = _EMPTY
    refused: RefusedForwards | None = None
    has_archive: bool = False


class Facts(msgspec.Struct, frozen=True):
    """Everything known about one account at the time `now`.

    `applications` is None if the list was not read; it may hold only those that were asked for.
    `endpoints` are by URL, as the actions spell it. `unassigned` has arrived without a code of an
    application.
    """

    now: int
    account: AccountFacts
    applications: tuple[ApplicationFacts, ...] | None = None
    endpoints: Mapping[str, EndpointFacts] = msgspec.field(default_factory=dict)
    pulls: PullFacts | None = None
    console: ConsoleFacts = msgspec.field(default_factory=ConsoleFacts)
    unassigned: ArrivalFacts | None = None
