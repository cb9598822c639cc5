"""Connections to PostgreSQL, and the only module that interprets its errors.

A connection commits each statement by itself unless it is in a `transaction`. What is slow or
silent ends after a bounded time; a broken connection is closed, and its owner opens another.
"""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from ibconsole.lazy import LazyModule
from ibconsole.secret import Secret
from ibconsole.team_archive.address import TeamAddress
from ibconsole.team_archive.certificates import system_authorities
from ibconsole.team_archive.errors import (
    PasswordRequired,
    RowRefused,
    TeamArchiveError,
    TeamNotInstalled,
    TeamRefused,
    TeamUnavailable,
    UnsuitableDatabase,
)
from ibconsole.team_archive.poolers import check_pooler

if TYPE_CHECKING:
    import psycopg
    from psycopg import errors

    TeamConnection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
else:
    psycopg = LazyModule("psycopg")
    errors = LazyModule("psycopg.errors")
    TeamConnection = Any

CONNECT_TIMEOUT = 10  # seconds
STATEMENT_TIMEOUT = 30  # seconds, unless a caller sets another
# A server or a network that is gone without a word is noticed after about this many seconds.
_SILENCE = 10
_SETTINGS: dict[str, Any] = {
    "connect_timeout": CONNECT_TIMEOUT,
    "keepalives_idle": _SILENCE // 2,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": _SILENCE * 1000,
}
_QUESTION = re.compile(r" Is the server running [^?]*\?")
_UNHARMED = "What is on this disk is unharmed."


def connect(
    address: TeamAddress,
    password: Secret | None,
    purpose: str,
    *,
    read_only: bool = False,
    statement_timeout: float = STATEMENT_TIMEOUT,
) -> TeamConnection:
    """Open a connection; `purpose` names it to the server's administrator.

    The database's own settings, a service file, and libpq's files for certificates are honoured.
    Blocks for up to about CONNECT_TIMEOUT seconds. Raises a TeamArchiveError.
    """

    def open_connection() -> TeamConnection:
        return psycopg.connect(
            address.database,
            password=password.reveal() if password else None,
            autocommit=True,
            application_name=f"ibconsole {purpose}",
            **{**_SETTINGS, **system_authorities(address.database)},
        )

    settings = [
        "SET search_path = pg_catalog, pg_temp",
        f"SET statement_timeout = {round(statement_timeout * 1000)}",
        "SET lock_timeout = 10000",
        # The index of texts takes in its pending entries within this memory.
        "SET default_transaction_read_only = on" if read_only else "SET work_mem = '64MB'",
    ]
    with translated(address), ExitStack() as on_error:
        connection = open_connection()
        on_error.callback(connection.close)
        check_pooler(connection, open_connection, address)
        connection.execute("; ".join(settings))
        on_error.pop_all()
        return connection


@contextmanager
def translated(address: TeamAddress) -> Iterator[None]:
    """Translate errors of PostgreSQL and its library into sentences; see `errors`.

    Errors that show a bug, such as invalid SQL, are raised unchanged.
    """
    try:
        yield
    except ImportError as error:
        raise TeamNotInstalled(
            "A team's archive needs the library for PostgreSQL: install ibconsole[team], then try"
            f" again. {_UNHARMED}"
        ) from error
    except psycopg.Error as error:
        translation = _translate(address, error)
        if translation is None:
            raise
        raise translation from error


def _translate(address: TeamAddress, error: "psycopg.Error") -> TeamArchiveError | None:
    """Return the error for users, None for one that shows a bug."""
    # libpq asks its reader a question at the end of some reasons.
    words = " ".join(str(error).split()).removeprefix("connection failed: ")
    reason = _QUESTION.sub("", words) or type(error).__name__
    if isinstance(error, errors.InsufficientPrivilege):
        return TeamRefused(
            f"The team's archive at {address.label} does not permit this ({reason}). {_UNHARMED}"
            " Ask its owner for the rights."
        )
    if log_in_error := _translate_log_in(address, error, reason):
        return log_in_error
    is_limit = (error.sqlstate or "").startswith("54")  # too large, or too long for an index
    if isinstance(error, (psycopg.DataError, psycopg.IntegrityError)) or is_limit:
        return RowRefused(f"The team's archive refuses it: {reason}.")
    temporary = (psycopg.OperationalError, psycopg.InterfaceError, errors.ReadOnlySqlTransaction)
    if isinstance(error, temporary):
        return TeamUnavailable(
            f"The team's archive at {address.label} cannot be used now ({reason}). {_UNHARMED}"
        )
    return None


def _translate_log_in(
    address: TeamAddress, error: "psycopg.Error", reason: str
) -> TeamArchiveError | None:
    """Return the error for users if they were not admitted, or not to this database."""
    if "no password supplied" in reason:
        return PasswordRequired(
            f"The team's archive at {address.label} asks for a password. {_UNHARMED} Enter it with"
            " the connection."
        )
    signs = ("authentication failed", "certificate verify failed")
    is_refused = isinstance(error, errors.InvalidAuthorizationSpecification)
    if is_refused or any(sign in reason for sign in signs):
        return TeamRefused(
            f"The team's archive at {address.label} does not admit this user ({reason})."
            f" {_UNHARMED} Check user, password and certificate."
        )
    if 'database "' in reason and "does not exist" in reason:
        return UnsuitableDatabase(
            f"There is no database at {address.label} ({reason}). {_UNHARMED} Create it first, for"
            " example with createdb."
        )
    return None


def is_timeout(error: TeamArchiveError) -> bool:
    """Return whether the server gave a statement up, because of its time limit for example."""
    return isinstance(error.__cause__, errors.QueryCanceled)


def break_off(connection: TeamConnection) -> None:
    """Break a connection off that another thread waits for, which raises TeamUnavailable then.

    A server that is stopped answers nothing, not even a request to cancel.
    """
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as end:
        end.shutdown(socket.SHUT_RDWR)
