"""A command of the user that is run for each alarm, one after the other, in a bounded time.

No shell is involved unless the user names one. The alarm is JSON on stdin, and in the environment;
no secret is passed on. A command that fails is reported, and never stops the watch.
"""

import asyncio
import os
import shlex
import signal
import sys
from collections import deque
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress

import msgspec

from ibconsole.errors import UserError
from ibconsole.model import encode
from ibconsole.plural import counted
from ibconsole.services.messages import iso_time
from ibconsole.services.watch.alarm_book import AlarmEvent
from ibconsole.text import mask_code

_PREFIX = "IBCONSOLE_ALARM_"
_MOST_WAITING = 100  # alarms, while a slow command runs


class BadCommand(UserError):
    """The text is not a command."""


class AlarmReport(msgspec.Struct, frozen=True):
    """An alarm as other programs read it. The application code is masked unless `reveal` is set."""

    event: AlarmEvent
    connection: str
    reveal: bool = False

    @property
    def fields(self) -> Mapping[str, str]:
        """The alarm by the names of its JSON; times are in ISO 8601."""
        alarm = self.event.alarm
        code = alarm.application if self.reveal else mask_code(alarm.application)
        return {
            "state": self.event.state,
            "kind": alarm.kind,
            "at": iso_time(self.event.at),
            "since": iso_time(alarm.since),
            "connection": self.connection,
            "application": code,
            "name": alarm.name,
            "part": alarm.part,
            "sentence": alarm.sentence,
            "number": f"IBC-{alarm.finding}",
        }


class AlarmCommand:
    """Runs a command for each alarm.

    `on_failure` is called with a sentence when the command fails, or takes longer than `timeout`
    seconds: then it is ended, with the processes that it has started. `withheld` are variables of
    the environment that it does not get, because they hold secrets. Raises BadCommand.
    """

    def __init__(
        self,
        command: str,
        on_failure: Callable[[str], object],
        *,
        withheld: Collection[str] = (),
        timeout: float = 60.0,
    ) -> None:
        self._arguments = _split(command)
        self._on_failure = on_failure
        self._withheld = withheld
        self._timeout = timeout
        self._waiting: deque[AlarmReport] = deque()
        self._wake = asyncio.Event()
        self._lost = 0

    def put(self, report: AlarmReport) -> None:
        """Run the command for this alarm, after those before; the oldest is left out if needed."""
        if len(self._waiting) == _MOST_WAITING:
            self._waiting.popleft()
            self._lost += 1
        self._waiting.append(report)
        self._wake.set()

    async def run(self) -> None:
        """Run the command for each alarm until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self.run_waiting()

    async def run_waiting(self) -> None:
        """Run the command for the alarms that wait."""
        while self._waiting:
            if problem := await self._run(self._waiting.popleft()):
                self._on_failure(f"{problem} Watching is not affected.")
        if self._lost:
            self._on_failure(
                f"The command was not run for {counted(self._lost, 'alarm')}: it is too slow."
            )
            self._lost = 0

    async def _run(self, report: AlarmReport) -> str:
        """Run the command once; return what went wrong, empty if nothing did."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=_stderr(),  # stdout has the answer of this program alone
                env=self._environment(report),
                start_new_session=True,  # so that it is ended with its children
            )
        except OSError as error:
            return f"The command {self._arguments[0]} cannot be run: {error.strerror}."
        try:
            await asyncio.wait_for(
                process.communicate(encode(report.fields) + b"\n"), self._timeout
            )
        except TimeoutError:
            return f"The command was ended, because it took longer than {self._timeout:.0f} s."
        finally:
            await _end(process)
        if process.returncode:
            return f"The command ended with exit code {process.returncode}."
        return ""

    def _environment(self, report: AlarmReport) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in self._withheld}
        fields = {f"{_PREFIX}{name.upper()}": value for name, value in report.fields.items()}
        return kept | {
            name: value.encode("utf-8", "replace").decode().replace("\0", " ")
            for name, value in fields.items()
        }


def _split(command: str) -> list[str]:
    try:
        arguments = shlex.split(command)
    except ValueError as error:
        raise BadCommand(f"The command cannot be understood: {error}.") from None
    if not arguments:
        raise BadCommand("The command is empty.")
    return arguments


def _stderr() -> int:
    try:
        os.fstat(2)
    except OSError:
        return asyncio.subprocess.DEVNULL
    return 2


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a process that still runs, and wait for it."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):  # it has just ended
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
