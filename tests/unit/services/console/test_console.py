from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.services.connections.account import Account
from ibconsole.services.console.console import Console, NoAccount
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.runtime.status import Status


async def test_without_an_account_nothing_is_requested(paths: Paths) -> None:
    """What needs an account says that there is none."""
    async with Console(paths) as console:
        with pytest.raises(NoAccount):
            await console.pull(1)
        with pytest.raises(NoAccount):
            _ = console.platform


async def test_the_connection_is_shown_without_its_key(console: Console, account: Account) -> None:
    """The state names the account and hides the secret."""
    assert console.status.connection.name == "Test"
    assert account.credential.secret.reveal() not in repr(console.status)

    await console.disconnect()
    assert console.status.connection == Status().connection


async def test_what_a_crash_left_is_finished_and_told(paths: Paths) -> None:
    """A pull that was interrupted is recovered by whoever opens the archive next."""
    crashed = Archive(paths.archive)
    delivery = crashed.begin_pull(connection=None, base_url="https://a", limit=None)
    crashed.append_body(delivery, b'{"results":[{"messageId":"1"},{"mess')
    crashed.close()

    async with Console(paths) as console:
        assert console.status.recovered.startswith("1 pull was interrupted")
        assert "1 message" in console.status.recovered


async def test_a_data_directory_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    """A file in the place of the directory is an error that a user can read."""
    (tmp_path / "data").write_text("in the way")

    with pytest.raises(Exception, match="data"):
        async with Console(Paths(tmp_path / "data")):
            pass
