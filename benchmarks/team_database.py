"""A private PostgreSQL server for the benchmarks of a team, as durable as one in operation.

Other than that of the tests, it flushes each transaction to the disk, and vacuums by itself.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import ROOT

sys.path.insert(0, str(ROOT))

from tests.postgres import (
    MISSING,
    PostgresServer,
    TeamDatabase,
    TeamTemplate,
    find_binaries,
    private_server,
)

NOTE = "The server flushes each transaction to the disk (fsync, full_page_writes)."
_SETTINGS = {
    "autovacuum": "on",
    "fsync": "on",
    "full_page_writes": "on",
    "max_connections": "300",
    "max_wal_size": "2GB",
    "min_wal_size": "256MB",
    "shared_buffers": "256MB",
}
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def missing() -> str:
    """Return why there is no server; empty if PostgreSQL is installed."""
    return "" if find_binaries() else MISSING


@contextmanager
def durable_server() -> Iterator[TeamTemplate]:
    """Start a server for the block, and prepare a team's archive that databases are copies of."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]
    with private_server(on_disk=True) as server:
        template = TeamTemplate(server)
        server.stop()
        server.configure(_SETTINGS)
        server.start()
        yield template


def server_cpu(server: PostgresServer) -> float:
    """Return the seconds of processor time that the processes of a server have taken."""
    pid = int((server.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    own, ended = _times(pid)
    return own + ended + sum(_times(int(child))[0] for child in children)


def _times(pid: int) -> tuple[float, float]:
    """Return the time of a process, and that of those of its children that have ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return 0.0, 0.0
    user, system, user_ended, system_ended = map(int, text.rpartition(")")[2].split()[11:15])
    return (user + system) / _TICKS, (user_ended + system_ended) / _TICKS


def count_connections(team: TeamDatabase) -> int:
    """Return the number of connections to a team's database, without that of the question."""
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with team.server.connect(database=team.name) as db:
        [(count,)] = db.execute(query).fetchall()
    return int(count)


def count_messages(team: TeamDatabase) -> tuple[int, int]:
    """Return the number of messages in a team's archive, and of those stored more than once."""
    query = (
        "SELECT count(*), count(*) - count(DISTINCT (origin, position)) FROM ibconsole.message"
        " JOIN ibconsole.delivery ON delivery.id = message.delivery"
    )
    with team.server.connect(database=team.name) as db:
        [(count, twice)] = db.execute(query).fetchall()
    return int(count), int(twice)
