"""The Model Context Protocol over lines of JSON."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ibconsole.services.agents.protocol import serve
from ibconsole.services.agents.redacting import AgentRedaction
from ibconsole.services.agents.tools import AgentTool, NoArguments, ToolBox
from ibconsole.services.evidence.redaction.known_secrets import KnownSecrets


async def test_a_session(caplog: pytest.LogCaptureFixture) -> None:
    """Rubbish ends no session; a bug in a tool is logged, and answered without its cause."""

    async def gather() -> KnownSecrets:
        return KnownSecrets()

    async def fail(*_: object) -> dict[str, Any]:
        raise RuntimeError("a cause with an inner secret")

    async def work(*_: object) -> dict[str, Any]:
        return {"one": 1}

    tools = [
        AgentTool(name=name, title=name, description="", arguments=NoArguments, run=run)
        for name, run in (("fail", fail), ("work", work))
    ]
    hello = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    requests: list[Any] = [
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/list"},
        *({"id": at, "method": "tools/call", "params": {"name": name, "arguments": {}}}
          for at, name in ((3, "fail"), (4, "work"), (5, "pull"))),
    ]  # fmt: skip
    written: list[dict[str, Any]] = []

    async def lines() -> AsyncIterator[str]:
        yield "(a line that is too long)\n"
        for one in requests:
            yield json.dumps({"jsonrpc": "2.0", **one}) + "\n"
            while "id" in one and one["id"] not in [answer.get("id") for answer in written]:
                await asyncio.sleep(0.001)

    def write(line: bytes) -> None:
        written.append(json.loads(line))

    await serve(ToolBox(tools, AgentRedaction(gather)), lines(), write)

    by_id = {one.get("id"): one.get("result", one) for one in written}
    assert "Never call it by other means" in by_id[1]["instructions"]
    assert by_id[2]["tools"][1]["annotations"]["readOnlyHint"] is True
    assert by_id[3]["isError"]
    assert "inner secret" not in json.dumps(written)
    assert "inner secret" in caplog.text
    assert json.loads(by_id[4]["content"][0]["text"]) == {"one": 1}
    assert by_id[5]["content"][0]["text"].startswith("There is no such tool.")
