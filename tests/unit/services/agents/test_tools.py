"""The tools of an agent, as a whole."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ibconsole.services.agents.tools import ToolFailed
from ibconsole.services.connections.connection import Connection
from ibconsole.services.connections.settings import SettingsError, SettingsFile
from ibconsole.services.connections.store import Connections
from ibconsole.services.connections.vault import KeyringLocked
from ibconsole.services.intake.forward_paths import ForwardPaths
from ibconsole.services.runtime.paths import Paths
from tests.unit.services.agents.conftest import SessionMaker, store


async def test_wrong_arguments(saved: Connections, make_session: SessionMaker) -> None:
    """A wrong tool or argument is answered with one sentence that says what is right."""
    session = make_session(saved)
    for tool, arguments, words in (
        ("pull", {}, "There are: list_connections"),
        ("delete_action", {}, "no such tool"),
        ("list_connections", {"limit": 3}, "unknown field"),
        ("list_applications", {"limit": 101}, "<= 100"),
        ("list_applications", {"connection": "Acme", "offset": -1}, ">= 0"),
        ("show_setup", {"connection": "Acme"}, "missing required field"),
        ("show_setup", {"connection": "Acme", "application": 7}, "Expected `str`"),
        ("list_applications", {}, "Name a connection"),
        ("search_messages", {"text": "x"}, "--texts kept"),
        ("search_messages", {"flag": "x"}, "There are: duplicate"),
        ("search_messages", {"before": "%%"}, "begin without it"),
        ("search_messages", {"before": "eA"}, "begin without it"),
        ("search_messages", {"since": "once"}, "not a valid time"),
        ("explain_finding", {"number": "7"}, "IBC-1001"),
    ):
        with pytest.raises(ToolFailed, match=words):
            await session.ask(tool, **arguments)


async def test_only_reads_are_there(saved: Connections, make_session: SessionMaker) -> None:
    """No tool pulls or changes anything; the first description says why; schemas are objects."""
    tools = make_session(saved).box.tools

    assert [one.name for one in tools] == [
        "list_connections",
        "list_applications",
        "show_setup",
        "find_problems",
        "explain_finding",
        "search_messages",
        "show_message",
        "show_timeline",
        "list_cases",
        "show_case",
    ]
    page = (Path(__file__).parents[4] / "docs" / "agents.md").read_text(encoding="utf-8")
    assert [one.name for one in tools if f"| `{one.name}` |" not in page] == []
    assert "each message once and removes it for good" in tools[0].description
    assert all(one.schema["type"] == "object" for one in tools)
    assert all("$ref" not in str(one.schema) or "$defs" in one.schema for one in tools)


class LockedVault:
    """A keyring that stays locked."""

    async def read(self, name: str) -> Any:
        raise KeyringLocked("The keyring is locked.")

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


async def test_a_locked_keyring(paths: Paths, make_session: SessionMaker) -> None:
    """What needs the keyring is refused with one sentence; what is stored is shown without it."""
    one = Connection(id="8f14e45f-ceea-467f-9b0e-4bcd4ea1a2c0", name="Acme", base_url="https://a.b")
    file = SettingsFile(paths.settings)
    file.change(lambda settings: replace(settings, connections=(one,)))
    saved = Connections(file, LockedVault(), ForwardPaths(paths.listener))
    store(paths.archive, one.id, {"messageId": "1", "text": "eins"})
    session = make_session(saved)

    with pytest.raises(ToolFailed, match=r"The keyring is locked\. What is stored on this disk"):
        await session.ask("list_applications")
    found = await session.ask("search_messages")
    diagnosed = await session.ask("find_problems")
    assert [one["messageId"] for one in found["items"]] == ["1"]
    assert "is not searched for" in found["remarks"][0]
    assert [one["number"] for one in diagnosed["items"]] == ["IBC-1707"]


async def test_damaged_settings(saved: Connections, make_session: SessionMaker) -> None:
    """An error of the settings is a sentence, too."""

    class Damaged:
        async def load(self) -> Any:
            raise SettingsError("The settings cannot be read.")

    with pytest.raises(ToolFailed, match="cannot be read"):
        await make_session(Damaged()).ask("list_connections")
