"""Programs that pull, killed at every moment of it; for `crashes.py pulls`.

A platform that records what it hands out answers with the framings of `answers.py`, some of them
with messages enough to be stored in several transactions.
"""

import asyncio
import os
import random
import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from answers import KINDS, STRICT_KINDS, WireAnswer, make_answer
from fork_server import ForkServer, fork_server, stored_ids
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Delivery, Via

PHASES = ("before", "in", "after", "anytime")
ROUND = 300  # kills on one data directory
LARGE = 7_500  # messages, which are stored in three transactions
_SHARE_OF_LARGE = 0.04
# The rate limit allows ten requests at once; the next one would wait for a second.
_MOST_PULLS = 3


@dataclass(slots=True)
class HandedOut:
    """An answer that the platform handed out, and how many of its bytes were sent.

    It was `followed` if the program then requested the next one.
    """

    answer: WireAnswer
    sent: int = 0
    followed: bool = False


@dataclass(slots=True)
class Plan:
    """The planned kill of a program: at which of its pulls, and in which phase of it.

    `last` is the last answer that it was sent. `over` is set once the program was killed, or has
    ended, as it does after an answer that is not as HTTP requires.
    """

    process: int
    pulls: int
    phase: str
    last: HandedOut | None = None
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def kill(self) -> None:
        """Kill the program."""
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        self.over.set()


class Platform:
    """Hands out batches without end, records them, and kills the program as planned."""

    def __init__(self, dice: random.Random) -> None:
        self.handed_out: list[HandedOut] = []
        self.plan: Plan | None = None
        self._dice = dice

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, which carries one pull."""
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            if self.plan:
                await self._hand_out(self.plan, writer)
        writer.close()

    async def _hand_out(self, plan: Plan, writer: asyncio.StreamWriter) -> None:
        if plan.last:
            plan.last.followed = True
        plan.last = batch = HandedOut(self._answer(len(self.handed_out), plan))
        self.handed_out.append(batch)
        plan.pulls -= 1
        phase = plan.phase if plan.pulls == 0 else ""
        if phase == "before":
            plan.kill()
            return
        await self._send(batch, writer, cut=phase == "in")
        if phase:
            # Until the connection is closed, a part of an answer is known to be a part.
            if phase != "in" and self._dice.random() < 0.7:
                writer.close()
            is_large = len(batch.answer.ids) == LARGE
            await asyncio.sleep(self._dice.uniform(0, 0.6 if is_large else 0.02))
            plan.kill()

    async def _send(self, batch: HandedOut, writer: asyncio.StreamWriter, *, cut: bool) -> None:
        dice, wire = self._dice, batch.answer.wire
        end = dice.randrange(len(wire)) if cut else len(wire)
        if cut and dice.random() < 0.3:  # in the head, or at the beginning of the framing
            end = dice.randrange(min(200, len(wire)))
        longest = max(3000, len(wire) // 10)
        while batch.sent < end:
            piece = wire[batch.sent : min(end, batch.sent + dice.randrange(1, longest))]
            writer.write(piece)
            batch.sent += len(piece)
            await writer.drain()
            if dice.random() < 0.5:
                await asyncio.sleep(dice.uniform(0, 0.002))

    def _answer(self, number: int, plan: Plan) -> WireAnswer:
        dice = self._dice
        name = str(number)
        if dice.random() < _SHARE_OF_LARGE:
            return make_answer(dice.choice(KINDS), name, LARGE, dice, longest_text=40)
        kinds = STRICT_KINDS if plan.pulls > 1 and dice.random() < 0.9 else KINDS
        return make_answer(dice.choice(kinds), name, dice.randrange(1, 30), dice)


async def crash_pulls(kills: int, seed: int) -> dict[str, Any]:
    """Kill pulling programs this often, on new data directories from time to time."""
    total: dict[str, Any] = {"kills": dict.fromkeys(PHASES, 0), "problems": []}
    for number, start in enumerate(range(0, kills, ROUND)):
        dice = random.Random(f"{seed}-{number}")  # noqa: S311 reproducible, not secret
        _add(total, await _crash_on_one_directory(min(ROUND, kills - start), dice))
    total["missing"] = len(total["problems"])
    total["problems"] = total["problems"][:10]
    return total


def _add(total: dict[str, Any], figures: dict[str, Any]) -> None:
    for name, value in figures.items():
        if isinstance(value, dict):
            _add(total.setdefault(name, {}), value)
        else:
            total[name] = total[name] + value if name in total else value


async def _crash_on_one_directory(kills: int, dice: random.Random) -> dict[str, Any]:
    platform = Platform(dice)
    phases = dict.fromkeys(PHASES, 0)
    with fork_server() as (programs, data):
        server = await asyncio.start_server(platform.serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for _ in range(kills):
            phase = dice.choice(PHASES)
            phases[phase] += 1
            await _run_and_kill(programs, platform, phase, url)
        platform.plan = None
        server.close()
        shown = {name.decode() for name in _SHOWN_ID.findall((data / "out").read_bytes())}
        comparison = Comparison(platform.handed_out, stored_ids(data))
        pulls = comparison.add_all(data)
        return {"kills": phases, **comparison.conclude(pulls, shown)}


async def _run_and_kill(programs: ForkServer, platform: Platform, phase: str, url: str) -> None:
    dice = platform._dice  # noqa: SLF001 one sequence of random numbers
    plan = Plan(0, dice.randint(1, _MOST_PULLS), phase)
    if phase == "anytime":  # also while a start finishes what the last kill interrupted
        plan.pulls = 1_000_000
    platform.plan = plan
    arguments = ("pull", "--yes", "--json", "--until-empty", "--base-url", url)
    plan.process = await asyncio.to_thread(programs.start, *arguments)
    if phase == "anytime":
        asyncio.get_running_loop().call_later(dice.uniform(0.03, 0.6), plan.kill)
    with _noticed_end(plan):
        await asyncio.wait_for(plan.over.wait(), 60)
        await asyncio.to_thread(programs.kill, plan.process)


@contextmanager
def _noticed_end(plan: Plan) -> Iterator[None]:
    """Set `over` when the program ends by itself."""
    loop, descriptor = asyncio.get_running_loop(), os.pidfd_open(plan.process)
    loop.add_reader(descriptor, plan.over.set)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


# The whole shape: a kill cuts the last line, and other output follows it.
_SHOWN_ID = re.compile(rb'"messageId":\s*"([0-9]+-[0-9]+)"')


class Comparison:
    """Compares what was handed out with what is stored."""

    def __init__(self, handed_out: Sequence[HandedOut], stored: set[str]) -> None:
        self.problems: list[str] = []
        self._handed_out = handed_out
        self._stored = stored
        self._counts = {"whole": 0, "partial": 0, "without a byte": 0}
        self._ids_in_bytes: set[str] = set()
        self._whole: set[int] = set()
        self._next = 0

    def add_all(self, data: Path) -> int:
        """Check all stored pulls, and return their number."""
        with Reader(data / "archive.sqlite3") as reader:
            pulls = reader.find_deliveries(Via.PULL)
            for delivery in reader.deliveries(pulls):
                body, raw = reader.delivery_body(delivery.id), reader.delivery_raw(delivery.id)
                self._add(delivery, body, raw)
        return len(pulls)

    def _add(self, delivery: Delivery, body: bytes, raw: bytes) -> None:
        if not body and not raw:
            self._counts["without a byte"] += 1
            return
        number = self._find(body, raw)
        if number is None:
            self._add_problem(delivery, f"its bytes were never handed out: {(raw or body)[:80]!r}")
            return
        self._next = number + 1
        answer = self._handed_out[number].answer
        arrived = answer.body_within(len(raw)) if raw else body
        # What follows a bad chunk size is taken as it is: rather too many bytes than too few.
        if not body.startswith(arrived):
            self._add_problem(
                delivery, f"{answer.kind}: {body[-40:]!r} was read for {arrived[-40:]!r}"
            )
        ids = answer.whole_ids(arrived)
        self._ids_in_bytes |= ids
        if not ids <= self._stored:
            self._add_problem(delivery, f"{answer.kind}: whole messages were not recovered")
        if arrived == answer.body:
            self._whole.add(number)
            self._counts["whole"] += 1
            return
        self._counts["partial"] += 1
        if not (delivery.interrupted and delivery.problem):
            self._add_problem(delivery, f"{answer.kind}: it is not whole, and not flagged")

    def _find(self, body: bytes, raw: bytes) -> int | None:
        """Return the number of the answer; the pulls are in the order of the answers."""
        for number in range(self._next, len(self._handed_out)):
            answer = self._handed_out[number].answer
            # The beginning of an unusual head that was cut is taken for a body.
            if answer.wire.startswith(raw or body) or (not raw and answer.body.startswith(body)):
                return number
        return None

    def conclude(self, pulls: int, shown: set[str]) -> dict[str, Any]:
        """Return the figures, and what is missing."""
        # A program that requested the next answer has received the last one completely.
        followed = [number for number, one in enumerate(self._handed_out) if one.followed]
        for number in followed:
            if number not in self._whole:
                kind = self._handed_out[number].answer.kind
                self.problems.append(f"An answer ({kind}) that another followed is missing.")
        if pulls < len(self._handed_out):
            self.problems.append(f"{len(self._handed_out) - pulls} pulls left nothing at all.")
        if not shown <= self._stored:
            missing = sorted(shown - self._stored)
            self.problems.append(f"{len(missing)} shown messages are missing: {missing[:9]}.")
        if self._ids_in_bytes != self._stored:
            self.problems.append(
                f"{len(self._ids_in_bytes ^ self._stored)} messages match no stored bytes."
            )
        return {
            "answers": len(self._handed_out),
            "followed": len(followed),
            "pulls": pulls,
            **self._counts,
            "messages": len(self._stored),
            "shown": len(shown),
            "problems": self.problems,
        }

    def _add_problem(self, delivery: Delivery, problem: str) -> None:
        self.problems.append(f"Pull {delivery.id}: {problem}.")
