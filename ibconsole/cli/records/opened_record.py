"""Opening the record that a command reads, by its options.

A command that names a connection with a team reads what the whole team received, and fails if that
cannot be read: what it prints never depends on a network. With --local it reads this disk.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ibconsole.cli import (
    GlobalOptions,
    connection_option,
    data_dir_option,
    out,
    run,
    saved_connections,
)
from ibconsole.errors import UserError

if TYPE_CHECKING:
    from ibconsole.services.connections import TeamAccess
    from ibconsole.services.messages import FullReader, RecordFinder
    from ibconsole.services.setup.history import HistorySource
    from ibconsole.team_archive import TeamReader

_LOCAL = "With --local, the archive on this disk is read."

F = TypeVar("F", bound=Callable[..., Any])


class TeamNotRead(UserError):
    """The archive of the connection's team cannot be read."""


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """A record: its reader, what finds it once more, and whether it is a team's."""

    reader: "FullReader"
    find: "RecordFinder"
    is_shared: bool


def local_option(command: F) -> F:
    """Add --local to a command that reads a record; see `open_record`."""
    return click.option(
        "--local",
        is_flag=True,
        help="Read the archive on this disk, also if the connection names a team.",
    )(command)


def record_options(command: F) -> F:
    """Add --connection, --local and --data-dir to a command that reads a record."""
    return local_option(connection_option(data_dir_option(command)))


@contextmanager
def open_record(options: GlobalOptions, *, local: bool) -> Iterator[OpenedRecord]:
    """Open the record of the named connection's team, else the archive on this disk.

    Raises TeamNotRead, which says how to read this disk instead.
    """
    with _open_team(options, local=local) as (reader, opener):
        if reader is None:
            with _open_disk(options) as record:
                yield record
        else:
            yield OpenedRecord(reader, lambda criteria: (opener, criteria), is_shared=True)


@contextmanager
def open_history(
    options: GlobalOptions, connection: str, *, local: bool
) -> "Iterator[HistorySource]":
    """Open the history of the named connection's team, else that of a connection on this disk.

    `connection` is a UUID, empty for any. Raises TeamNotRead.
    """
    from ibconsole.services.runtime import find_paths
    from ibconsole.services.setup.history import DiskHistory

    with _open_team(options, local=local) as (reader, _):
        if reader is None:
            yield DiskHistory(find_paths(options.data_dir).archive, connection)
        else:
            yield reader.history


@contextmanager
def _open_disk(options: GlobalOptions) -> Iterator[OpenedRecord]:
    from ibconsole.services.messages import on_disk, open_reader
    from ibconsole.services.runtime import find_paths

    with open_reader(options.data_dir, out.write_notice) as reader:
        yield OpenedRecord(reader, on_disk(find_paths(options.data_dir).archive), is_shared=False)


@contextmanager
def _open_team(
    options: GlobalOptions, *, local: bool
) -> "Iterator[tuple[TeamReader | None, Callable[[], TeamReader]]]":
    """Open a reader of the team's archive, None without one, with what opens another reader."""
    from ibconsole.team_archive import TeamArchiveError, TeamReader

    def opener() -> TeamReader:
        assert access is not None, "used without a team"  # noqa: S101
        return TeamReader(
            access.address, access.password, connection=connection, purpose="terminal"
        )

    connection, access = "", None
    if options.connection and not local:
        connection, access = run(_find_team(options))
    if access is None:
        yield None, opener
        return
    if access.problem:
        raise TeamNotRead(f"{access.problem} {_LOCAL}")
    try:
        with opener() as reader:
            yield reader, opener
    except TeamArchiveError as error:
        raise TeamNotRead(f"{error} {_LOCAL}") from error


async def _find_team(options: GlobalOptions) -> "tuple[str, TeamAccess | None]":
    """Return the UUID of the named connection, and its team."""
    connections = saved_connections(options)
    connection = await connections.find(options.connection)
    return connection.id, await connections.team_access(connection.id)
