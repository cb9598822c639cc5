"""The database that a command for a team's archive is about, and the way into it.

A password is never an argument: it comes from the keyring, by the means of PostgreSQL's own library
(a file of passwords, a certificate, the system's user), or from a prompt on a terminal.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ibconsole.cli import (
    GlobalOptions,
    connection_option,
    data_dir_option,
    read_secret,
    run,
    saved_connections,
)
from ibconsole.errors import UserError

if TYPE_CHECKING:
    from ibconsole.archive.outbox import Backlog
    from ibconsole.secret import Secret
    from ibconsole.services.connections import TeamAccess
    from ibconsole.services.team import TeamExamination
    from ibconsole.team_archive import TeamAddress, TeamConnection

    Opener = Callable[[TeamAddress, Secret | None], TeamConnection]

F = TypeVar("F", bound=Callable[..., Any])


class NoTeam(UserError):
    """The saved connection names no team's archive, or one that must not be used here."""


def database_options(command: F) -> F:
    """Add --database and --connection, of which one is needed, and --data-dir."""
    with_url = click.option(
        "--database",
        metavar="URL",
        default="",
        help="The team's database, as postgresql://USER@HOST/DATABASE or service=NAME. A password"
        " is asked for, or comes from PostgreSQL's own files.",
    )(command)
    return data_dir_option(connection_option(with_url))


@contextmanager
def open_database(
    options: GlobalOptions, database: str, opener: "Opener | None" = None
) -> "Iterator[tuple[TeamConnection, TeamAddress]]":
    """Open the database that the options name, and translate its errors in the block.

    By default its statements end after a while. Raises a usage error for no database or two,
    NoTeam, BadTeamAddress, and a TeamArchiveError.
    """
    from ibconsole.team_archive import PasswordRequired, connect, translated

    access = find_access(options, database)

    def open_it(password: "Secret | None") -> "TeamConnection":
        if opener:
            return opener(access.address, password)
        return connect(access.address, password, "team")

    try:
        db = open_it(access.password)
    except PasswordRequired:
        if not sys.stdin.isatty():
            raise
        db = open_it(_ask_password())
    with closing(db), translated(access.address):
        yield db, access.address


def examine(options: GlobalOptions, database: str) -> "TeamExamination":
    """Examine the database that the options name; on a terminal, ask for a missing password.

    Raises a usage error for no database or two, NoTeam, and BadTeamAddress.
    """
    from msgspec.structs import replace

    from ibconsole.services.team import examine_team

    access = find_access(options, database)
    found = run(examine_team(access))
    if found.needs_password and sys.stdin.isatty():
        found = run(examine_team(replace(access, password=_ask_password())))
    return found


def find_access(options: GlobalOptions, database: str) -> "TeamAccess":
    """Return the address that the options name, and the password that the keyring has for it."""
    from ibconsole.services.connections import TeamAccess
    from ibconsole.services.protection import find_policy
    from ibconsole.team_archive import TeamAddress, normalize_team_database

    if bool(database) == bool(options.connection):
        raise click.UsageError(
            "Name the team's database once: with --database URL, or with --connection NAME."
        )
    if database:
        address = TeamAddress(normalize_team_database(database), "")
        if objection := find_policy().team_objection(address.database):
            raise NoTeam(objection)
        return TeamAccess(address)
    connections = saved_connections(options)
    uuid = run(connections.find(options.connection)).id
    access = run(connections.team_accesses()).get(uuid)
    if access is None:
        objection = run(connections.team_objections()).get(uuid, "")
        raise NoTeam(objection or f"The connection {options.connection} names no team's archive.")
    return access


def read_local_backlog(options: GlobalOptions) -> "Backlog | None":
    """Return what this computer has yet to ship for --connection.

    None without that option, or while nothing was received here.
    """
    from ibconsole.archive.outbox import Outbox
    from ibconsole.services.runtime import find_paths

    path = find_paths(options.data_dir).archive
    if not options.connection or not path.exists():
        return None
    uuid = run(saved_connections(options).find(options.connection)).id
    with Outbox(path) as outbox:
        target = outbox.targets().get(uuid)
        return outbox.backlog(target) if target else None


def require_changes_permitted(options: GlobalOptions) -> None:
    """Raise a usage error for --read-only with a command that changes the team's archive."""
    if options.read_only:
        raise click.UsageError("This changes the team's archive, and --read-only was given.")


def _ask_password() -> "Secret":
    from ibconsole.secret import Secret

    return Secret(read_secret("Password of the database"))
