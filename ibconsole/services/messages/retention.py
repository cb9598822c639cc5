"""How much of what was received is kept: everything, unless its user has said otherwise.

A console that stays open holds to it in the background, a while after it was opened and then
every hour, in pieces between which everything else goes on.
"""

import asyncio
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from ibconsole.archive import RetentionPolicy, RetentionPreview
from ibconsole.errors import UserError
from ibconsole.services.connections import SettingsFile

log = logging.getLogger(__name__)

FIRST = 60.0  # seconds after opening
EVERY = 3600.0
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SIZE = re.compile(r"(\d{1,15})\s*([kmgt]?b?)", re.IGNORECASE)


class NotASize(UserError):
    """This says no size."""


class Deleter(Protocol):
    """The archive, as far as deleting what is old goes."""

    async def preview_retention(self, policy: RetentionPolicy, /) -> RetentionPreview: ...
    async def delete_below(self, delivery: int, /) -> int: ...


class Retention:
    """Keeps an archive within the bounds in the settings; belongs to one loop."""

    def __init__(self, settings: Path, deleter: Deleter) -> None:
        self._settings = SettingsFile(settings)
        self._deleter = deleter

    async def load_policy(self) -> RetentionPolicy:
        """How much is to be kept. Raises SettingsError."""
        return (await asyncio.to_thread(self._settings.load)).settings.retention

    async def save_policy(self, policy: RetentionPolicy) -> None:
        """Keep so much from now on; deletes nothing by itself. Raises SettingsError."""
        await asyncio.to_thread(
            self._settings.change, lambda settings: replace(settings, retention=policy)
        )

    async def preview(self, policy: RetentionPolicy) -> RetentionPreview:
        """What would go if so much were kept; deletes nothing."""
        return await self._deleter.preview_retention(policy)

    async def apply(self) -> int:
        """Delete for good what is not to be kept; how many messages."""
        policy = await self.load_policy()
        if policy.keeps_everything:
            return 0
        preview = await self._deleter.preview_retention(policy)
        if not preview.deliveries:
            return 0
        gone = await self._deleter.delete_below(preview.below)
        log.info("%d messages were deleted, because no more is to be kept than chosen.", gone)
        return gone

    async def run(self) -> None:
        """Hold to it until cancelled; what fails is tried again the next time."""
        await asyncio.sleep(FIRST)
        while True:
            try:
                await self.apply()
            except UserError as error:
                log.warning("Old messages were not deleted: %s", error)
            await asyncio.sleep(EVERY)


def read_size(text: str) -> int:
    """Bytes, of `500MB` or `2 gb`: by thousands. Raises NotASize."""
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise NotASize(f"{text!r} is no size. Write 500MB, 2GB, or a number of bytes.")
    return int(found[1]) * _UNITS[found[2].lower().rstrip("b")]


def describe_policy(keep: RetentionPolicy) -> str:
    """How much is kept, in a sentence."""
    bounds = []
    if keep.days is not None:
        bounds.append(f"of the last {keep.days:,} day{'' if keep.days == 1 else 's'}")
    if keep.count is not None:
        bounds.append(f"at most {keep.count:,} message{'' if keep.count == 1 else 's'}")
    if keep.size is not None:
        bounds.append(f"at most {keep.size:,} bytes")
    if not bounds:
        return "Everything that was received is kept."
    return f"What was received is kept {', and '.join(bounds)}; what is older is deleted for good."


def describe_preview(leaving: RetentionPreview) -> str:
    """What would go, in a sentence."""
    if not leaving.deliveries:
        return "Nothing that is there now would be deleted."
    messages = f"{leaving.messages:,} message{'' if leaving.messages == 1 else 's'}"
    deliveries = "1 pull or forward"
    if leaving.deliveries != 1:
        deliveries = f"{leaving.deliveries:,} pulls and forwards"
    return (
        f"{messages} of {deliveries} would be deleted for good, {leaving.size:,} bytes, received"
        f" from {_day(leaving.oldest)} to {_day(leaving.newest)}. They exist nowhere else, unless"
        " they were exported."
    )


def _day(instant: int | None) -> str:
    return datetime.fromtimestamp((instant or 0) / 1000, UTC).strftime("%Y-%m-%d")
