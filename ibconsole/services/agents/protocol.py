"""The Model Context Protocol over lines of JSON. The only module that imports its library.

The library is the optional extra `mcp`. It speaks the protocol; lines are read and written by the
caller, so that an endless line or a reader that does not read holds nothing up.
"""

import logging
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import mcp_types as types
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server

from ibconsole import __version__
from ibconsole.services.agents.tools import (
    UNTRUSTED,
    WHY_READS_ONLY,
    AgentTool,
    ToolBox,
    ToolFailed,
)

log = logging.getLogger(__name__)

_INSTRUCTIONS = (
    "ibconsole shows the inbound setup of Infobip mobile push, why messages do not arrive, and the"
    f" messages that it has stored. {WHY_READS_ONLY} {UNTRUSTED} Application codes, installations"
    " and subscribers are pseudonyms, which stay the same until this server ends."
)

_Context = ServerRequestContext[Any]


class _AnswerStream:
    """The stream that the library writes lines of text to."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write

    async def write(self, text: str) -> None:
        """Pass on one line."""
        self._write(text.encode("utf-8", "backslashreplace"))

    async def flush(self) -> None:
        """Do nothing: each line is passed on at once."""


async def serve(
    tools: ToolBox, lines: AsyncIterator[str], write: Callable[[bytes], object]
) -> None:
    """Answer the requests in `lines` until they end; `write` gets each answer as one line."""

    async def list_tools(_: _Context, __: object) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(one) for one in tools.tools])

    async def call_tool(_: _Context, wanted: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            answer = await tools.call(wanted.name, wanted.arguments)
        except ToolFailed as error:
            return _result(str(error), failed=True)
        except Exception:
            log.exception("The tool %s failed", wanted.name)
            return _result(
                "ibconsole failed at this; nothing was changed. The cause is in its log, which this"
                " program writes to stderr.",
                failed=True,
            )
        return _result(answer.decode(), failed=False)

    server: Server[Any] = Server(
        "ibconsole",
        version=__version__,
        title="ibconsole",
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    streams = stdio_server(cast("Any", lines), cast("Any", _AnswerStream(write)))
    async with streams as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def _described(tool: AgentTool[Any]) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.schema,
        annotations=types.ToolAnnotations(
            read_only_hint=True,
            destructive_hint=False,
            idempotent_hint=True,
            open_world_hint=tool.asks_platform,
        ),
    )


def _result(text: str, *, failed: bool) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(text=text)], is_error=failed)
