"""Milliseconds from a forward to another desktop of the team; for `team.py`.

    python benchmarks/team_live.py URL RATE SECONDS

As a command it sends RATE forwards a second, whether or not the last ones are answered, of one
message each, whose message id is the time of sending in nanoseconds.
"""

import asyncio
import json
import selectors
import subprocess
import sys
import time
from collections import deque
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from crash_collectors import CollectorProcess
from ibconsole.services.team.reading import number_of
from load import Sender
from measure import Report, percentile, scratch
from team_desktops import Desktop, open_desktops
from team_members import ACCOUNT
from tests.postgres import TeamDatabase, TeamTemplate

_PATH = "/inbound/5fK2vQ9sWmXz7aLt"
_CONNECTIONS = 16
_SIZE = 600  # bytes of a body
_PATIENCE = 60.0
_EVERY_ROW = 1_000_000


def measure_live(template: TeamTemplate, rate: int, seconds: float, report: Report) -> None:
    """Send forwards to a collector, and see when another desktop has fetched their rows."""
    with template.copied() as team, scratch() as directory:
        collector = CollectorProcess(directory, "collector", _configuration(directory, team))
        collector.start()
        try:
            sent, times = asyncio.run(_follow(collector.port, team, directory, rate, seconds))
        finally:
            collector.stop()
    report.add("live: forwards", [sent["answered"] / seconds], "forwards/s")
    report.add("live: not answered 200", [sent["errors"]], at_most=0)
    report.add("live: missed on the desktop", [sent["answered"] - len(times)], at_most=0)
    report.add("live: median until the row is there", [percentile(times, 0.5)], "ms")
    report.add("live: p95", [percentile(times, 0.95)], "ms", at_most=250)
    report.note("live: until the row was fetched, without the painting of the table.")


def _configuration(directory: Path, team: TeamDatabase) -> dict[str, Any]:
    (directory / "key").write_text("benchmark", encoding="utf-8")
    connection = {
        "name": "Acme",
        "baseUrl": "https://example.org",
        "secret": {"file": str(directory / "key")},
        "forwardPath": _PATH,
        "team": {"account": ACCOUNT, "database": team.address("collector").database},
    }
    return {"version": 1, "connections": [connection]}


async def _follow(
    port: int, team: TeamDatabase, directory: Path, rate: int, seconds: float
) -> tuple[dict[str, int], list[float]]:
    """Return the sender's counts, and of each message the milliseconds until its row was there."""
    async with AsyncExitStack() as stack:
        [desktop] = await open_desktops(stack, team.address("reader"), directory, 1, _EVERY_ROW)
        await _until_listening(port)
        sent = await asyncio.to_thread(_send, port, rate, seconds)
        async with asyncio.timeout(_PATIENCE):
            await desktop.until(sent["answered"])
        return sent, await asyncio.to_thread(_times, team, desktop)


async def _until_listening(port: int) -> None:
    async with asyncio.timeout(_PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


def _send(port: int, rate: int, seconds: float) -> dict[str, int]:
    url = f"http://127.0.0.1:{port}{_PATH}"
    command = [sys.executable, __file__, url, str(rate), str(seconds)]
    found: dict[str, int] = json.loads(subprocess.check_output(command))  # noqa: S603 this program
    return found


def _times(team: TeamDatabase, desktop: Desktop) -> list[float]:
    with team.server.connect(database=team.name) as db:
        query = "SELECT id, message_id::bigint FROM ibconsole.message"
        sent: dict[int, int] = dict(db.execute(query).fetchall())
    found = zip(desktop.ids, desktop.seen, strict=True)
    return [(seen - sent[number_of(number)]) / 1e6 for number, seen in found]


def send_paced(url: str, rate: float, seconds: float) -> dict[str, int]:
    """Send forwards at a rate; return how many were answered 200, and how many were not."""
    selector = selectors.DefaultSelector()
    free = deque(Sender(url, _SIZE) for _ in range(_CONNECTIONS))
    for sender in free:
        selector.register(sender.socket, selectors.EVENT_READ, sender)
    answered = errors = sent = 0
    began = time.perf_counter()
    while sent < rate * seconds or len(free) < _CONNECTIONS:
        due = began + sent / rate
        if sent < rate * seconds and free and time.perf_counter() >= due:
            free.popleft().send(time.time_ns())
            sent += 1
            continue
        for key, _ in selector.select(_pause(due, is_full=not free or sent >= rate * seconds)):
            if answer := key.data.read_answer():
                free.append(key.data)
                answered += answer[0] == 200
                errors += answer[0] != 200
    return {"answered": answered, "errors": errors}


def _pause(due: float, *, is_full: bool) -> float:
    return 1.0 if is_full else max(0.0, due - time.perf_counter())


if __name__ == "__main__":
    result = send_paced(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
    sys.stdout.write(json.dumps(result) + "\n")
