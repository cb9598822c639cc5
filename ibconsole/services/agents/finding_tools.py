"""Tools about findings: a diagnosis that posts nothing, and explanations of its numbers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from ibconsole.api import Gate
from ibconsole.errors import UserError
from ibconsole.services.agents.access import OfferedConnection, OfferedConnections
from ibconsole.services.agents.bounds import page_of
from ibconsole.services.agents.redacting import AgentRedaction, AnswerRedaction
from ibconsole.services.agents.tools import (
    AgentTool,
    ApplicationName,
    ConnectionName,
    Limit,
    Offset,
    ToolArguments,
)
from ibconsole.services.connections import Account, Mute
from ibconsole.services.diagnosis import (
    AccountToDiagnose,
    Diagnosed,
    DiagnosisOptions,
    Finding,
    Look,
    Report,
    Surroundings,
    diagnose_account,
    find_definition,
    to_connection,
)
from ibconsole.services.diagnosis import (
    page_of as explanation_of,
)
from ibconsole.services.runtime import ConnectionStatus

_PATIENCE = 300.0  # seconds
_LEFT_OUT = ("why", "refutedBy", "command", "id")  # explain_finding has them, or only the window

ReadSurroundings = Callable[[], Awaitable[tuple[Surroundings, Sequence[Mute]]]]


class DiagnosisTooLong(UserError):
    """A diagnosis takes longer than an agent waits."""


class DiagnosisSources(msgspec.Struct, frozen=True, kw_only=True):
    """The needs of a diagnosis: this computer, the gate of an account, and a look at endpoints.

    Without a `look` the hosts of forward URLs are left alone. It must not post.
    """

    surroundings: ReadSurroundings
    gate_of: Callable[[Account], Gate]
    look: Look | None = None


class _FindingPage(ToolArguments, frozen=True):
    connection: ConnectionName = ""
    application: ApplicationName = ""
    offset: Offset = 0
    limit: Limit = 20


class _Explanation(ToolArguments, frozen=True):
    number: str


class FindingTools:
    """Finds out why nothing arrives, without posting anything."""

    def __init__(
        self,
        offered: OfferedConnections,
        sources: DiagnosisSources,
        redaction: AgentRedaction,
        *,
        patience: float = _PATIENCE,
    ) -> None:
        self._offered = offered
        self._sources = sources
        self._redaction = redaction
        self._patience = patience

    @property
    def tools(self) -> list[AgentTool[Any]]:
        """The tools of this subject."""
        looks = (
            " connects to the hosts of forward URLs without a request,"
            if self._sources.look
            else " leaves the hosts of forward URLs alone,"
        )
        return [
            AgentTool(
                name="find_problems",
                title="Find out why nothing arrives",
                description=(
                    "Diagnose a connection, or one application of it: numbered findings with their"
                    " evidence and remedy, the worst first. Reads the setup with GETs,"
                    + looks
                    + " and"
                    " reads what is stored. Nothing is posted, and no forward test is made. Of a"
                    " large account it takes minutes: name an application where you can."
                ),
                arguments=_FindingPage,
                run=self._find_problems,
                asks_platform=True,
            ),
            AgentTool(
                name="explain_finding",
                title="Explain a finding",
                description="Explain the number of a finding, such as IBC-1002: why, what would"
                " refute it, and the remedy. Nothing is requested.",
                arguments=_Explanation,
                run=self._explain,
            ),
        ]

    async def _find_problems(
        self, wanted: _FindingPage, redaction: AnswerRedaction
    ) -> dict[str, Any]:
        connection = await self._offered.find(wanted.connection)
        application = self._redaction.meaning_of(wanted.application)
        surroundings, mutes = await self._sources.surroundings()
        options = DiagnosisOptions(
            gate_of=self._sources.gate_of,
            application=application,
            look=self._sources.look,
            mutes=mutes,
        )
        target = await self._target(connection)
        try:
            async with asyncio.timeout(self._patience):
                found = await diagnose_account(target, surroundings, options)
        except TimeoutError:
            raise DiagnosisTooLong(
                f"The diagnosis took longer than {self._patience:.0f} s and was given up: name one"
                " application."
            ) from None
        return _shown(found, redaction, wanted)

    async def _target(self, connection: OfferedConnection) -> AccountToDiagnose:
        """Return the account, or why its credential cannot be used, which is a finding as well."""
        try:
            account = await self._offered.load_account(connection)
        except UserError as error:
            status = ConnectionStatus(
                name=connection.name,
                base_url=connection.base_url,
                environment=connection.environment,
                id=connection.id,
            )
            return AccountToDiagnose(status, problem=error)
        return AccountToDiagnose(to_connection(account), account)

    async def _explain(self, wanted: _Explanation, _: AnswerRedaction) -> dict[str, Any]:
        try:
            definition = find_definition(wanted.number)
        except LookupError:
            raise UserError("There is no such finding: numbers look like IBC-1001.") from None
        return {"number": definition.name, "markdown": explanation_of(definition)}


def _shown(found: Diagnosed, redaction: AnswerRedaction, wanted: _FindingPage) -> dict[str, Any]:
    diagnosis = found.diagnosis
    for facts in found.facts.applications or ():
        redaction.application(facts.application.code)
    findings = diagnosis.findings.shown
    documents: Any = Report([diagnosis]).as_json()["accounts"]
    described = documents[0]["findings"]

    def show(pair: tuple[Finding, dict[str, Any]]) -> dict[str, Any]:
        finding, document = pair
        shown = {name: one for name, one in document.items() if name not in _LEFT_OUT}
        if code := finding.subject.application:
            shown["subject"] = {**shown["subject"], "application": redaction.application(code)}
        return redaction.row(shown)

    page = page_of(
        list(zip(findings, described, strict=True)), show, offset=wanted.offset, limit=wanted.limit
    )
    return {
        "connection": diagnosis.name,
        "applicationsExamined": diagnosis.applications,
        "worst": diagnosis.worst,
        "muted": len(diagnosis.findings.muted),
        **page,
    }
