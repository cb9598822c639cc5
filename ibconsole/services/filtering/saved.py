"""The filters that the user has kept, in the settings file, without waiting for the disk."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from ibconsole.services.connections import (
    SavedFilter,
    Settings,
    SettingsFile,
    with_filter,
    without_filter,
)


class SavedFilters:
    """The saved filters of any connection, given by its ID.

    Every method raises a SettingsError if the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._file = SettingsFile(path)

    async def load(self, connection: str) -> Sequence[SavedFilter]:
        """Return the filters of a connection, in the order in which they were saved."""
        loaded = await asyncio.to_thread(self._file.load)
        return _of(loaded.settings, connection)

    async def save(self, kept: SavedFilter) -> Sequence[SavedFilter]:
        """Save a filter, or whether it is applied at the start; return those of its connection."""
        return await self._change(kept, with_filter)

    async def remove(self, removed: SavedFilter) -> Sequence[SavedFilter]:
        """Remove a filter; return those that are left of its connection."""
        return await self._change(removed, without_filter)

    async def _change(
        self, one: SavedFilter, change: Callable[[Settings, SavedFilter], Settings]
    ) -> Sequence[SavedFilter]:
        written = await asyncio.to_thread(self._file.change, lambda settings: change(settings, one))
        return _of(written, one.connection)


def _of(settings: Settings, connection: str) -> Sequence[SavedFilter]:
    return [one for one in settings.filters if one.connection == connection]
