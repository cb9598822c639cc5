"""Deliveries a second of a redelivery with its ledger, compared with a bare loop of httpx.

    python benchmarks/redelivery.py [--runs 5] [--messages 3000] [--parallel 20] [--quick] [--json]

Both send the same bodies, one message each, to a server in a process of its own that answers 200
and stores nothing. The baseline keeps its connections open, checks the status alone, and records
nothing. The redelivery has each attempt on the disk before it is sent, and its answer after it; its
time includes making the job and its end. "memory added" is the growth of the resident set of this
process from the end of the first job to that of the last.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from msgspec.structs import replace

from ibconsole.archive import Archive
from ibconsole.archive.ledger import LedgerReader
from ibconsole.services.audit import Audit
from ibconsole.services.forward_test import envelope_of
from ibconsole.services.give_back import GiveBackRequest, create_give_back, default_sending
from ibconsole.services.protection import Protection
from ibconsole.services.redelivery import Redeliveries, SendingRules
from ibconsole.services.request_log import ActivityLog
from measure import Options, Report, ratios, scratch
from probes import resident_mb
from pull import body_of

SERVERS = Path(__file__).with_name("servers.py")
MEASURED = "redelivery"


def main() -> None:
    """Measure both in turns, and print the table."""
    parser = Options(__doc__, runs=5)
    parser.add_size("--messages", 3_000, 300)
    parser.add_size("--parallel", 20, 20, "requests under way at once")
    options = parser.parse()
    report = Report(MEASURED)
    body = body_of(options.messages)
    elements = [json.dumps(one).encode() for one in json.loads(body)["results"]]
    bare, ours, memory = [], [], []
    for _ in range(options.runs):
        with scratch() as directory, server(directory) as url:
            bare.append(options.messages / asyncio.run(post_all(url, elements, options.parallel)))
            path = directory / "archive.sqlite3"
            store(path, body)
            ours.append(options.messages / asyncio.run(redeliver(path, url, options.parallel)))
            memory.append(resident_mb())
            require_acknowledged(path, options.messages)
    name = f"{options.messages:,} messages, {options.parallel} at once"
    report.add(f"{name}: bare httpx", bare, "/s")
    report.add(f"{name}: give-back with its ledger", ours, "/s")
    report.add("ratio to bare httpx", ratios(ours, bare), at_least=0.5)
    report.add("memory added", [memory[-1] - memory[0]], "MB")
    report.write(options)


@contextmanager
def server(directory: Path) -> Iterator[str]:
    """Run a server that answers 200, and yield its URL."""
    command = [sys.executable, str(SERVERS), "own", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        if process.stdout is None:
            raise RuntimeError("The server has no output.")
        yield f"{process.stdout.readline().strip()}/inbound"
        process.terminate()


async def post_all(url: str, elements: list[bytes], parallel: int) -> float:
    """Return the seconds that a bare loop takes to post each message."""
    left = iter(elements)

    async def work(client: httpx.AsyncClient) -> None:
        for element in left:
            answer = await client.post(
                url, content=envelope_of(element), headers={"Content-Type": "application/json"}
            )
            answer.raise_for_status()

    limits = httpx.Limits(max_connections=parallel, max_keepalive_connections=parallel)
    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(parallel):
                tasks.create_task(work(client))
        return time.perf_counter() - began


def store(path: Path, body: bytes) -> None:
    """Store a pull with all messages."""
    with Archive(path) as archive:
        delivery = archive.begin_pull(connection="c", base_url="https://x.example", limit=None)
        archive.append_answer(delivery, body)
        archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")


async def redeliver(path: Path, url: str, parallel: int) -> float:
    """Return the seconds that giving back takes, from making the job to its end."""
    code = json.loads(body_of(1))["results"][0]["applicationCode"]
    sending = replace(default_sending(url), parallelism=parallel)
    rules = SendingRules(Protection(), lambda: None, path.parent / "settings.json")
    redeliveries = Redeliveries(path, ActivityLog(), rules, Audit(path))
    began = time.perf_counter()
    job = create_give_back(path, GiveBackRequest(application=code, sending=sending))
    await redeliveries.run(job)
    return time.perf_counter() - began


def require_acknowledged(path: Path, messages: int) -> None:
    """Raise RuntimeError unless each message was acknowledged."""
    with LedgerReader(path) as ledger:
        counts = ledger.counts(1)
    if not counts.acknowledged == counts.total == messages:
        raise RuntimeError(f"Not every message was acknowledged: {counts}")


if __name__ == "__main__":
    main()
