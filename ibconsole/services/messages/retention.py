"""Retention: deletion of old messages beyond the limits in the settings; there are none at first.

An open console applies them in the background, a minute after opening and then every hour, in
batches between which other work continues. Nothing is deleted by age while the clock may be wrong:
only after the user has seen what would be deleted.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from ibconsole.api import NotPermitted
from ibconsole.archive import RetentionPolicy, RetentionPreview
from ibconsole.clock import LeapDetector, now_ms
from ibconsole.errors import UserError
from ibconsole.plural import counted
from ibconsole.services.connections import SettingsFile
from ibconsole.services.protection import PolicyInForce, find_policy

log = logging.getLogger(__name__)

PAUSES = (60.0, 3600.0)  # after opening, and between two applications, in seconds


class Deleter(Protocol):
    """The archive that old deliveries are deleted from."""

    async def preview_retention(self, policy: RetentionPolicy, /) -> RetentionPreview: ...
    async def delete_below(self, delivery: int, /) -> int: ...
    async def check_clock(self, policy: RetentionPolicy, /, *, leapt: bool) -> int | None: ...
    async def trust_clock(self) -> None: ...


class Retention:
    """The retention policy in the settings and its application; belongs to one loop.

    `pauses` are the time until `run` applies the policy for the first time, and that between two
    applications, in seconds. `on_doubt` is called with a sentence when nothing
    is deleted by age because the clock may be wrong, and with an empty one when that has ended.
    `find` reads the administrator's policy, which is above the settings.
    """

    def __init__(
        self,
        settings: Path,
        deleter: Deleter,
        *,
        pauses: tuple[float, float] = PAUSES,
        leaps: LeapDetector | None = None,
        on_doubt: Callable[[str], None] = lambda _: None,
        find: Callable[[], PolicyInForce] = find_policy,
    ) -> None:
        self._settings = SettingsFile(settings)
        self._deleter = deleter
        self._delay, self._interval = pauses
        self._leaps = leaps or LeapDetector()
        self._on_doubt = on_doubt
        self._find = find
        self._doubt = ""

    async def load_policy(self) -> RetentionPolicy:
        """Return the policy in force: the administrator's, else the settings'.

        Raises SettingsError.
        """
        found = await asyncio.to_thread(self._find)
        loaded = await asyncio.to_thread(self._settings.load)
        return limits_in_force(found, loaded.settings.retention)

    async def why_fixed(self) -> str:
        """Return why the user cannot change the policy; empty if that is possible."""
        return why_fixed(await asyncio.to_thread(self._find))

    async def save_policy(self, policy: RetentionPolicy) -> None:
        """Save a policy; deletes nothing by itself. Raises SettingsError or NotPermitted."""
        found = await asyncio.to_thread(self._find)
        if why_fixed(found):
            require_limits(found, policy)
            return
        await asyncio.to_thread(
            self._settings.change, lambda settings: replace(settings, retention=policy)
        )

    async def preview(self, policy: RetentionPolicy) -> RetentionPreview:
        """Return what a policy would delete now; deletes nothing."""
        preview = await self._deleter.preview_retention(policy)
        if policy.days and self._leaps.leapt:
            since = await self._deleter.check_clock(policy, leapt=True)
            return replace(preview, doubted_since=since)
        return preview

    async def apply(self, *, seen: bool = False) -> int:
        """Delete permanently what the saved policy does not keep; return the number of messages.

        If the clock may be wrong, nothing is deleted by age, unless the user has `seen` what would
        be; then the clock is trusted from now on. Raises SettingsError, ArchiveError.
        """
        policy = await self.load_policy()
        if seen and policy.days:
            await self._deleter.trust_clock()
            self._leaps.accept()
        if await self._check_clock(policy) is not None:
            policy = replace(policy, days=None if policy.days else policy.days)
        if policy.keeps_everything:
            return 0
        preview = await self._deleter.preview_retention(policy)
        if not preview.deliveries:
            return 0
        deleted = await self._deleter.delete_below(preview.below)
        log.info("%d messages beyond the retention limits were deleted.", deleted)
        return deleted

    async def run(self) -> None:
        """Apply the policy at every interval until cancelled; a failure is logged."""
        await self._report_failure(self._observe_clock())
        await asyncio.sleep(self._delay)
        while True:
            await self._report_failure(self.apply())
            await asyncio.sleep(self._interval)

    async def _observe_clock(self) -> None:
        """Note that the clock is in line: also programs that run for a moment show that."""
        await self._check_clock(await self.load_policy())

    async def _report_failure(self, work: Awaitable[object]) -> None:
        try:
            await work
        except UserError as error:
            log.warning("Old messages were not deleted: %s", error)

    async def _check_clock(self, policy: RetentionPolicy) -> int | None:
        """Return None if the clock can be trusted, else since when not; say so if it matters."""
        since = await self._deleter.check_clock(policy, leapt=self._leaps.leapt)
        doubt = describe_doubt(since) if since is not None and policy.days else ""
        if doubt != self._doubt:
            self._doubt = doubt
            self._on_doubt(doubt)
        return since


def limits_in_force(found: PolicyInForce, chosen: RetentionPolicy) -> RetentionPolicy:
    """Return the administrator's limits, else what the user chose.

    If the administrator's policy cannot be understood, it may want everything kept: so it is.
    """
    if found.problem:
        return RetentionPolicy()
    days = found.policy.keep_days
    return chosen if days is None else RetentionPolicy(days=days)


def require_limits(found: PolicyInForce, wanted: RetentionPolicy) -> None:
    """Raise NotPermitted if the administrator's policy has other limits than these."""
    if wanted != limits_in_force(found, wanted):
        raise NotPermitted(f"{why_fixed(found)} Nothing was changed or deleted.")


def why_fixed(found: PolicyInForce) -> str:
    """Return why the user cannot change the limits; empty if that is possible."""
    if found.problem:
        return f"{found.complaint} Until then no message is deleted by a limit."
    if found.policy.keep_days is None:
        return ""
    return "How long messages are kept is set by your administrator."


def describe_policy(policy: RetentionPolicy) -> str:
    """Describe a policy in a sentence."""
    limits = []
    if policy.days is not None:
        limits.append(f"for {counted(policy.days, 'day')}")
    if policy.count is not None:
        limits.append(f"up to {counted(policy.count, 'message')}")
    if policy.size is not None:
        limits.append(f"up to {policy.size:,} bytes")
    if not limits:
        return "Everything that was received is kept."
    return (
        f"What was received is kept {', and '.join(limits)}; what is older is deleted permanently."
    )


def describe_preview(preview: RetentionPreview) -> str:
    """Describe what a policy would delete, in two sentences, and a doubtful clock in another."""
    doubt = "" if preview.doubted_since is None else f" {describe_clock(preview.doubted_since)}"
    if preview.needed:
        stay = counted(preview.needed, "pull or forward stays", "pulls and forwards stay")
        doubt = f" {stay}, because a redelivery still needs messages of them.{doubt}"
    if preview.waiting:
        stay = counted(preview.waiting, "pull or forward stays", "pulls and forwards stay")
        doubt = f" {stay}, because the archive of a team does not have them yet.{doubt}"
    if not preview.deliveries:
        return f"Nothing that is stored now would be deleted.{doubt}"
    deliveries = counted(preview.deliveries, "pull or forward", "pulls and forwards")
    return (
        f"{counted(preview.messages, 'message')} of {deliveries} would be deleted permanently,"
        f" {preview.size:,} bytes, received from {_day(preview.oldest)} to"
        f" {_day(preview.newest)}. They exist nowhere else, unless they were exported."
        f"{doubt}"
    )


def describe_doubt(since: int) -> str:
    """Say that nothing is deleted by age, and how to change that; `since` is `doubted_since`."""
    return (
        f"No message is deleted by age at present. {describe_clock(since)} If it is right, confirm"
        " it: *Retention…* in the window, or `ibconsole messages retention --trust-clock`,"
        " shows first what would be deleted."
    )


def describe_clock(since: int) -> str:
    """Describe a clock that was certainly right only until `since`."""
    now = now_ms()
    days = counted(round(abs(now - since) / 86_400_000), "day")
    if now < since:
        return f"The clock says {_day(now)}, which is {days} before {_day(since)}: it may be wrong."
    return (
        f"The clock says {_day(now)}, which is {days} after {_day(since)}, when it was last known"
        " to be right: either it is wrong now, or ibconsole was not used."
    )


def _day(instant: int | None) -> str:
    return datetime.fromtimestamp((instant or 0) / 1000, UTC).strftime("%Y-%m-%d")
