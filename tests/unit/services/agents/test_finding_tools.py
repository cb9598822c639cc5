"""Tools about findings."""

import pytest

from ibconsole.services.agents.tools import ToolFailed
from ibconsole.services.connections.store import Connections
from ibconsole.simulator.running import RunningSimulator
from tests.unit.services.agents.conftest import SessionMaker


async def test_findings(
    saved: Connections, running: RunningSimulator, make_session: SessionMaker
) -> None:
    """A diagnosis names applications by pseudonyms, and sends nothing but reads."""
    session = make_session(saved)
    found = await session.ask("find_problems", connection="Acme", limit=1)
    named = await session.ask("find_problems", connection="Acme", application="lumen mobile")
    token = named["items"][0]["subject"]["application"]
    again = await session.ask("find_problems", connection="Acme", application=token)

    assert (len(found["items"]), found["worst"]) == (1, "error")
    assert found["nextOffset"] == 1
    assert [one["number"] for one in named["items"]] == ["IBC-1002"]
    assert again["items"][0]["number"] == "IBC-1002"
    assert "IBC-1002" in (await session.ask("explain_finding", number="1002"))["markdown"]
    assert all(
        call.startswith("GET /push/1/applications") for call in running.simulator.state.calls
    )
    with pytest.raises(ToolFailed, match="no application"):
        await session.ask("find_problems", connection="Acme", application="nothing")
