"""What the program is doing, as one frozen value that any thread may read."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """The account at work; all empty where there is none.

    `label` shows no more of the credential than is needed to recognize it. `environment` is
    "sandbox", "test", "production" or empty; `colour` one of the connection's colours. `id`
    is the UUID that the archive knows the connection by.
    """

    name: str = ""
    base_url: str = ""
    label: str = ""
    environment: str = ""
    colour: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class PullStatus:
    """`state` is never, pulling, held, idle, failed or rejected.

    Held is a pull whose answer waits for room on the disk. `last_at` is when the last pull
    ended (milliseconds since the epoch), `pending` what the platform then said was still
    waiting. `competing` is a sentence if somebody else seems to be pulling.
    """

    state: str = "never"
    last_at: int | None = None
    pending: int | None = None
    sentence: str = "Nothing was pulled on this connection yet."
    competing: str = ""


@dataclass(frozen=True, slots=True)
class RepeatStatus:
    """Pulls in a row. `mode` is empty (there was none yet), "until empty" or "auto".

    `state` is pulling, waiting, backing off or stopped; `next_at` when the next one is due,
    `since` when it began, `last_at` when the last message came. `slept` is from when to when
    this computer was last noticed to sleep meanwhile; `failed` that it was not stopped by its
    user, nor because nothing waits. Times as in PullStatus.
    """

    mode: str = ""
    state: str = "stopped"
    batches: int = 0
    messages: int = 0
    since: int | None = None
    last_at: int | None = None
    next_at: int | None = None
    slept: tuple[int, int] | None = None
    failed: bool = False
    sentence: str = ""

    @property
    def running(self) -> bool:
        """Whether it pulls, or will."""
        return self.state != "stopped"


@dataclass(frozen=True, slots=True)
class ListenerStatus:
    """`state` is stopped, starting, listening or failed; times as in PullStatus.

    `received` and `last_at` are of forwards alone; `strangers` counts the requests on no path
    of ours. `open_at` says where others than this computer can reach it, empty if nowhere.
    `trouble` says why the last request could not be stored, empty if it was. `slept` is from
    when to when this computer was last noticed to sleep since it was started.
    """

    state: str = "stopped"
    url: str = ""
    since: int | None = None
    last_at: int | None = None
    received: int = 0
    strangers: int = 0
    open_at: str = ""
    trouble: str = ""
    slept: tuple[int, int] | None = None
    sentence: str = "The listener is stopped; nothing can arrive."


@dataclass(frozen=True, slots=True)
class ArchiveStatus:
    """How much is on disk; `newest` and `deliveries` are the highest ids committed."""

    messages: int = 0
    newest: int = 0
    deliveries: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """Everything the status bar and the panes show of what is going on."""

    connection: ConnectionStatus = field(default_factory=ConnectionStatus)
    pull: PullStatus = field(default_factory=PullStatus)
    listener: ListenerStatus = field(default_factory=ListenerStatus)
    archive: ArchiveStatus = field(default_factory=ArchiveStatus)
    recovered: str = ""
    repeat: RepeatStatus = field(default_factory=RepeatStatus)
