"""`ibconsole mcp`, as the protocol's own client uses it."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters, stdio_client

from ibconsole.archive.archive import Archive
from ibconsole.http1.message import Request, Response
from ibconsole.http1.server import Server
from ibconsole.secret import Secret
from ibconsole.services import agents
from ibconsole.services.connections.account import account_of
from ibconsole.services.runtime.paths import Paths
from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.simulator.simulator import Simulator
from tests.unit.archive.deliveries import batch, pull
from tests.unit.cli.conftest import Command

CODE = "233623e3c860b49ec69a464834343481-8bj4el4a-256d-23fd-56ad-b5bc3d568b53"
HARMLESS = "/push/1/applications"


class ReadsOnly:
    """A simulated platform that fails on any request but the harmless GETs, and keeps those."""

    def __init__(self) -> None:
        self.platform = Simulator(SimulatorSettings(messages=3, rate_limited=False))
        self.answered: list[str] = []
        self.failed: list[str] = []

    async def __call__(self, request: Request) -> Response:
        harmless = request.method == "GET" and request.path.startswith(HARMLESS)
        (self.answered if harmless else self.failed).append(f"{request.method} {request.path}")
        return await self.platform(request) if harmless else Response(status=500)


@asynccontextmanager
async def connected(data: Path, url: str, key: str, *options: str) -> AsyncIterator[Client]:
    """Start the command as an agent's program does, and connect the protocol's client to it."""
    started = StdioServerParameters(
        command=sys.executable,
        args=["-m", "ibconsole", "mcp", "--base-url", url, "--data-dir", str(data), *options],
        env={**os.environ, "IBCONSOLE_API_KEY": key},
    )
    with open(os.devnull, "w") as discarded:  # noqa: ASYNC230, PTH123 it is not a file
        async with Client(stdio_client(started, discarded)) as client:
            yield client


async def ask_everything(client: Client) -> dict[str, str]:
    """Call each tool with what the answers before have shown; return the answers by tool."""
    answers: dict[str, str] = {}

    async def ask(tool: str, **arguments: object) -> Any:
        answer = await client.call_tool(tool, arguments)
        text: str = getattr(answer.content[0], "text", "")
        assert not answer.is_error, text
        answers[tool] = text
        return json.loads(text)

    await ask("list_connections")
    first = (await ask("list_applications"))["items"][0]
    await ask("show_setup", application=first["application"])
    number = (await ask("find_problems"))["items"][0]["number"]
    await ask("explain_finding", number=number)
    found = (await ask("search_messages", limit=2))["items"]
    await ask("show_message", id=found[0]["id"])
    await ask("show_timeline", application=found[0]["applicationCode"])
    return answers


@pytest.mark.usefixtures("unmeasured_children")
async def test_every_tool(tmp_path: Path) -> None:
    """Each tool answers over real pipes, bounded and without secrets, and sends harmless GETs."""
    platform, data = ReadsOnly(), tmp_path / "data"
    key = platform.platform.api_key
    async with Server(platform, host="127.0.0.1", port=0) as server:
        own = account_of(server.url, Secret(key)).connection
        with Archive(Paths(data).archive) as archive:
            messages = (
                {"messageId": str(at), "applicationCode": CODE, "text": f"a {key}"}
                for at in range(30)
            )
            pull(archive, batch(*messages), connection=own)
        async with connected(data, server.url, key, "--texts", "kept") as client:
            listed = (await client.list_tools()).tools
            answers = await ask_everything(client)
            refused = await client.call_tool("pull", {})

    assert [one.name for one in listed] == list(answers)
    assert all(one.annotations and one.annotations.read_only_hint for one in listed)
    assert refused.is_error
    assert max(map(len, answers.values())) < 64 << 10
    assert not [one for one in answers.values() if key in one or CODE in one]
    assert json.loads(answers["search_messages"])["items"][0]["text"] == "a ••••"
    assert platform.failed == []
    assert f"GET {HARMLESS}" in platform.answered
    assert platform.platform.state.counters["pulls"] == 0


def test_wrong_use(ibconsole: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, or with an unknown account, one sentence says what to do."""
    unknown = ibconsole("mcp", "--connection", "Nothing")
    twice = ibconsole("mcp", "--connection", "A", "--base-url", "https://a.example")
    monkeypatch.delattr(agents, "serve", raising=False)
    monkeypatch.delitem(sys.modules, "ibconsole.services.agents.protocol", raising=False)
    monkeypatch.setitem(sys.modules, "mcp_types", None)
    missing = ibconsole("mcp")

    assert (unknown.code, twice.code, missing.code) == (1, 2, 1)
    assert "no connection called Nothing" in unknown.err
    assert "Name the account once" in twice.err
    assert missing.err.count("\n") == 1
    assert "pip install 'ibconsole[mcp]'" in missing.err
    assert [unknown.out, twice.out, missing.out] == ["", "", ""]


def test_the_end_of_stdin(
    ibconsole: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The command ends when stdin does, without a word on stdout, whatever was in it."""
    requests = tmp_path / "requests"
    requests.write_bytes(b"rubbish\n\xff\xfe\n" + b"x" * (3 << 20) + b"\n{}\n")
    with requests.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        done = ibconsole("mcp")

    assert (done.code, done.out) == (0, "")


@pytest.mark.usefixtures("unmeasured_children")
def test_a_signal(tmp_path: Path) -> None:
    """A signal ends the command at once and in order, though stdin stays open."""
    command = [sys.executable, "-m", "ibconsole", "mcp", "--data-dir", str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
        process.stdin.flush()
        answer = process.stdout.readline()
        process.terminate()
        _, errors = process.communicate(timeout=20)

    assert b'"id":1' in answer
    assert (process.returncode, errors) == (130, b"")
