"""Two collectors of a team, killed under load together with its database; for `crashes.py`.

Both pull from one simulated account, one at a time, and receive forwards on the same path. Each
forward is sent once, so that each message is received once or not at all.
"""

import asyncio
import http.client
import json
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg

from measure import ROOT

sys.path.insert(0, str(ROOT))

from ibconsole.services.runtime.engine import Engine
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings
from tests.postgres import TeamDatabase, TeamTemplate, private_server

_SENDERS = 4
_PAUSE = 0.04  # seconds between two requests of a sender
_PATH = "/inbound/5fK2vQ9sWmXz7aLt"
_PULLED = 30.0  # messages per second
_STEADY = 0.5  # of the kills, for which one collector pulls and the other one stands by
_SETTLED = 180.0  # seconds for everything to be shipped after the last kill
_STANDBY = 'ibconsole_pull_state{connection="Acme",state="standby"}'
_BODY = '{"results": [{"messageId": "%s", "text": "text of %s"}]}'


class CollectorProcess:
    """A collector with a state directory of its own, which is killed and started again."""

    def __init__(self, folder: Path, name: str, configuration: dict[str, Any]) -> None:
        self._folder = folder
        self.name = name
        self._process: subprocess.Popen[bytes] | None = None
        self.port, self.health = _free_port(), _free_port()
        document = {
            **configuration,
            "state": str(folder / name),
            "label": name,
            "listener": f"127.0.0.1:{self.port}",
            "health": f"127.0.0.1:{self.health}",
        }
        (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")

    def start(self) -> None:
        """Start the process, and do not wait for it."""
        command = [sys.executable, "-m", "ibconsole", "collect", "--config"]
        with (self._folder / f"{self.name}.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 the program itself
                [*command, str(self._folder / f"{self.name}.json")], stderr=log
            )

    def kill(self) -> None:
        """Kill the process with signal 9."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> int | None:
        """End the process with SIGTERM; return its exit code."""
        if not self._process:
            return None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60)

    def metric(self, name: str) -> float | None:
        """Return the value of a metric, summed over its labels; None while there is none."""
        with suppress(OSError, http.client.HTTPException):
            with urlopen(f"http://127.0.0.1:{self.health}/metrics", timeout=5) as page:
                lines = page.read().decode().splitlines()
            values = [line.rpartition(" ")[2] for line in lines if line.startswith(name)]
            return sum(map(float, values)) if values else None
        return None


@dataclass(slots=True)
class Handed:
    """A batch that the platform handed out."""

    ids: tuple[str, ...]
    at: float


@dataclass(slots=True)
class Senders:
    """Threads that post forwards to the collectors, and note what was answered 200."""

    ports: tuple[int, ...]
    sent: int = 0
    acknowledged: set[str] = field(default_factory=set)
    ended: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Begin to send."""
        for number in range(_SENDERS):
            thread = threading.Thread(target=self._run, args=(number,))
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Send nothing more."""
        self.ended.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        connections: dict[int, http.client.HTTPConnection] = {}
        count = 0
        while not self.ended.wait(_PAUSE):
            count += 1
            port = self.ports[count % len(self.ports)]
            if port not in connections:
                connections[port] = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            name = f"forward-{number}-{count}"
            with self._lock:
                self.sent += 1
            try:
                connections[port].request("POST", _PATH, _BODY % (name, name))
                answer = connections[port].getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                connections.pop(port).close()
                continue
            if answer.status == 200:
                with self._lock:
                    self.acknowledged.add(name)


def crash_collectors(kills: int, server_kills: int, seed: int) -> dict[str, Any]:
    """Kill collectors, and the database, this often; compare what the team has afterwards."""
    dice = random.Random(seed)  # noqa: S311 reproducible, not secret
    with (
        private_server(on_disk=True) as server,
        TeamTemplate(server).copied() as team,
        _platform() as platform,
        tempfile.TemporaryDirectory() as folder,
    ):
        run = _Run(dice, team, platform, Path(folder))
        run.kill(kills, server_kills)
        run.settle()
        return run.figures()


class _Platform:
    """The simulated platform on a loop of its own, and what it handed out."""

    def __init__(self, running: RunningSimulator, engine: Engine) -> None:
        self.running = running
        self._engine = engine
        self.handed: list[Handed] = []
        inbox = running.simulator.state.inbox
        take = inbox.take

        def record(limit: int) -> list[Any]:
            taken = take(limit)
            if taken:
                ids = tuple(one["messageId"] for one in taken)
                self.handed.append(Handed(ids, time.time()))
            return taken

        inbox.take = record  # type: ignore[method-assign]

    def end_arrivals(self) -> None:
        """Let no new message arrive."""

        async def end() -> None:
            self.running.simulator.change_settings(rate=0.0)

        asyncio.run(self._engine.call(end))


@contextmanager
def _platform() -> Iterator[_Platform]:
    engine = Engine()
    engine.start()
    simulator = simulate(SimulatorSettings(rate=_PULLED, rate_limited=False))
    running = asyncio.run(engine.call(simulator.__aenter__))
    try:
        yield _Platform(running, engine)
    finally:
        asyncio.run(engine.call(lambda: simulator.__aexit__(None, None, None)))
        engine.stop()


class _Run:
    """Two collectors and their load, the kills, and the comparison."""

    def __init__(
        self, dice: random.Random, team: TeamDatabase, platform: _Platform, folder: Path
    ) -> None:
        self._dice = dice
        self._team = team
        self._platform = platform
        key = folder / "key"
        key.write_text(platform.running.api_key, encoding="utf-8")
        connection = {
            "name": "Acme",
            "baseUrl": platform.running.base_url,
            "secret": {"file": str(key)},
            "forwardPath": _PATH,
            "pull": {"interval": 1},
            "team": {"account": "acme", "database": team.address("collector").database},
        }
        configuration = {"version": 1, "connections": [connection]}
        self._collectors = [CollectorProcess(folder, name, configuration) for name in ("a", "b")]
        self._senders = Senders(tuple(one.port for one in self._collectors))
        self._kills: list[float] = []
        self._holder_kills: list[tuple[int, float]] = []
        self._codes: list[int | None] = []
        self._settling = 0.0

    def kill(self, kills: int, server_kills: int) -> None:
        """Start everything, and kill one after the other at random moments."""
        for one in self._collectors:
            one.start()
        self._senders.start()
        servers = set(self._dice.sample(range(kills), server_kills))
        for number in range(kills):
            time.sleep(self._dice.uniform(0.5, 5.0))
            if self._dice.random() < _STEADY:
                self._wait_for_standby()
            victim = self._dice.choice(self._collectors)
            holder = self._holder() if self._has_standby() else None
            if number in servers:
                holder = None  # takeovers are measured where the database is not away
                self._team.server.crash()
                time.sleep(self._dice.uniform(0.0, 3.0))
            victim.kill()
            self._kills.append(time.time())
            if holder and holder[1] == victim.name:
                self._holder_kills.append((holder[0], self._kills[-1]))
            victim.start()
            self._team.server.start()
        time.sleep(5)
        self._senders.stop()
        self._platform.end_arrivals()

    def settle(self) -> None:
        """Wait until nothing waits on the platform or on a collector's disk, and end them."""
        began = time.monotonic()
        while time.monotonic() - began < _SETTLED and not self._is_settled():
            time.sleep(0.2)
        self._settling = time.monotonic() - began
        self._codes = [one.stop() for one in self._collectors]

    def figures(self) -> dict[str, Any]:
        """Return what was sent, handed out, and is in the team's record."""
        counts = Counter(name for (name,) in self._rows("SELECT message_id FROM ibconsole.message"))
        handed = Counter(name for batch in self._platform.handed for name in batch.ids)
        lost, cut = self._missing(set(counts))
        forwards = {name for name in counts if name.startswith("forward-")}
        acknowledged = self._senders.acknowledged
        interrupted = self._rows(
            "SELECT count(*) FROM ibconsole.delivery WHERE via = 'pull' AND interrupted"
        )
        return {
            "kills": len(self._kills),
            "forwards sent": self._senders.sent,
            "answered 200": len(acknowledged),
            "forwards in the record": len(forwards),
            "answered 200 and lost": len(acknowledged - forwards),
            "handed out": len(handed),
            "pulled in the record": len(set(counts) - forwards),
            "handed out into a kill": cut,
            "handed out and lost": lost,
            "interrupted pulls": interrupted[0][0],
            # The simulated platform hands out some messages twice by itself.
            "twice": sum(max(counts[name] - (handed[name] or 1), 0) for name in counts),
            "never sent": len(set(counts) - forwards - set(handed)),
            "takeovers": self._takeovers(),
            "settled in": round(self._settling, 1),
            "exit codes": self._codes,
            "missing": len(acknowledged - forwards) + lost,
        }

    def _missing(self, stored: set[str]) -> tuple[int, int]:
        """Return how many messages that were handed out are missing, and how many into a kill.

        A collector that is killed while an answer is on its way has not received it.
        """
        lost = cut = 0
        for batch in self._platform.handed:
            missing = len(set(batch.ids) - stored)
            if any(0 <= kill - batch.at < 1.0 for kill in self._kills):
                cut += missing
            else:
                lost += missing
        return lost, cut

    def _takeovers(self) -> str:
        """Return how long after the kill of a puller the next epoch began, in seconds."""
        began = dict(self._rows("SELECT epoch, began_at FROM ibconsole.pull_epoch"))
        waits = [
            began[epoch + 1] / 1000 - killed
            for epoch, killed in self._holder_kills
            if epoch + 1 in began
        ]
        if not waits:
            return "none"
        return f"{len(waits)}, median {statistics.median(waits):.1f} s, longest {max(waits):.1f} s"

    def _holder(self) -> tuple[int, str] | None:
        """Return the epoch and the label of the puller; None if the server does not say."""
        with suppress(psycopg.Error):
            rows = self._rows(
                "SELECT epoch, label FROM ibconsole.pull_epoch JOIN ibconsole.source"
                " ON source.id = pull_epoch.source WHERE ended_at IS NULL"
                " ORDER BY epoch DESC LIMIT 1"
            )
            return rows[0] if rows else None
        return None

    def _wait_for_standby(self) -> None:
        began = time.monotonic()
        while time.monotonic() - began < _SETTLED and not self._has_standby():
            time.sleep(0.1)

    def _has_standby(self) -> bool:
        """Return whether a collector waits for its turn now, which takes over if the other dies."""
        states = [one.metric(_STANDBY) for one in self._collectors]
        return sum(state or 0 for state in states) == 1

    def _is_settled(self) -> bool:
        if self._platform.running.simulator.pending:
            return False
        waiting = [one.metric("ibconsole_team_waiting_rows") for one in self._collectors]
        return not any(one is None or one > 0 for one in waiting)

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._team.server.connect(database=self._team.name) as db:
            return db.execute(query).fetchall()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
