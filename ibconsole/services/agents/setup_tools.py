"""Tools about connections and the setup of their applications, as the platform answers now."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from ibconsole.api import Platform
from ibconsole.model import Application
from ibconsole.services.agents.access import OfferedConnection, OfferedConnections
from ibconsole.services.agents.bounds import LARGEST, bounded, page_of
from ibconsole.services.agents.redacting import AgentRedaction, AnswerRedaction
from ibconsole.services.agents.tools import (
    WHY_READS_ONLY,
    AgentTool,
    ApplicationName,
    ConnectionName,
    Limit,
    NoArguments,
    Offset,
    ToolArguments,
)
from ibconsole.services.connections import Account
from ibconsole.services.diagnosis import find_application
from ibconsole.services.setup import read_route

OpenPlatform = Callable[[Account], AbstractAsyncContextManager[Platform]]


class _ApplicationPage(ToolArguments, frozen=True):
    connection: ConnectionName = ""
    offset: Offset = 0
    limit: Limit = 50


class _OneApplication(ToolArguments, frozen=True):
    application: ApplicationName
    connection: ConnectionName = ""
    offset: Offset = 0
    limit: Limit = 50


class SetupTools:
    """Reads connections, applications and routes."""

    def __init__(
        self,
        offered: OfferedConnections,
        open_platform: OpenPlatform,
        redaction: AgentRedaction,
    ) -> None:
        self._offered = offered
        self._open_platform = open_platform
        self._redaction = redaction

    @property
    def tools(self) -> list[AgentTool[Any]]:
        """The tools of this subject."""
        return [
            AgentTool(
                name="list_connections",
                title="List connections",
                description=(
                    "List the connections (accounts of Infobip mobile push) that are saved in"
                    f" ibconsole. Nothing is requested. {WHY_READS_ONLY}"
                ),
                arguments=NoArguments,
                run=self._list_connections,
            ),
            AgentTool(
                name="list_applications",
                title="List applications",
                description=(
                    "List the applications of a connection: name, id, pseudonym, registrations,"
                    " and whether APNs and FCM are enabled. Sends one GET to the platform."
                ),
                arguments=_ApplicationPage,
                run=self._list_applications,
                asks_platform=True,
            ),
            AgentTool(
                name="show_setup",
                title="Show the inbound setup of an application",
                description=(
                    "Show the configurations of an application and their actions, which say what"
                    " becomes of inbound messages: HTTP_FORWARD to a URL, or PULL. Secrets in URLs"
                    " and callback data are masked. Sends GETs to the platform. No tool creates,"
                    " replaces or deletes anything of it."
                ),
                arguments=_OneApplication,
                run=self._show_setup,
                asks_platform=True,
            ),
        ]

    async def _list_connections(self, _: NoArguments, __: AnswerRedaction) -> dict[str, Any]:
        def show(one: OfferedConnection) -> dict[str, Any]:
            return {
                "id": one.id,
                "name": one.name,
                "baseUrl": one.base_url,
                "environment": one.environment,
                "messages": "of a team" if one.has_team else "of this computer",
            }

        return page_of(await self._offered.list_all(), show, offset=0, limit=LARGEST)

    async def _list_applications(
        self, wanted: _ApplicationPage, redaction: AnswerRedaction
    ) -> dict[str, Any]:
        connection = await self._offered.find(wanted.connection)
        async with self._open_platform(await self._offered.load_account(connection)) as platform:
            found = await platform.applications()
        for one in found:
            redaction.application(one.code)
        page = page_of(
            found,
            lambda one: _shown(one, redaction),
            offset=wanted.offset,
            limit=wanted.limit,
        )
        return {"connection": connection.name, **page}

    async def _show_setup(
        self, wanted: _OneApplication, redaction: AnswerRedaction
    ) -> dict[str, Any]:
        connection = await self._offered.find(wanted.connection)
        async with self._open_platform(await self._offered.load_account(connection)) as platform:
            listed = await platform.applications()
            for one in listed:
                redaction.application(one.code)
            found = find_application(listed, self._redaction.meaning_of(wanted.application))
            route = await read_route(platform, found.code)
        actions = [
            {"configuration": configuration.key, **action.raw}
            for configuration in route.configurations
            for action in configuration.actions
        ]
        page = page_of(actions, redaction.row, offset=wanted.offset, limit=wanted.limit)
        return {
            "connection": connection.name,
            "application": bounded(_shown(found, redaction), LARGEST // 4),
            "configurations": [one.key for one in route.configurations],
            "actions": page.pop("items"),
            **page,
        }


def _shown(application: Application, redaction: AnswerRedaction) -> dict[str, Any]:
    return {
        "application": redaction.application(application.code),
        **redaction.value(
            {
                "id": application.id,
                "name": application.name,
                "description": application.description,
                "registrations": application.registrations,
                "apns": application.apns,
                "fcm": application.gcm,
            }
        ),
    }
