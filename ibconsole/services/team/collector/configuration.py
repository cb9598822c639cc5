"""The configuration of a collector as values, and what follows from it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import msgspec

from ibconsole.errors import UserError
from ibconsole.hosts import is_exposed
from ibconsole.listener import Owner, PathTable
from ibconsole.services.connections import Connection
from ibconsole.services.documents import Position
from ibconsole.services.runtime import Paths, find_paths

DRAIN = 20.0  # seconds in which the end of the process ships what waits
SHORT_PATH = 12  # characters; a shorter path can be guessed
_STATE_VARIABLE = "STATE_DIRECTORY"


class NoStateDirectory(UserError):
    """Nothing names the directory in which the collector stores what it receives."""


class ListeningAddress(msgspec.Struct, frozen=True):
    """An address of this computer and a port; 0 is any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_exposed(self) -> bool:
        """True if other computers may reach it."""
        return self.host in {"", "0.0.0.0", "::"} or is_exposed(self.host)  # noqa: S104 compared


DEFAULT_HEALTH = ListeningAddress("127.0.0.1", 9484)


class SecretSource(msgspec.Struct, frozen=True):
    """The place of a secret: a file, or a credential that systemd passes to the service.

    `position` is the place in the configuration that names it.
    """

    file: Path | None = None
    credential: str = ""
    position: Position = Position()


class ScheduledPull(msgspec.Struct, frozen=True):
    """Pulls at intervals of seconds; `limit` is the size of a batch, None for the largest."""

    interval: float
    limit: int | None = None


class TeamShare(msgspec.Struct, frozen=True):
    """The team's archive that a connection is shared with, and how it is logged in to.

    Without a `password` it is a certificate, or a file or service of PostgreSQL's library.
    """

    database: str
    account: str
    password: SecretSource | None = None


class CollectedConnection(msgspec.Struct, frozen=True):
    """A connection that is listened for, pulled from, or both.

    `forward_path` is the path of its forwards, empty if it is not listened for. Its ID in the
    archive is the connection's, which follows from the base URL unless the file names one.
    """

    connection: Connection
    secret: SecretSource | None = None
    forward_path: str = ""
    pull: ScheduledPull | None = None
    team: TeamShare | None = None


class CollectorConfiguration(msgspec.Struct, frozen=True):
    """Everything that a collector does. `name` is what errors call the file.

    `keep_days` limits how long what was received is kept on this disk, None for ever; what was not
    shared yet stays.
    """

    name: str
    connections: tuple[CollectedConnection, ...]
    listener: ListeningAddress | None = None
    health: ListeningAddress = DEFAULT_HEALTH
    state: Path | None = None
    label: str = ""
    keep_days: int | None = None
    drain: float = DRAIN

    @property
    def is_shared(self) -> bool:
        """True if a connection is shared with a team."""
        return any(one.team for one in self.connections)

    def notices(self) -> tuple[str, ...]:
        """Return sentences about what is valid, and may be a mistake."""
        found = []
        if self.listener and self.listener.is_exposed:
            found.append(
                f"The listener at {self.listener} is open to the network, unencrypted and for"
                " anyone: the path of each connection alone keeps other senders out."
            )
        if self.health.is_exposed:
            found.append(
                f"Health and metrics at {self.health} are open to the network: they name the"
                " connections and what waits."
            )
        found += [
            f"The forward path of {one.connection.name} is short: a path that can be guessed lets"
            " anyone send messages in its name."
            for one in self.connections
            if one.forward_path and len(one.forward_path) < SHORT_PATH
        ]
        return tuple(found)


class ForwardRoutes:
    """The paths that are answered, each with its connection; equivalent spellings are found."""

    def __init__(self, connections: Iterable[CollectedConnection]) -> None:
        self._paths = {
            one.connection.id: one.forward_path for one in connections if one.forward_path
        }
        self._owners = PathTable({path: Owner(owner) for owner, path in self._paths.items()})

    def path_of(self, connection: str | None) -> str:
        """Return the path of a connection; "" for one that is not listened for, and for none."""
        return self._paths.get(connection or "", "")

    def owner_of(self, path: str) -> Owner | None:
        """Return the owner of a path; None for an unknown one."""
        return self._owners.find(path)


def connection_id(base_url: str) -> str:
    """Return the UUID of a connection for which the file has none: that of its base URL.

    So its name can be changed, and an unsaved account of the terminal is the same connection.
    """
    return str(uuid5(NAMESPACE_URL, base_url))


def paths_of(configuration: CollectorConfiguration, environment: Mapping[str, str]) -> Paths:
    """Return the paths of a collector, in its state directory.

    The locks that exclude concurrent pulls are those of all programs of the user, if there
    is a place for them.

    Raises NoStateDirectory if neither the file nor systemd names one.
    """
    directory = configuration.state
    if directory is None:
        first = environment.get(_STATE_VARIABLE, "").partition(":")[0]
        directory = Path(first) if first.startswith("/") else None
    if directory is None:
        raise NoStateDirectory(
            f"{configuration.name} names no directory for what is received, and this is no service"
            " of systemd with a state directory. Nothing was started: add `state:` with a path."
        )
    return find_paths(directory)
