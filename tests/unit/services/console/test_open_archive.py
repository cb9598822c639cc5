"""The archive of a console: recovered when it is opened, and while it is open."""

from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.services.console.console import Console
from ibconsole.services.runtime.paths import Paths


async def test_what_a_killed_process_left_is_finished(console: Console) -> None:
    """A pull whose process ended meanwhile is not shown as in progress for ever."""
    await console._archive.take_over()
    assert console.status.recovered == ""
    with Archive(console.paths.archive) as killed:
        delivery = killed.begin_pull(connection="c", base_url="https://x", limit=1)
        killed.append_answer(delivery, b'{"results":[{"messageId":"1"},{"mess')

    await console._archive.take_over()

    assert "1 message was recovered" in console.status.recovered


async def test_an_interrupted_pull_is_recovered(paths: Paths) -> None:
    """A pull that a crash interrupted is recovered by the next console, and reported."""
    crashed = Archive(paths.archive)
    delivery = crashed.begin_pull(connection=None, base_url="https://a", limit=None)
    crashed.append_answer(delivery, b'{"results":[{"messageId":"1"},{"mess')
    crashed.close()

    async with Console(paths) as console:
        assert console.status.recovered.startswith("1 pull was interrupted")
        assert "1 message" in console.status.recovered


async def test_a_data_directory_that_cannot_be_created(tmp_path: Path) -> None:
    """A file in place of the data directory is an error that names it."""
    (tmp_path / "data").write_text("in the way")

    with pytest.raises(Exception, match="data"):
        async with Console(Paths(tmp_path / "data")):
            pass
