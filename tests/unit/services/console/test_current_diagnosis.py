"""The diagnosis of the account that a console is connected to."""

from ibconsole.services.connections.account import Account
from ibconsole.services.console.console import Console


async def test_an_account_has_one_diagnosis(console: Console, account: Account) -> None:
    """It is made once, knows the paths of the listener, and ends with the connection."""
    console.forward_paths.path_of("8d1b")
    made = await console.diagnostics()
    assert await console.diagnostics() is made

    await console.connect(account)
    assert await console.diagnostics() is not made
