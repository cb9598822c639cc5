"""A pooler in front of the PostgreSQL server of the tests, and a standby behind it."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Literal

import psycopg
import pytest

from ibconsole.team_archive import TeamAddress
from tests.postgres import (
    CAPABILITIES,
    OUTSIDER,
    PATIENCE,
    SUPERUSER,
    Connection,
    PostgresServer,
    TeamDatabase,
    free_port,
)

PoolMode = Literal["session", "transaction", "statement"]
_MODES: tuple[PoolMode, ...] = ("session", "transaction", "statement")
_numbers = count(1)


class Pooler:
    """A PgBouncer in front of a test's database, with a name of the database for each mode."""

    def __init__(self, team: TeamDatabase, port: int) -> None:
        self._team = team
        self._port = port

    def address(
        self, mode: PoolMode, role: str = "collector", account: str = "acme"
    ) -> TeamAddress:
        """Return the address of the database by a mode of the pooler."""
        return TeamAddress(
            f"postgresql://{role}@127.0.0.1:{self._port}/{self._team.name}_{mode}", account
        )


@contextmanager
def pooler(team: TeamDatabase) -> Iterator[Pooler]:
    """Start PgBouncer for the block."""
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    if not Path(program).exists():
        pytest.skip("PgBouncer is not installed (Debian: package pgbouncer)")
    server, port = team.server, free_port()
    folder = server.home.path / f"pooler-{next(_numbers)}"
    server.home.run(["mkdir", str(folder)])
    users = (SUPERUSER, "owner", *CAPABILITIES, OUTSIDER)
    (folder / "users").write_text("".join(f'"{user}" ""\n' for user in users))
    databases = [
        f"{team.name}_{mode} = host={server.home.path} port={server.port} dbname={team.name}"
        f" pool_mode={mode}"
        for mode in _MODES
    ]
    settings = [
        "[databases]",
        *databases,
        "[pgbouncer]",
        "listen_addr = 127.0.0.1",
        f"listen_port = {port}",
        "unix_socket_dir =",
        "auth_type = trust",
        f"auth_file = {folder}/users",
        f"pidfile = {folder}/server.pid",
        "default_pool_size = 5",
        "max_client_conn = 100",
    ]
    (folder / "settings.ini").write_text("\n".join(settings) + "\n")
    with (folder / "log").open("wb") as log:
        process = server.home.start([program, str(folder / "settings.ini")], stdout=log, stderr=log)
    made = Pooler(team, port)
    try:
        _await_connection(made.address("session").database, folder / "log")
        yield made
    finally:
        process.terminate()  # at once: SIGINT would wait for the clients
        process.wait(PATIENCE)


class Standby(PostgresServer):
    """A streaming standby: it has what the primary has, a moment later, and can take over."""

    def copy_of(self, primary: PostgresServer) -> None:
        """Create the data directory as a copy of a running primary, and follow it."""
        command = [str(self.binaries / "pg_basebackup"), "--pgdata", str(self.data)]
        command += ["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--no-manifest"]
        self.home.run([*command, "--dbname", primary.url(SUPERUSER, "postgres")])

    def catch_up(self, primary: PostgresServer) -> None:
        """Wait until everything that the primary has committed can be read here."""
        position = _one(primary, "SELECT pg_current_wal_lsn()")
        deadline = time.monotonic() + PATIENCE
        question = f"SELECT pg_last_wal_replay_lsn() >= '{position}'"
        while not _one(self, question):
            assert time.monotonic() < deadline, self.log
            time.sleep(0.005)

    def promote(self) -> None:
        """Make this the primary."""
        assert _one(self, f"SELECT pg_promote(true, {PATIENCE})")


@contextmanager
def standby_of(primary: PostgresServer) -> Iterator[Standby]:
    """Start a standby for the block."""
    primary.start()
    standby = Standby(primary.home, f"standby-{next(_numbers)}")
    standby.copy_of(primary)
    standby.start()
    try:
        yield standby
    finally:
        if standby.is_running:
            standby.stop()
        shutil.rmtree(standby.data)


def failover_address(team: TeamDatabase, standby: Standby, role: str = "collector") -> TeamAddress:
    """Return an address with both servers, of which the client takes the one that can write."""
    ports = f"127.0.0.1:{team.server.port},127.0.0.1:{standby.port}"
    return TeamAddress(
        f"postgresql://{role}@{ports}/{team.name}?target_session_attrs=read-write", "acme"
    )


def _one(server: PostgresServer, question: str) -> object:
    with server.connect() as db:
        row = db.execute(question).fetchone()
    assert row is not None
    return row[0]


def _await_connection(url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        with suppress(psycopg.OperationalError):
            connection: Connection = psycopg.connect(url)
            connection.close()
            return
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.01)
