"""The recognition of connection poolers that break what a team's archive relies on.

A pooler such as PgBouncer gives each transaction, in some modes, another session of the server.
Then a lock does not belong to who asked for it, notifications get lost, and settings reach others'
sessions. So nothing is set before `check_pooler` has passed.

Nothing in the protocol names a pooler, but each invents the number of the process that it sends
at the log-in.
"""

import selectors
import time
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeAlias

from ibconsole.lazy import LazyModule
from ibconsole.team_archive.address import TeamAddress
from ibconsole.team_archive.errors import TeamUnavailable, UnsuitablePooler

if TYPE_CHECKING:
    import psycopg
    from psycopg import pq

    Opened: TypeAlias = psycopg.Connection[tuple[Any, ...]]
else:
    pq = LazyModule("psycopg.pq")
    Opened = Any

PATIENCE = 5  # seconds for a session of the second connection
_PROBES = 3
_BEGIN = b"BEGIN; SELECT pg_backend_pid()"


def check_pooler(
    db: Opened,
    open_another: Callable[[], Opened],
    address: TeamAddress,
    *,
    patience: float = PATIENCE,
) -> None:
    """Refuse a pooler that does not give each connection a session of its own.

    A direct connection costs one statement. With a pooler, another connection keeps a transaction
    open meanwhile: with a session of its own, the first one is served by the same process as
    before. Raises UnsuitablePooler, and TeamUnavailable if the pooler has no session to spare.
    """
    first = _process(db)
    if first == db.info.backend_pid:
        return
    with closing(open_another()) as another:
        held = _begin(another, address, patience)
        if held in {first, 0} or any(_process(db) != first for _ in range(_PROBES)):
            raise UnsuitablePooler(
                f"The connection pooler in front of {address.label} lends out single transactions:"
                " one puller at a time cannot be guaranteed by it. Use the server's own address,"
                " or a pool with pool_mode = session; what is on this disk is unharmed."
            )


def _process(db: Opened) -> int:
    row = db.execute("SELECT pg_backend_pid()").fetchone()
    return int(row[0]) if row else 0


def _begin(another: Opened, address: TeamAddress, patience: float) -> int:
    """Begin a transaction and return the process that serves it; 0 if none was permitted."""
    connection = another.pgconn
    connection.send_query(_BEGIN)
    deadline = time.monotonic() + patience
    with selectors.DefaultSelector() as selector:
        selector.register(connection.socket, selectors.EVENT_READ)
        while connection.is_busy():
            rest = deadline - time.monotonic()
            if rest <= 0 or not selector.select(rest):
                raise TeamUnavailable(
                    f"The connection pooler in front of {address.label} has no session to spare."
                    " What is on this disk is unharmed."
                )
            connection.consume_input()
    process = 0
    while result := connection.get_result():
        if result.status == pq.ExecStatus.TUPLES_OK:
            process = int(result.get_value(0, 0) or b"0")
    return process
