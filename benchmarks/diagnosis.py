"""Measures the diagnosis: all rules over a large account, and the facts of a large archive.

    python benchmarks/diagnosis.py [--applications 1000] [--messages 1000000] [--runs 7] [--quick]

Baseline, alternating in the same run: an account with a tenth of the applications. The time for
each application must be the same, because no rule compares everything with everything. The
archive's facts are read on a thread of their own, so they only have to be bounded.

A ladder to a healthy endpoint, with every sender, is compared with one request to it. The endpoint
answers after 100 ms, as one on the internet does.
"""

import asyncio
import json
import random
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ibconsole.archive import Archive
from ibconsole.http1 import Fault, Request, Response, Server
from ibconsole.model import read_action, read_application
from ibconsole.model.message import Arrival
from ibconsole.services.console import Console
from ibconsole.services.diagnosis.archive_facts import read_archive
from ibconsole.services.diagnosis.rules import (
    AccountFacts,
    ApplicationFacts,
    ConfigurationFacts,
    Facts,
    diagnose,
)
from ibconsole.services.forward_test import SAMPLE
from ibconsole.services.runtime import Paths
from measure import Options, Report, ratios, scratch

BATCH = 500
HOSTS = (
    "hooks{n}.customer{n}.com",
    "staging-{n}.kestrel.aero",
    "10.0.{m}.1",
    "api.partner{m}.net",
    "abc{n}.ngrok.app",
)


def main() -> None:
    """Measure and print the figures."""
    command = Options(__doc__, runs=7)
    command.add_size("--applications", 1_000, 200)
    command.add_size("--messages", 1_000_000, 5_000)
    options = command.parse()
    report = Report("diagnosis")
    large = account(options.applications)
    small = account(options.applications // 10)
    seconds, baseline = [], []
    for _ in range(options.runs):
        baseline.append(timed(small))
        seconds.append(timed(large))
    name = f"{options.applications:,} applications, 3 actions each"
    report.add(f"rules: {name}", seconds, "s", at_most=1.0)
    report.add(
        "rules: an application, compared with a tenth of them",
        [ratio / 10 for ratio in ratios(seconds, baseline)],
        "times",
        at_most=2.0,
    )
    report.note(f"rules: {len(diagnose(large)):,} findings")
    measure_archive(report, options.applications, options.messages, options.runs)
    asyncio.run(measure_ladder(report, options.runs))
    report.write(options)


def account(applications: int) -> Facts:
    """Return the facts about an account, three actions an application, always the same."""
    chance = random.Random(1)  # noqa: S311 not for secrets
    return Facts(
        1_800_000_000_000,
        AccountFacts("c", "Large", "https://x1.api.infobip.com", production=True),
        tuple(application(number, chance) for number in range(applications)),
    )


def application(number: int, chance: random.Random) -> ApplicationFacts:
    """Return an application with two forwards and one pull or another forward."""
    code = f"{number:08d}-code"
    urls = [
        f"https://{chance.choice(HOSTS).format(n=chance.randrange(10_000), m=number % 200)}/in/{n}"
        for n in range(3)
    ]
    actions = [
        read_action({"key": f"{number}-{n}", "type": "HTTP_FORWARD", "forwardUrl": url})
        for n, url in enumerate(urls)
    ]
    if number % 2:
        actions[2] = read_action({"key": f"{number}-2", "type": "PULL"})
    listed = read_application({"applicationCode": code, "name": f"Application {number}"})
    return ApplicationFacts(listed, (ConfigurationFacts(f"K{number}", tuple(actions)),), 1)


def timed(facts: Facts) -> float:
    """Return the seconds of one diagnosis."""
    began = time.perf_counter()
    diagnose(facts)
    return time.perf_counter() - began


async def measure_ladder(report: Report, runs: int) -> None:
    """Time a ladder to a healthy endpoint, and one request to it."""
    ladders, requests = [], []
    with scratch() as directory:
        async with Console(Paths(directory)) as console, Server(answer_late) as server:
            url = f"{server.url}/in"
            for _ in range(runs):
                began = time.perf_counter()
                await console.forward_tests.test(url, SAMPLE)
                requests.append(time.perf_counter() - began)
                began = time.perf_counter()
                await console.forward_tests.climb(url, SAMPLE)
                ladders.append(time.perf_counter() - began)
    report.add("ladder: a healthy endpoint, all senders", ladders, "s", at_most=3.0)
    report.add("ladder: compared with one request", ratios(ladders, requests), "times")


async def answer_late(_: Request) -> Response:
    """Answer as a healthy endpoint on the internet."""
    return Response(200, body=b"thanks", fault=Fault(delay=0.1))


def measure_archive(report: Report, applications: int, messages: int, runs: int) -> None:
    """Measure the facts of all applications in an archive with that many messages."""
    codes = [f"{number:08d}-code" for number in range(applications)]
    with scratch() as directory:
        path = directory / "archive.sqlite3"
        fill(path, codes, messages)
        seconds = []
        for _ in range(runs):
            began = time.perf_counter()
            read_archive(path, "c", codes, [])
            seconds.append(time.perf_counter() - began)
    name = f"{applications:,} applications of {messages:,} messages"
    report.add(f"archive: {name}", seconds, "s")
    each = [value / applications * 1000 for value in seconds]
    report.add("archive: an application", each, "ms", at_most=20.0)


def fill(path: Path, codes: list[str], messages: int) -> None:
    """Store messages of these applications in turn, in batches."""
    with Archive(path) as archive:
        for first in range(0, messages, BATCH):
            sent = [
                {
                    "messageId": str(number),
                    "from": "sender",
                    "to": "to",
                    "applicationCode": codes[number % len(codes)],
                    "receivedAt": "2026-11-05T12:47:56.221+0000",
                    "text": f"text {number}",
                }
                for number in range(first, first + BATCH)
            ]
            body = json.dumps({"results": sent}).encode()
            arrival = Arrival("c", first + 1, "POST", "/in", (), body, body, "", 200, "")
            archive.decode(archive.add_forwards([arrival]))


if __name__ == "__main__":
    main()
