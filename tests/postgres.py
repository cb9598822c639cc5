"""A private PostgreSQL server for tests, and a database of a team's archive for each of them.

The server and its files, in a directory of their own, end with the process of the tests, also when
that is killed. What is committed survives a crash of the server, but not one of the computer:
nothing is flushed to the disk.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from ibconsole.team_archive import Capability, TeamAddress
from ibconsole.team_archive.administration import add_account, grant, prepare
from tests.temporary import memory_directory

Connection = psycopg.Connection[tuple[Any, ...]]

REQUIRED = "IBCONSOLE_TESTS_NEED_POSTGRESQL"  # .ci/run sets it: no test is skipped then
MISSING = "PostgreSQL 14 or newer is not installed (Debian: package postgresql)"
SUPERUSER = "postgres"
CAPABILITIES = ("collector", "operator", "reader")
OUTSIDER = "outsider"  # has every capability, in the account globex alone
ACCOUNTS = {"acme": 1, "globex": 2}
_OLDEST = 14
PATIENCE = 30  # seconds that a server may take to start or to stop on a busy machine
_SETTINGS = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "lc_messages": "C",
    "max_connections": "100",
    "max_locks_per_transaction": "256",  # each partition of a database needs some
    "shared_buffers": "64MB",
    "timezone": "UTC",
}
# Ends the servers whose process ids are in the directory, and removes it, once its input ends:
# the other end of the pipe is closed by whatever ends the process of the tests.
_WATCHDOG = """
cat > /dev/null
# A process that no parent waits for any more may stay a zombie for ever.
runs() { kill -0 "$1" 2> /dev/null && ! grep -q "^State:.Z" "/proc/$1/status" 2> /dev/null; }
for file in "$1"/*/postmaster.pid "$1"/*/server.pid; do
    pid=$(head -n 1 "$file" 2> /dev/null) || continue
    kill -QUIT "$pid" 2> /dev/null
    waits=0
    while runs "$pid"; do
        sleep 0.02
        waits=$((waits + 1))
        # Programs that a shell has started in the background may ignore the other signal.
        if [ "$waits" = 250 ]; then kill -KILL "$pid"; fi
    done
done
rm -rf "$1"
"""


def find_binaries() -> Path | None:
    """Return the directory of the newest PostgreSQL's programs: Debian's, or those on the PATH."""
    if sys.platform == "win32":
        return None
    versions = [
        (int(path.parent.parent.name), path.parent)
        for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")
        if path.parent.parent.name.isdecimal()
    ]
    if versions and max(versions)[0] >= _OLDEST:
        return max(versions)[1]
    program = shutil.which("initdb")
    return Path(program).resolve().parent if program else None


class ServerHome:
    """A temporary directory for servers, which run as another user if the tests run as root."""

    def __init__(self, *, on_disk: bool = False) -> None:
        self.user, self.group = _unprivileged()
        # The path of a socket has to be shorter than that of most temporary directories.
        root = (None if on_disk else memory_directory()) or "/tmp"  # noqa: S108 its directories are private
        self.path = Path(tempfile.mkdtemp(prefix="ibpg-", dir=root))
        self._processes: list[subprocess.Popen[bytes]] = []
        if self.user is not None:
            os.chown(self.path, self.user, self.group or -1)
        self._watchdog = self.start(
            ["sh", "-c", _WATCHDOG, "watchdog", str(self.path)], stdin=subprocess.PIPE
        )

    def close(self) -> None:
        """Stop every server in the directory, and remove it."""
        assert self._watchdog.stdin is not None
        self._watchdog.stdin.close()
        # A process exists until its parent waits for it; the watchdog, the first one, ends last.
        for process in reversed(self._processes):
            process.wait(PATIENCE)

    def run(self, command: list[str]) -> None:
        """Run a program that ends by itself, as the user of the servers."""
        process = self.start(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output, _ = process.communicate(timeout=2 * PATIENCE)
        assert process.returncode == 0, output.decode()

    def start(self, command: list[str], **streams: Any) -> "subprocess.Popen[bytes]":
        """Start a program as the user of the servers, without this process's environment."""
        process = subprocess.Popen(
            command,
            cwd=self.path,
            env={"PATH": os.defpath + ":/usr/sbin", "LC_ALL": "C", "HOME": str(self.path)},
            user=self.user,
            group=self.group,
            extra_groups=None if self.user is None else [],
            start_new_session=True,
            **{"stdin": subprocess.DEVNULL, **streams},
        )
        self._processes.append(process)
        return process


def _signal(processes: Iterable[int], number: int) -> None:
    """Send a signal to processes, of which some may have ended meanwhile."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, number)


def _unprivileged() -> tuple[int | None, int | None]:
    """Return another user and group than root, as which PostgreSQL does not run."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None, None
    import pwd  # noqa: PLC0415 Windows has none

    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        entry = pwd.getpwuid(65534)  # the user without rights
    return entry.pw_uid, entry.pw_gid


class PostgresServer:
    """A server with a data directory of its own, reached by its socket or by TCP.

    Every local user is trusted. The port, on 127.0.0.1, is the same after a restart.
    """

    def __init__(self, home: ServerHome, name: str) -> None:
        self.home = home
        self.data = home.path / name
        self.port = 0
        self._log = home.path / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        binaries = find_binaries()
        assert binaries is not None, MISSING
        self.binaries = binaries

    def create(self) -> None:
        """Create the data directory."""
        command = [str(self.binaries / "initdb"), "--pgdata", str(self.data)]
        command += ["--username", SUPERUSER, "--auth", "trust", "--no-sync"]
        command += ["--wal-segsize", "1"]  # the smallest files, of which a standby gets copies
        self.home.run([*command, "--encoding", "UTF8", "--locale", "C.UTF-8"])
        self.configure(_SETTINGS)

    def configure(self, settings: Mapping[str, str]) -> None:
        """Append settings, which count from the next start on."""
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    @property
    def log(self) -> str:
        """Everything that the server has logged."""
        return self._log.read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        """True from a start until a stop or a crash."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the server unless it runs, and wait until it admits connections.

        A start fails if another program has taken the port, or while processes from before a crash
        are ending: it is repeated then.
        """
        deadline = time.monotonic() + PATIENCE
        never_started = not self.port
        while not self.is_running:
            assert time.monotonic() < deadline, self.log
            if never_started:
                self.port = free_port()
            self._launch()
            self._await_readiness(deadline)

    def stop(self, *, by: signal.Signals = signal.SIGINT) -> None:
        """Stop the server; all connections break. SIGTERM would wait for their ends."""
        assert self._process is not None
        self._process.send_signal(by)
        self._process.wait(PATIENCE)

    def crash(self) -> None:
        """Kill all processes of the server with signal 9."""
        children = self._children()
        self.stop(by=signal.SIGKILL)
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let no process of the server run in the block: connections stand, without an answer."""
        assert self._process is not None
        processes = [self._process.pid, *self._children()]
        _signal(processes, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal(processes, signal.SIGCONT)

    def restart(self) -> None:
        """Stop and start the server."""
        self.stop()
        self.start()

    def url(self, user: str, database: str, *, tcp: bool = False) -> str:
        """Return the URL of a database, by the socket or by TCP."""
        host = "127.0.0.1" if tcp else quote(str(self.home.path), safe="")
        return f"postgresql://{quote(user)}@{host}:{self.port}/{database}"

    def connect(self, user: str = SUPERUSER, database: str = "postgres") -> Connection:
        """Open a connection that commits each statement by itself."""
        return psycopg.connect(self.url(user, database), autocommit=True)

    def _children(self) -> list[int]:
        assert self._process is not None
        pid = self._process.pid
        return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]

    def _launch(self) -> None:
        command = [str(self.binaries / "postgres"), "-D", str(self.data), "-p", str(self.port)]
        command += ["-k", str(self.home.path), "-c", "listen_addresses=127.0.0.1"]
        with self._log.open("ab") as log:
            self._process = self.home.start(command, stdout=log, stderr=log)

    def _await_readiness(self, deadline: float) -> None:
        """Wait until the server admits connections, or has ended."""
        while self.is_running:
            with suppress(psycopg.OperationalError):
                self.connect().close()
                return
            assert time.monotonic() < deadline, self.log
            time.sleep(0.01)


class TeamDatabase:
    """A database with an empty archive of a team, for one test.

    Its users are `owner`, `collector`, `operator` and `reader`, who may see the account acme, and
    OUTSIDER, who may do everything in globex alone.
    """

    def __init__(self, server: PostgresServer, name: str) -> None:
        self.server = server
        self.name = name
        self._connections: list[Connection] = []

    def address(
        self, role: str = "owner", account: str = "acme", *, tcp: bool = False
    ) -> TeamAddress:
        """Return the address for a user of the server."""
        return TeamAddress(self.server.url(role, self.name, tcp=tcp), account)

    def db(self, role: str = SUPERUSER) -> Connection:
        """Open a plain connection, which is closed after the test."""
        self._connections.append(self.server.connect(role, self.name))
        return self._connections[-1]

    def close(self) -> None:
        """Close the connections of `db`."""
        for connection in self._connections:
            connection.close()


class TeamTemplate:
    """A prepared archive of a team, which the databases of tests are copies of."""

    _NAME = "team_template"

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._count = 0
        server.start()
        with server.connect() as db:
            db.execute(f"CREATE DATABASE {self._NAME}")
        with server.connect(database=self._NAME) as db:
            prepare_team(db)

    @contextmanager
    def copied(self) -> Iterator[TeamDatabase]:
        """Create a copy for the block."""
        self._count += 1
        team = TeamDatabase(self._server, f"team_{self._count}")
        self._execute(f"CREATE DATABASE {team.name} TEMPLATE {self._NAME}")
        try:
            yield team
        finally:
            team.close()
            self._execute(f"DROP DATABASE {team.name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        """Run a statement; a server that a test has stopped is started again."""
        self._server.start()
        with self._server.connect() as db:
            db.execute(statement)


def prepare_team(db: Connection) -> None:
    """Make an archive of a team with two accounts, and the users of the tests."""
    prepare(db, months_ahead=0)
    for name, number in ACCOUNTS.items():
        assert add_account(db, name) == number
    for user in ("owner", *CAPABILITIES, OUTSIDER):
        db.execute(f"CREATE ROLE {user} LOGIN")
    grant(db, Capability.OWNER, "acme", "owner")
    for name in CAPABILITIES:
        grant(db, Capability(name), "acme", name)
        grant(db, Capability(name), "globex", OUTSIDER)


@contextmanager
def private_server(*, on_disk: bool = False) -> Iterator[PostgresServer]:
    """Start a server for the block, in memory unless it is to be measured.

    Skips the test where PostgreSQL is not installed.
    """
    if find_binaries() is None:
        if os.environ.get(REQUIRED):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    home = ServerHome(on_disk=on_disk)
    try:
        server = PostgresServer(home, "server")
        server.create()
        server.start()
        yield server
    finally:
        home.close()


def free_port() -> int:
    """Return a port of this computer that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
