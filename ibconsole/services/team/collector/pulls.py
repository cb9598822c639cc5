"""The pulls of one connection of a collector: what goes on by itself, and what does not.

A pull loop ends at a refusal, and at an answer that is incomplete or was not stored. Nothing is
handed out with a refusal, so that another attempt after a while costs nothing. What damaged an
answer may damage the next one, too: so after a while a few messages are pulled, and only if their
answer is sound pulling goes on. Otherwise nothing more is requested until the process is started
again: what is not requested waits on the platform.
"""

import asyncio
import logging
from contextlib import suppress

from msgspec.structs import replace

from ibconsole.api import NotPermitted, Refused
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.services.audit import Audit
from ibconsole.services.intake import PermitLost, PullBusy, Puller, PullLoop, PullReport
from ibconsole.services.runtime import PullLoopStatus
from ibconsole.services.team import PermitState, PermitStatus
from ibconsole.services.team.collector.configuration import ScheduledPull
from ibconsole.services.team.collector.report import CollectedPulls, CollectedPullState

log = logging.getLogger(__name__)

RETRY = 300.0  # seconds until a loop that has ended is followed by another attempt
_FEW = 10  # messages that are pulled to find out whether answers arrive complete again


class ConnectionPulls:
    """The pulls of one connection, one at a time, for as long as `run` is not stopped.

    `report` is their state, which any code of the loop may read. `retry` is the number of seconds
    after a loop has ended.
    """

    def __init__(
        self, name: str, puller: Puller, schedule: ScheduledPull, *, retry: float = RETRY
    ) -> None:
        self.name = name
        self.report = CollectedPulls()
        self._puller = puller
        self._schedule = schedule
        self._retry = retry
        self._loop = PullLoop(self, self._on_status)
        self._stopped = asyncio.Event()
        self._permit = PermitStatus(PermitState.HELD)
        self._is_looping = False
        self._last: UserError | PullReport | None = None

    async def run(self, audit: Audit, connection: str) -> None:
        """Pull until `stop` is called, or two answers in a row are damaged."""
        while not self._stopped.is_set():
            sentence = await self._pull_repeatedly(audit, connection)
            if self._stopped.is_set():
                break
            if isinstance(self._last, NotPermitted | Refused):
                await self._wait(CollectedPullState.REFUSED, sentence)
            elif not await self._is_sound_again(sentence):
                return
        self._update(state=CollectedPullState.ENDED, sentence="")

    async def _pull_repeatedly(self, audit: Audit, connection: str) -> str:
        """Pull at intervals; return why that has ended."""
        self._is_looping = True
        self._show_permit(self._permit)
        try:
            async with self._puller.announced(), audit.repeated_pulls(connection):
                result = await self._loop.run_continuously(
                    self._schedule.limit, self._schedule.interval
                )
        except PermitLost as error:  # it was waited for until the end
            return str(error)
        finally:
            self._is_looping = False
        return result.sentence

    def show_permit(self, status: PermitStatus) -> None:
        """Show who pulls, if a team shares the account."""
        if status.state is not self._permit.state or status.holder != self._permit.holder:
            log.info("%s", _describe(status), extra=self._fields(epoch=status.epoch))
        self._permit = status
        if self._is_looping:
            self._show_permit(status)

    def stop(self) -> None:
        """Start no further pull."""
        self._stopped.set()
        self._loop.stop()

    async def wait_until_idle(self) -> None:
        """Wait until the pull in progress, if there is one, is stored."""
        await self._puller.wait_until_idle()

    async def pull(self, limit: int | None) -> PullReport:
        """Pull once, and count it; see `Puller.pull`. Raises PullBusy after `stop`."""
        if self._stopped.is_set():  # at the instant at which a loop began
            raise PullBusy("The collector is ending; nothing was requested.")
        try:
            report = await self._puller.pull(limit)
        except UserError as error:
            self._last = error
            self._update(failures=self.report.failures + 1)
            log.warning("A pull failed. %s", error, extra=self._fields())
            raise
        self._last = report.error or report
        self._count(report)
        return report

    async def _is_sound_again(self, sentence: str) -> bool:
        """Wait, pull a few messages, and return whether pulling goes on; see the module."""
        while not self._stopped.is_set():
            await self._wait(CollectedPullState.HELD, sentence)
            if self._stopped.is_set():
                break
            try:
                report = await self.pull(_FEW)
            except UserError as error:  # nothing was handed out, or it is stored by now
                sentence = str(error)
                continue
            if report.error or report.complete:
                return True
            log.error(
                "Nothing more is pulled until this service is started again. %s",
                report.shortfall,
                extra=self._fields(),
            )
            self._update(state=CollectedPullState.HELD, sentence=report.shortfall)
            return False
        return True

    async def _wait(self, state: CollectedPullState, sentence: str) -> None:
        self._update(state=state, sentence=sentence)
        log.warning("No pull for %d s. %s", self._retry, sentence, extra=self._fields())
        with suppress(TimeoutError):
            async with asyncio.timeout(self._retry):
                await self._stopped.wait()

    def _count(self, report: PullReport) -> None:
        is_sound = report.complete and not report.error
        before = self.report
        self._update(
            requests=before.requests + 1,
            failures=before.failures + bool(report.error),
            incomplete=before.incomplete + (not report.complete and not report.error),
            messages=before.messages + report.messages,
            pending=report.pending if is_sound else before.pending,
            answered_at=now_ms() if is_sound else before.answered_at,
        )
        if report.messages or not is_sound:
            level = logging.INFO if is_sound else logging.WARNING
            fields = self._fields(messages=report.messages, pending=report.pending)
            sentence = str(report.error or report.problem or "A pull is stored.")
            log.log(level, "%s", sentence, extra=fields)
        if report.competing:
            log.warning("%s", report.competing, extra=self._fields())

    def _show_permit(self, status: PermitStatus) -> None:
        state = _STATES[status.state]
        sentence = "" if state is CollectedPullState.ACTIVE else _describe(status)
        self._update(state=state, sentence=sentence)

    def _on_status(self, status: PullLoopStatus) -> None:
        if self.report.state is CollectedPullState.ACTIVE:
            self._update(sentence=status.sentence)

    def _fields(self, **fields: object) -> dict[str, object]:
        return {"fields": {"connection": self.name, **fields}}

    def _update(self, **fields: object) -> None:
        self.report = replace(self.report, **fields)


_STATES = {
    PermitState.NONE: CollectedPullState.STANDBY,
    PermitState.STANDBY: CollectedPullState.STANDBY,
    PermitState.AWAY: CollectedPullState.AWAY,
    PermitState.HELD: CollectedPullState.ACTIVE,
}


def _describe(status: PermitStatus) -> str:
    match status.state:
        case PermitState.HELD:
            return "This collector pulls."
        case PermitState.STANDBY:
            holder = status.holder or "another computer of the team"
            return f"{holder[:1].upper()}{holder[1:]} pulls; this one stands by."
        case PermitState.AWAY:
            return f"Nothing is pulled, because another computer might pull. {status.problem}"
    return "This collector does not pull."
