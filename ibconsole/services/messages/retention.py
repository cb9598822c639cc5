"""Retention: deletion of old messages beyond the limits in the settings; there are none at first.

An open console applies them in the background, a minute after opening and then every hour, in
batches between which other work continues.
"""

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from ibconsole.archive import RetentionPolicy, RetentionPreview
from ibconsole.errors import UserError
from ibconsole.plural import counted
from ibconsole.services.connections import SettingsFile

log = logging.getLogger(__name__)

DELAY = 60.0  # seconds after opening
INTERVAL = 3600.0  # seconds


class Deleter(Protocol):
    """The archive that old deliveries are deleted from."""

    async def preview_retention(self, policy: RetentionPolicy, /) -> RetentionPreview: ...
    async def delete_below(self, delivery: int, /) -> int: ...


class Retention:
    """The retention policy in the settings and its application; belongs to one loop.

    `delay` is the time until `run` applies the policy for the first time, `interval` that
    between two applications, both in seconds.
    """

    def __init__(
        self,
        settings: Path,
        deleter: Deleter,
        *,
        delay: float = DELAY,
        interval: float = INTERVAL,
    ) -> None:
        self._settings = SettingsFile(settings)
        self._deleter = deleter
        self._delay = delay
        self._interval = interval

    async def load_policy(self) -> RetentionPolicy:
        """Return the policy in the settings. Raises SettingsError."""
        return (await asyncio.to_thread(self._settings.load)).settings.retention

    async def save_policy(self, policy: RetentionPolicy) -> None:
        """Save a policy; deletes nothing by itself. Raises SettingsError."""
        await asyncio.to_thread(
            self._settings.change, lambda settings: replace(settings, retention=policy)
        )

    async def preview(self, policy: RetentionPolicy) -> RetentionPreview:
        """Return what a policy would delete now; deletes nothing."""
        return await self._deleter.preview_retention(policy)

    async def apply(self) -> int:
        """Delete permanently what the saved policy does not keep; return the number of messages.

        Raises SettingsError, ArchiveError.
        """
        policy = await self.load_policy()
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
        await asyncio.sleep(self._delay)
        while True:
            try:
                await self.apply()
            except UserError as error:
                log.warning("Old messages were not deleted: %s", error)
            await asyncio.sleep(self._interval)


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
    """Describe what a policy would delete, in two sentences."""
    if not preview.deliveries:
        return "Nothing that is stored now would be deleted."
    deliveries = counted(preview.deliveries, "pull or forward", "pulls and forwards")
    return (
        f"{counted(preview.messages, 'message')} of {deliveries} would be deleted permanently,"
        f" {preview.size:,} bytes, received from {_day(preview.oldest)} to"
        f" {_day(preview.newest)}. They exist nowhere else, unless they were exported."
    )


def _day(instant: int | None) -> str:
    return datetime.fromtimestamp((instant or 0) / 1000, UTC).strftime("%Y-%m-%d")
