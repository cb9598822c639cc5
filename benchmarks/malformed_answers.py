"""Answer pulls with answers that are cut or mutated, and check that all their bytes are kept.

    python benchmarks/malformed_answers.py cut     [--step 1] [--seed 1] [--json]
    python benchmarks/malformed_answers.py mutated [--answers 20000] [--seed 1] [--json]

`cut`: an answer of each framing in `answers.py` is cut at every offset of head, framing and body
(`--step 7`: at every seventh, beginning with the remainder of the seed), and the connection closed.
The bytes that arrived must be stored, and every message that is whole in them.

`mutated`: answers of all framings with some bytes changed, removed, inserted or repeated. The bytes
that arrived must be stored: as body alone only where the body is an end of them. Memory and
descriptors must not have grown since the first tenth.

In both, each answer is asked for once. The console runs in this process, the platform in another
one. Exits with 1 if something is missing. Reads /proc, so it needs Linux.
"""

import argparse
import asyncio
import json
import logging
import multiprocessing
import os
import random
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from answers import KINDS, WireAnswer, make_answer
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Via
from ibconsole.secret import Secret
from ibconsole.services.connections import account_of
from ibconsole.services.console import Console
from ibconsole.services.intake import PullReport
from ibconsole.services.runtime import Paths
from malformed import MAX_GROWTH_MB, MAX_MORE_DESCRIPTORS, usage
from measure import scratch

# The account's rate limit would be measured instead of the program: after this many requests
# a new connection begins with an unused budget.
REQUESTS_OF_A_BUDGET = 9
_MESSAGES = 4
_SNIPPETS = (
    b"\r\n|\n|\r|\x00|0\r\n\r\n|Content-Length: 7\r\n|Transfer-Encoding: chunked\r\n|HTTP/1.1 |"
    b"Content-Encoding: gzip\r\n|{|}|\xff|-1|ffffffffffffffff|:|Connection: close\r\n| |"
    b"Location: http://xn--/\r\n|HTTP/1.1 302 F\r\nLocation: http:a\r\n|Set-Cookie: a=\xff\r\n"
).split(b"|")


class Answers:
    """The answers of one run, which both processes make in the same way."""

    def __init__(self, what: str, seed: int, step: int, count: int) -> None:
        self._what = what
        self._seed = seed
        whole = [
            make_answer(kind, f"{kind} ", _MESSAGES, random.Random(seed))  # noqa: S311 reproducible
            for kind in KINDS
        ]
        self._cuts = [
            (each, end) for each in whole for end in range(seed % step, len(each.wire), step)
        ]
        self.count = len(self._cuts) if what == "cut" else count

    def make(self, number: int) -> tuple[WireAnswer, bytes]:
        """Return an answer, and the bytes to send for it."""
        if self._what == "cut":
            answer, end = self._cuts[number]
            return answer, answer.wire[:end]
        dice = random.Random(f"{self._seed}-{number}")  # noqa: S311 reproducible, not secret
        answer = make_answer(dice.choice(KINDS), str(number), _MESSAGES, dice)
        return answer, mutated(answer.wire, dice)


def mutated(wire: bytes, dice: random.Random) -> bytes:
    """Return the bytes with a few changes; half of them are in the head."""
    changed = bytearray(wire)
    for _ in range(dice.randrange(1, 6)):
        longest = min(len(changed), 120) if dice.random() < 0.5 else len(changed)
        at = dice.randrange(longest + 1)
        size = dice.choice((0, 0, 1, 2, 9))
        new = dice.choice((b"", dice.randbytes(dice.randrange(3)), dice.choice(_SNIPPETS)))
        if dice.random() < 0.1:
            new = bytes(changed[at : at + dice.randrange(60)])  # repeated
        changed[at : at + size] = new
    return bytes(changed)


@contextmanager
def platform(answers: Answers) -> Iterator[tuple[str, Connection]]:
    """Run the platform in a process; yield its URL.

    The connection that is yielded too receives the number of requests at the end.
    """
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(answers, theirs), daemon=True)
    process.start()
    try:
        yield str(ours.recv()), ours
    finally:
        process.kill()
        process.join()


def _serve(answers: Answers, parent: Connection) -> None:
    requests = 0
    with socket.create_server(("127.0.0.1", 0)) as server:
        parent.send(f"http://127.0.0.1:{server.getsockname()[1]}")
        while requests < answers.count:
            client, _ = server.accept()
            with client, suppress(OSError):
                received = b""
                while not received.endswith(b"\r\n\r\n"):
                    received += client.recv(65_536)
                client.sendall(answers.make(requests)[1])
                requests += 1
        server.settimeout(1)
        with suppress(TimeoutError):  # one more would be a pull that was repeated
            server.accept()
            requests += 1
        parent.send(requests)


class Failures(logging.Handler):
    """Counts what the program logs as an error, tracebacks in particular."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.count = 0
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Count one record, and keep the first ones."""
        self.count += 1
        if len(self.texts) < 3:
            self.texts.append(self.format(record))


class Comparison:
    """Compares each stored pull with the bytes that were sent."""

    def __init__(self, archive: Path, *, is_cut: bool) -> None:
        self.problems: list[str] = []
        self.messages = 0
        self.refusals = 0
        self._archive = archive
        self._is_cut = is_cut

    def add(self, report: PullReport, answer: WireAnswer, wire: bytes) -> None:
        """Check one pull."""
        self.messages += report.messages
        self.refusals += report.error is not None
        with Reader(self._archive) as reader:
            body = reader.delivery_body(report.delivery)
            raw = reader.delivery_raw(report.delivery)
            messages = [reader.message(each) for each in report.message_ids]
            ids = {message.message_id for message in messages if message}
        # The body alone is enough where it follows a head, of which status and headers are stored.
        if raw != wire and (raw or not wire.endswith(body)):
            self.problems.append(f"{answer.kind}: {wire!r} is stored as {raw!r} and {body!r}")
        if self._is_cut:
            self._check_cut(answer, len(wire), body, ids)

    def _check_cut(self, answer: WireAnswer, end: int, body: bytes, ids: set[str]) -> None:
        expected = answer.body_within(end)
        missing = answer.whole_ids(expected) - ids
        # A part of a bad chunk size may be taken for body: rather too many bytes than too few.
        if missing or not body.startswith(expected):
            self.problems.append(
                f"{answer.kind}, cut at {end}: {len(missing)} messages missing,"
                f" {body[-30:]!r} read for {expected[-30:]!r}"
            )


async def measure(answers: Answers, *, is_cut: bool) -> dict[str, Any]:
    """Pull all answers, and compare what is stored."""
    failures = Failures()
    logging.getLogger("ibconsole").addHandler(failures)
    before = (0.0, 0)
    with scratch() as directory, platform(answers) as (url, parent):
        paths = Paths(directory)
        comparison = Comparison(paths.archive, is_cut=is_cut)
        account = account_of(url, Secret("0123456789abcdef0123456789abcdef"))
        async with Console(paths) as console:
            for number in range(answers.count):
                if number % REQUESTS_OF_A_BUDGET == 0:
                    await console.connect(account)
                if number == answers.count // 10:
                    before = usage(os.getpid())
                report = await console.pulls.pull(None)
                comparison.add(report, *answers.make(number))
            after = usage(os.getpid())
        with Reader(paths.archive) as reader:
            pulls = len(reader.find_deliveries(Via.PULL))
        requests = int(parent.recv())
    problems = comparison.problems + failures.texts
    if (pulls, requests) != (answers.count, answers.count):
        problems.append(f"{requests} requests and {pulls} pulls for {answers.count} answers.")
    return {
        "answers": answers.count,
        "requests": requests,
        "messages": comparison.messages,
        "refusals": comparison.refusals,
        "errors logged": failures.count,
        "megabytes": (before[0], after[0]),
        "descriptors": (before[1], after[1]),
        "missing": len(problems),
        "problems": problems[:10],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("cut", "mutated"))
    parser.add_argument("--answers", type=int, default=20_000)
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    answers = Answers(options.what, options.seed, options.step, options.answers)
    figures = asyncio.run(measure(answers, is_cut=options.what == "cut"))
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        for name, figure in figures.items():
            sys.stdout.write(f"{name:16} {figure}\n")
    (megabytes, megabytes_after), (files, files_after) = (
        figures["megabytes"],
        figures["descriptors"],
    )
    bounded = (
        megabytes_after - megabytes < MAX_GROWTH_MB and files_after - files < MAX_MORE_DESCRIPTORS
    )
    return 0 if bounded and not figures["missing"] else 1


if __name__ == "__main__":
    sys.exit(main())
