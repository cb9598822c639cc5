"""The console of one data directory."""

import asyncio
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.services.connections.account import Account
from ibconsole.services.console.console import Console, NoAccount
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import Status


async def test_without_an_account(paths: Paths) -> None:
    """Operations that need an account raise NoAccount without one."""
    async with Console(paths) as console:
        with pytest.raises(NoAccount):
            await console.pull(1)
        with pytest.raises(NoAccount):
            _ = console.platform


async def test_the_status_hides_the_secret(console: Console, account: Account) -> None:
    """The status names the connection and does not contain its secret."""
    assert console.status.connection.name == "Test"
    assert account.credential.secret.reveal() not in repr(console.status)

    await console.disconnect()
    assert console.status.connection == Status().connection


async def test_what_a_killed_process_left_is_finished(console: Console) -> None:
    """A pull whose process ended meanwhile is not shown as in progress for ever."""
    await console.take_over()
    assert console.status.recovered == ""
    with Archive(console.paths.archive) as killed:
        delivery = killed.begin_pull(connection="c", base_url="https://x", limit=1)
        killed.append_answer(delivery, b'{"results":[{"messageId":"1"},{"mess')

    await console.take_over()

    assert "1 message was recovered" in console.status.recovered


async def test_another_process_that_pulls_is_known(console: Console, account: Account) -> None:
    """A console names the other that pulls from its account repeatedly, as long as it does."""
    looked = asyncio.Event()

    async with Console(console.paths) as other, asyncio.TaskGroup() as group:
        await other.connect(account)
        group.create_task(other.pull_continuously(5, 3600, on_report=lambda _: looked.set()))
        await looked.wait()
        assert "connection Test" in await console.other_puller()
        assert console.status.other_puller
        assert await other.other_puller() == ""
        assert (await console.pull(1)).messages <= 1
        other.stop_pulling()

    assert await console.other_puller() == ""
    assert console.status.other_puller == ""


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
