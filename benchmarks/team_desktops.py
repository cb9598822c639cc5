"""Desktops that read a team's record as a window does, several in a process; for `team.py`.

    python benchmarks/team_desktops.py URL COUNT

Prints `ready` once all show the record. Each line of the input is a request: `cpu` for the
processor time of the process, a number for the figures once every desktop has that many messages.
"""

import asyncio
import json
import subprocess
import sys
import time
from array import array
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

from ibconsole.archive import Archive, Filter
from ibconsole.services.connections import TeamAccess
from ibconsole.services.messages import AsyncReader
from ibconsole.services.team.reading import RecordReader, RecordSource, RecordState
from ibconsole.tasks import Tasks
from ibconsole.team_archive import TeamAddress
from measure import scratch
from team_members import ACCOUNT

_FIRST = 256  # messages that a window asks for first
PAGE = 64  # rows that it shows
_PATIENCE = 120.0  # seconds


class Desktop:
    """A window's reader, which finds what is new and fetches the rows that it would show.

    `page` is the number of these rows, the newest ones. `seen` has the time in nanoseconds at which
    each message was found, and its row fetched if it was one of these; `delays` counts how many
    milliseconds after its arrival that was.
    """

    def __init__(self, record: RecordReader, page: int = PAGE) -> None:
        self.ids = array("q")
        self.seen = array("q")
        self.delays: Counter[int] = Counter()
        self.losses = 0
        self._record = record
        self._page = page
        self._newest = 0
        self._changed, self._grown = asyncio.Event(), asyncio.Event()
        record.on_change = self._on_change

    def use(self, address: TeamAddress) -> None:
        """Read this team's record."""
        self._record.use(TeamAccess(address), "uuid")

    async def follow(self) -> None:
        """Look for new messages whenever there are some, until it is cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._record.source.is_shared:
                await self._look()
                self._grown.set()

    async def until(self, count: int) -> None:
        """Wait until the first search is done, and for this many messages."""
        while not self._newest or len(self.ids) < count:
            self._grown.clear()
            await self._grown.wait()

    async def _look(self) -> None:
        if not self._newest:
            found = await self._record.search(Filter(), limit=_FIRST)
            self._newest = found.newest
            await self._record.fetch_rows(found.ids[-self._page :])
            return
        found = await self._record.search(Filter(), after=self._newest)
        self._newest = found.newest
        await self._record.fetch_rows(found.ids[-self._page :])
        now = time.time_ns()
        self.ids.extend(found.ids)
        self.seen.extend([now] * len(found.ids))
        self.delays.update(now // 1_000_000 - key for key in found.keys)

    def _on_change(self, source: RecordSource) -> None:
        self.losses += source.state is RecordState.AWAY
        self._changed.set()

    def figures(self) -> dict[str, Any]:
        """Return the number of different messages, of those found twice, and the delays."""
        different = len(set(self.ids))
        return {
            "different": different,
            "twice": len(self.ids) - different,
            "losses": self.losses,
            "delays": list(self.delays.items()),
        }


@contextmanager
def desktop_processes(url: str, count: int, processes: int) -> Iterator[list["DesktopProcess"]]:
    """Start desktops, evenly distributed, and wait until all show the record."""
    shares = [count // processes + (one < count % processes) for one in range(processes)]
    started = [DesktopProcess(url, share) for share in shares if share]
    try:
        for one in started:
            one.expect("ready")
        yield started
    finally:
        for one in started:
            one.close()


class DesktopProcess:
    """A process with several desktops, as the benchmark sees it."""

    def __init__(self, url: str, count: int) -> None:
        self._process = subprocess.Popen(  # noqa: S603 this program
            [sys.executable, __file__, url, str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def expect(self, line: str) -> None:
        """Read one line. Raises RuntimeError if it is another one."""
        if (found := self._read()) != line:
            raise RuntimeError(f"A process of desktops answered {found!r} in place of {line!r}.")

    def cpu(self) -> float:
        """Return the seconds of processor time that the process has taken."""
        self._write("cpu")
        return float(self._read())

    def request(self, messages: int) -> None:
        """Ask for the figures once each desktop has this many messages."""
        self._write(str(messages))

    def figures(self) -> list[dict[str, Any]]:
        """Return the figures that were asked for, of each desktop."""
        found: list[dict[str, Any]] = json.loads(self._read())
        return found

    def close(self) -> None:
        """End the process."""
        if self._process.stdin and self._process.stdout:
            self._process.stdin.close()
            self._process.wait()
            self._process.stdout.close()

    def _write(self, line: str) -> None:
        if self._process.stdin:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()

    def _read(self) -> str:
        return self._process.stdout.readline().strip() if self._process.stdout else ""


async def open_desktops(
    stack: AsyncExitStack, address: TeamAddress, directory: Path, count: int, page: int = PAGE
) -> list[Desktop]:
    """Open desktops until the stack is closed, and wait until they show the record."""
    Archive(directory / "archive.sqlite3").close()
    disk = await stack.enter_async_context(AsyncReader(directory / "archive.sqlite3"))
    desktops = []
    tasks = Tasks(_raise)
    for number in range(count):
        record = await stack.enter_async_context(RecordReader(disk))
        desktops.append(Desktop(record, page))
        tasks.start(f"desktop {number}", desktops[-1].follow)
        desktops[-1].use(address)
    stack.push_async_callback(tasks.close)
    for one in desktops:
        async with asyncio.timeout(_PATIENCE):
            await one.until(0)
    return desktops


def _raise(_: str, error: BaseException) -> None:
    raise error


async def serve(url: str, count: int) -> None:
    """Open the desktops, and answer requests until the input ends."""
    with scratch() as directory:
        async with AsyncExitStack() as stack:
            address = TeamAddress(url, ACCOUNT)
            desktops = await open_desktops(stack, address, directory, count)
            _answer("ready")
            while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
                if line == "cpu":
                    _answer(str(time.process_time()))
                    continue
                for one in desktops:
                    try:
                        async with asyncio.timeout(_PATIENCE):
                            await one.until(int(line))
                    except TimeoutError:
                        sys.stderr.write(f"A desktop has {len(one.ids)} of {line} messages.\n")
                _answer(json.dumps([one.figures() for one in desktops]))


def _answer(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
