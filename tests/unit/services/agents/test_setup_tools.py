"""Tools about connections and setups."""

import pytest

from ibconsole.services.agents.tools import ToolFailed
from ibconsole.services.connections.store import Connections
from ibconsole.simulator.running import RunningSimulator
from tests.unit.services.agents.conftest import SessionMaker


async def test_the_setup(
    saved: Connections, running: RunningSimulator, make_session: SessionMaker
) -> None:
    """Applications are named by pseudonyms that lead to their setup; no code is in an answer."""
    session = make_session(saved)
    connections = await session.ask("list_connections")
    first = await session.ask("list_applications", connection="Acme", limit=4)
    rest = await session.ask("list_applications", connection="Acme", offset=first["nextOffset"])
    by_token = await session.ask("show_setup", connection="Acme", application="app-2")
    by_name = await session.ask("show_setup", connection="Acme", application="kestrel airways")

    assert [one["name"] for one in connections["items"]] == ["Acme", "Other"]
    assert [len(first["items"]), len(rest["items"]), rest["nextOffset"]] == [4, 2, None]
    assert by_token == by_name
    [action] = by_token["actions"]
    assert (action["type"], action["forwardUrl"]) == (
        "HTTP_FORWARD",
        "http://127.0.0.1:9/inbound/••••",
    )
    codes = [one.code for one in running.simulator.state.account.applications]
    assert len(codes) == 6
    assert not any(code in str([first, rest, by_token]) for code in codes)
    with pytest.raises(ToolFailed, match="no application with the code, ID or name nothing"):
        await session.ask("show_setup", connection="Acme", application="nothing")
