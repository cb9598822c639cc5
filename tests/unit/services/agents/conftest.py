"""A session of an agent in this process: saved connections, an archive, and the tools."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ibconsole.api.gate import admit_reads
from ibconsole.api.platform import Platform
from ibconsole.archive.archive import Archive
from ibconsole.secret import Secret
from ibconsole.services.agents.access import OfferedConnections
from ibconsole.services.agents.case_tools import CaseTools
from ibconsole.services.agents.finding_tools import DiagnosisSources, FindingTools
from ibconsole.services.agents.record_tools import RecordTools
from ibconsole.services.agents.records import AgentRecords
from ibconsole.services.agents.redacting import AgentRedaction
from ibconsole.services.agents.setup_tools import SetupTools
from ibconsole.services.agents.tools import ToolBox
from ibconsole.services.connections.account import Account, client_of
from ibconsole.services.connections.connection import Connection
from ibconsole.services.connections.settings import SettingsFile
from ibconsole.services.connections.store import Connections
from ibconsole.services.connections.vault import Vault
from ibconsole.services.diagnosis.collecting import Surroundings
from ibconsole.services.evidence.redaction.rules import RedactionRules
from ibconsole.services.intake.forward_paths import ForwardPaths
from ibconsole.services.runtime.paths import Paths
from ibconsole.simulator.running import RunningSimulator
from tests.unit.archive.deliveries import batch, pull

SessionMaker = Callable[..., "Session"]


class Session:
    """The tools of one session, called as an agent calls them."""

    def __init__(self, box: ToolBox) -> None:
        self.box = box

    async def ask(self, tool: str, /, **arguments: Any) -> Any:
        """Return the answer of a tool."""
        return json.loads(await self.box.call(tool, arguments))


@pytest.fixture
async def saved(paths: Paths, running: RunningSimulator) -> Connections:
    """The connections Acme and Other, whose keys are held for this session."""
    vault, paths_file = Vault(backends=()), ForwardPaths(paths.listener)
    connections = Connections(SettingsFile(paths.settings), vault, paths_file)
    for name in ("Acme", "Other"):
        connection = Connection(id="", name=name, base_url=running.base_url)
        await connections.add(connection, Secret(running.api_key), for_session=True)
    return connections


@pytest.fixture
def make_session(paths: Paths) -> Iterator[SessionMaker]:
    """Make sessions on saved connections, with the choices of the user of the server."""
    opened: list[AgentRecords] = []

    @asynccontextmanager
    async def open_platform(account: Account) -> AsyncIterator[Platform]:
        async with client_of(account, admit_reads) as client:
            yield Platform(client)

    async def surroundings() -> tuple[Surroundings, tuple[()]]:
        return Surroundings(paths.archive, lambda _: None), ()

    def make(
        saved: Any, *, only: str = "", rules: RedactionRules | None = None, patience: float = 30.0
    ) -> Session:
        offered = OfferedConnections(saved, only=only)
        records = AgentRecords(offered, paths.data, lambda _: None, patience=patience)
        opened.append(records)

        async def gather() -> Any:
            return await offered.gather_secrets([])

        redaction = AgentRedaction(gather, rules or RedactionRules())
        sources = DiagnosisSources(surroundings=surroundings, gate_of=lambda _: admit_reads)
        setup = SetupTools(offered, open_platform, redaction)
        findings = FindingTools(offered, sources, redaction)
        received = RecordTools(offered, records, redaction)
        cases = CaseTools(paths.data, offered, records)
        tools = [*setup.tools, *findings.tools, *received.tools, *cases.tools]
        return Session(ToolBox(tools, redaction))

    yield make
    for one in opened:
        one.close()


def store(path: Path, connection: str, *messages: dict[str, Any]) -> None:
    """Store messages as a pull of a connection."""
    with Archive(path) as archive:
        pull(archive, batch(*messages), connection=connection)
