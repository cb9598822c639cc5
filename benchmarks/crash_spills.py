"""A disk that becomes full while an answer arrives, and kills before, in and after that.

For `crashes.py spills`. The archive is on a disk of its own (tmpfs), whose space is taken, the
reserve of the program included, as soon as a pull is requested. So the answer goes to a spill file
on another disk until the space is free again; or, if no directory for it is writable, it is held in
memory, and such a program is not killed.
"""

import asyncio
import os
import random
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from answers import KINDS, WireAnswer, make_answer
from fork_server import ForkServer, stored_ids
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Via
from ibconsole.services.intake.spill_file import read_spill_file

DISK_MEGABYTES = 160  # the reserve, as much again that has to be free, and the archive
DEADLINE = 60.0
FATES = ("killed while full", "killed afterwards", "not killed")
_MESSAGES = 3_000
_LONGEST_TEXT = 1_500
# Compressed, an answer of such texts would be small.
_KINDS = tuple(kind for kind in KINDS if not kind.startswith("gzip"))
_LEFT = 150_000  # bytes, at most, that are left free for the beginning of the answer


@dataclass(slots=True)
class Figures:
    """What happened; `problems` are messages that were lost, and ends that are not as promised."""

    runs: int = 0
    killed: int = 0
    ended: int = 0
    spilled: int = 0
    only_in_memory: int = 0
    adopted: int = 0
    messages: int = 0
    problems: list[str] = field(default_factory=list)


@contextmanager
def small_disk(path: Path) -> Iterator[Path]:
    """Mount a small disk here. Raises PermissionError if this user may not."""
    path.mkdir()
    size = f"size={DISK_MEGABYTES}m"
    mounted = subprocess.run(  # noqa: S603 a tool of the system
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(path)],  # noqa: S607 on the PATH
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        raise PermissionError("This user may not mount a disk.")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)  # noqa: S603, S607 as above


def fill(data: Path, left: int) -> Path:
    """Take all space but `left` bytes, the program's reserve included; return the file."""
    for reserve in (data / "locks").glob("*.reserve"):
        reserve.unlink()
    system = os.statvfs(data)
    ballast = data / "ballast"
    with suppress(OSError):
        descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, max(system.f_bavail * system.f_frsize - left, 1))
        finally:
            os.close(descriptor)
    return ballast


class Platform:
    """Fills the disk at each pull, and hands out one large answer."""

    def __init__(self, data: Path, dice: random.Random) -> None:
        self.answer: WireAnswer | None = None
        self.sent = asyncio.Event()
        self._data = data
        self._dice = dice

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, which carries one pull."""
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            if self.answer:
                fill(self._data, self._dice.randrange(_LEFT))
                writer.write(self.answer.wire)
                await writer.drain()
        writer.close()
        self.sent.set()


async def crash_spills(kills: int, seed: int) -> dict[str, Any]:
    """Fill the disk in this many pulls; two of three programs are killed meanwhile."""
    dice = random.Random(seed)  # noqa: S311 reproducible, not secret
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="ibconsole-spills-") as name:
        elsewhere = Path(name) / "elsewhere"
        elsewhere.mkdir()
        with small_disk(Path(name) / "disk") as disk:
            programs = ForkServer(disk, TMPDIR=str(elsewhere), HOME=str(elsewhere))
            without_spill = ForkServer(disk, TMPDIR=str(disk), HOME=str(disk))
            platform = Platform(disk, dice)
            server = await asyncio.start_server(platform.serve, "127.0.0.1", 0)
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            run = Run((programs, without_spill), platform, (disk, elsewhere), url, figures)
            try:
                for number in range(kills):
                    await run.once(number, dice)
            finally:
                programs.close()
                without_spill.close()
                server.close()
    missing = len(figures.problems)
    counts = {name: getattr(figures, name) for name in Figures.__slots__}
    return {**counts, "problems": figures.problems[:10], "missing": missing}


@dataclass(frozen=True, slots=True)
class Run:
    """One pull after the other on one disk; `directories` are those of data and spill files.

    The second of the `servers` starts programs that can write no spill file.
    """

    servers: tuple[ForkServer, ForkServer]
    platform: Platform
    directories: tuple[Path, Path]
    url: str
    figures: Figures

    async def once(self, number: int, dice: random.Random) -> None:
        """Pull one answer while the disk is full, kill or not, and compare."""
        platform, figures = self.platform, self.figures
        answer = platform.answer = make_answer(
            dice.choice(_KINDS), f"{number}", _MESSAGES, dice, longest_text=_LONGEST_TEXT
        )
        platform.sent.clear()
        has_spill = dice.random() < 0.8
        programs = self.servers[0 if has_spill else 1]
        fate = dice.choice(FATES) if has_spill else FATES[-1]
        process = await asyncio.to_thread(programs.start, "pull", "--yes", "--base-url", self.url)
        async with asyncio.timeout(DEADLINE):
            await platform.sent.wait()
            is_early = not has_spill or dice.random() < 0.3
            is_kept = not is_early and await self._is_kept(answer, process)
        await asyncio.sleep(dice.uniform(0, 0.3))
        await self._end(programs, process, fate, dice)
        figures.runs += 1
        figures.killed += fate != FATES[-1]
        figures.ended += fate == FATES[-1]
        figures.only_in_memory += not has_spill
        self._compare(answer, fate, expects_all=is_kept or fate == FATES[-1])
        self._clean()

    async def _end(
        self, programs: ForkServer, process: int, fate: str, dice: random.Random
    ) -> None:
        """Kill the program, or let it end, and free the space before or after."""
        ballast = self.directories[0] / "ballast"
        if fate == "killed while full":
            await asyncio.to_thread(programs.kill, process)
        ballast.unlink(missing_ok=True)
        if fate == "killed afterwards":  # the next attempt to store is within a second
            await asyncio.sleep(dice.uniform(0, 1.5))
            await asyncio.to_thread(programs.kill, process)
        elif fate == "not killed":
            self._check_end(await asyncio.to_thread(programs.wait, process))

    async def _is_kept(self, answer: WireAnswer, process: int) -> bool:
        """Wait until the whole answer is on a disk; false if the program ends before.

        It may fit into free space of the archive, though its messages do not.
        """
        data, elsewhere = self.directories
        wire = answer.wire
        while not _has_ended(process):
            for path in elsewhere.glob("*.rescued"):
                with suppress(FileNotFoundError):
                    if path.read_bytes().endswith(wire):
                        self.figures.spilled += 1
                        return True
            with Reader(data / "archive.sqlite3") as reader:
                if reader.delivery_body(reader.find_deliveries(Via.PULL)[-1]) == wire:
                    return True
            await asyncio.sleep(0.1)  # each look opens the archive
        return False

    def _clean(self) -> None:
        """Remove the archive and the spill files, for the next pull."""
        for directory in self.directories:
            for path in directory.iterdir():
                if path.is_file():
                    path.unlink()

    def _check_end(self, code: int) -> None:
        if list(self.directories[1].glob("*.rescued")):
            self.figures.problems.append("A spill file was left after the end.")
        out = (self.directories[0] / "out").read_text(errors="replace")
        if "Traceback" in out or code not in {0, 1}:
            self.figures.problems.append(f"A pull ended with {code}: {out[-300:]}")

    def _compare(self, answer: WireAnswer, fate: str, *, expects_all: bool) -> None:
        """Check that archive and spill files together have what arrived."""
        data, elsewhere = self.directories
        stored = stored_ids(data)
        self.figures.messages += len(stored)
        found, wire = set(stored), answer.wire
        for path in elsewhere.glob("*.rescued"):
            _, spilled = read_spill_file(path)
            if not wire.startswith(spilled):
                self.figures.problems.append(f"{answer.kind}: the spill file has other bytes.")
            found |= answer.whole_ids(answer.body_within(len(spilled)))
            if spilled:
                self._adopt(path, answer.whole_ids(answer.body_within(len(spilled))))
        lost = set(answer.ids) - found
        if expects_all and lost:
            self.figures.problems.append(f"{answer.kind}, {fate}: {len(lost)} messages are lost.")

    def _adopt(self, path: Path, ids: set[str]) -> None:
        """Bring a spill file into the archive as its user does, and look for its messages."""
        process = self.servers[0].start("messages", "adopt", str(path))
        self.servers[0].wait(process)
        with Reader(self.directories[0] / "archive.sqlite3") as reader:
            stored = {message.message_id for message in reader.messages(Filter())}
        self.figures.adopted += 1
        if not ids <= stored:
            self.figures.problems.append(f"{len(ids - stored)} adopted messages are missing.")


def _has_ended(process: int) -> bool:
    """Return whether a process has ended; it is a zombie until it is waited for."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
