"""Filters are kept for each connection, in the settings file."""

from pathlib import Path

import pytest

from ibconsole.services.connections import SavedFilter
from ibconsole.services.connections.settings import SettingsError
from ibconsole.services.filtering import SavedFilters

FIRST, SECOND = SavedFilter("a", "stop"), SavedFilter("a", "via:pull since:2h")


async def test_filters_of_a_connection(tmp_path: Path) -> None:
    """A filter is kept once, as it was typed; one of them is applied at the start."""
    kept = SavedFilters(tmp_path / "settings.json")
    await kept.save(FIRST)
    await kept.save(SavedFilter("b", "stop", at_start=True))
    await kept.save(FIRST)
    assert await kept.save(SECOND) == [FIRST, SECOND]

    at_start = SavedFilter("a", SECOND.text, at_start=True)
    await kept.save(SavedFilter("a", FIRST.text, at_start=True))
    assert await kept.save(at_start) == [FIRST, at_start]
    assert await kept.load("b") == [SavedFilter("b", "stop", at_start=True)]

    assert await kept.remove(at_start) == [FIRST]
    assert await SavedFilters(tmp_path / "settings.json").load("a") == [FIRST]


async def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """What cannot be read is said, and left as it is."""
    (tmp_path / "settings.json").mkdir()

    with pytest.raises(SettingsError):
        await SavedFilters(tmp_path / "settings.json").load("a")
