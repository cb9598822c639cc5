"""The connections that an agent may read."""

import pytest

from ibconsole.services.agents.access import NotOffered, OfferedConnections
from ibconsole.services.connections.account import Account
from ibconsole.services.connections.settings import Settings
from ibconsole.services.connections.store import Connections


async def test_names(saved: Connections, account: Account) -> None:
    """A connection is named, unless there is only one; a server for one shows no other."""
    acme = await saved.find("Acme")
    every = OfferedConnections(saved)
    one = OfferedConnections(saved, only=acme.id)
    unsaved = OfferedConnections(saved, unsaved=account)

    assert (await every.find("ACME ")).id == acme.id == (await every.find(acme.id)).id
    assert (await one.find("")).name == "Acme"
    assert (await unsaved.load_account(await unsaved.find("Test"))) is account
    assert [offered.are_all for offered in (every, one, unsaved)] == [True, False, False]
    for offered, name in ((every, ""), (every, "nothing"), (one, "Other"), (unsaved, "Acme")):
        with pytest.raises(NotOffered, match=r"There are: "):
            await offered.find(name)
    labels = {known.label for known in (await unsaved.gather_secrets(["/inbound/x"])).secrets}
    assert {"API key of Acme", "path of the listener"} <= labels
    assert await every.team_access(await every.find("Acme")) is None


async def test_no_connection() -> None:
    """Without any connection the agent learns that its user has to add one."""

    class Empty:
        async def load(self) -> object:
            return Settings()

    with pytest.raises(NotOffered, match="adds one in ibconsole"):
        await OfferedConnections(Empty()).find("")  # type: ignore[arg-type]
