"""`ibconsole mcp`: what ibconsole knows, for an agent, over stdin and stdout; reads only."""

import os
import queue
import sys
import threading
from contextlib import closing, redirect_stdout, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self

import click

from ibconsole.cli import (
    GlobalOptions,
    account_options,
    gate_of,
    open_platform,
    out,
    read_surroundings,
    require_account,
    run,
    saved_connections,
    unsaved_account,
)
from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule

if TYPE_CHECKING:
    import asyncio

    from ibconsole.services.agents import AgentRecords, OfferedConnections, ToolBox
else:
    asyncio = LazyModule("asyncio")

_PIECE = 64 << 10  # bytes
_LONGEST_LINE = 1 << 20  # bytes; a request has some hundred
_KEYRING_PATIENCE = 20.0  # seconds: agents give up a call after about a minute
_CHOICES = click.Choice(["kept", "masked", "removed"])


class ProtocolNotInstalled(UserError):
    """The library of the Model Context Protocol is missing."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """The choices of the user of the server, which no agent can change."""

    texts: str
    payloads: str
    probes: bool


@click.command()
@click.option(
    "--texts",
    type=_CHOICES,
    default="masked",
    show_default=True,
    help="What becomes of the texts and keywords of messages.",
)
@click.option(
    "--payloads",
    type=_CHOICES,
    default="masked",
    show_default=True,
    help="What becomes of custom payloads and callback data.",
)
@click.option("--no-probes", is_flag=True, help="Never connect to the hosts of the forward URLs.")
@account_options
@click.pass_obj
def mcp(options: GlobalOptions, texts: str, payloads: str, no_probes: bool) -> None:
    """Serve an agent over stdin and stdout, in the Model Context Protocol; it can only read.

    An agent gets the setup, findings, messages and the timeline of all saved connections, or of
    the one that is named. Secrets are never in it, and codes are pseudonyms. There is no tool that
    pulls or changes anything. A program starts this command, not a person; see docs/agents.md.
    """
    options.read_only = True
    try:
        from ibconsole.services.agents import serve  # noqa: F401 whether it is installed
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"mcp", "mcp_types"}:
            raise
        raise ProtocolNotInstalled(
            "The Model Context Protocol is not installed here, and not in the packages: install"
            " ibconsole with its extra, pip install 'ibconsole[mcp]'."
        ) from None
    if sys.stdin.isatty():
        out.write_notice("A program that uses agents starts this command; Ctrl+C ends it.")

    run(_serve(options, _Shown(texts, payloads, not no_probes)))


async def _serve(options: GlobalOptions, shown: _Shown) -> None:
    from ibconsole.services.agents import AgentRecords, serve

    offered = await _offered(options)
    records = AgentRecords(offered, options.data_dir, out.write_notice)
    # What a library prints by mistake must not get between the answers.
    with closing(records), redirect_stdout(sys.stderr):
        await serve(_tools(options, shown, offered, records), _Lines(), out.write_bytes)


async def _offered(options: GlobalOptions) -> "OfferedConnections":
    """Return all saved connections, or the one that is named. Raises NoSuchConnection."""
    from ibconsole.services.agents import OfferedConnections

    saved = saved_connections(options, patience=_KEYRING_PATIENCE)
    if not (options.base_url or options.connection):
        return OfferedConnections(saved)
    require_account(options)
    if options.base_url:
        return OfferedConnections(saved, unsaved=unsaved_account(options))
    return OfferedConnections(saved, only=(await saved.find(options.connection)).id)


def _tools(
    options: GlobalOptions,
    shown: _Shown,
    offered: "OfferedConnections",
    records: "AgentRecords",
) -> "ToolBox":
    from ibconsole.services.agents import (
        AgentRedaction,
        CaseTools,
        DiagnosisSources,
        FindingTools,
        RecordTools,
        SetupTools,
        ToolBox,
    )
    from ibconsole.services.diagnosis import probe
    from ibconsole.services.evidence.redaction import KnownSecrets, RedactionRules, TextChoice
    from ibconsole.services.intake import ForwardPaths
    from ibconsole.services.runtime import find_paths

    directory = find_paths(options.data_dir)
    paths = ForwardPaths(directory.listener)

    async def gather() -> KnownSecrets:
        return await offered.gather_secrets([*await asyncio.to_thread(paths.all_paths)])

    texts, payloads = TextChoice(shown.texts), TextChoice(shown.payloads)
    redaction = AgentRedaction(gather, RedactionRules(texts=texts, payloads=payloads))
    sources = DiagnosisSources(
        surroundings=partial(read_surroundings, options, local=False),
        gate_of=partial(gate_of, options),
        look=probe if shown.probes else None,
    )
    setup = SetupTools(offered, partial(open_platform, options), redaction)
    findings = FindingTools(offered, sources, redaction)
    received = RecordTools(offered, records, redaction)
    cases = CaseTools(directory.data, offered, records)
    return ToolBox(
        [*setup.tools, *findings.tools, *received.tools, *cases.tools],
        redaction,
    )


class _Lines:
    """The lines of stdin, read by a thread that never delays the end of the program.

    A line is read when it is awaited. One that is too long is given as one that is no JSON.
    """

    def __init__(self) -> None:
        self._wanted = queue.SimpleQueue[asyncio.Future[str]]()
        self._loop = asyncio.get_running_loop()
        self._kept = b""
        threading.Thread(target=self._read, name="stdin", daemon=True).start()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        line: asyncio.Future[str] = self._loop.create_future()
        self._wanted.put(line)
        if text := await line:
            return text
        raise StopAsyncIteration

    def _read(self) -> None:
        while True:
            line = self._wanted.get()
            text = self._next_line().decode("utf-8", "replace")
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(_give, line, text)

    def _next_line(self) -> bytes:
        """Return the next line of stdin; empty at its end, and if it cannot be read."""
        while (end := self._kept.find(b"\n") + 1) == 0:
            try:
                # Not through its buffer, whose lock would break the end of the program.
                data = os.read(sys.stdin.fileno(), _PIECE)
            except (OSError, ValueError):
                data = b""
            if not data:
                end = len(self._kept)
                break
            if len(self._kept) > _LONGEST_LINE:
                self._kept = b"(a line that is too long) "
            self._kept += data
        line, self._kept = self._kept[:end], self._kept[end:]
        return line


def _give(line: "asyncio.Future[str]", text: str) -> None:
    if not line.done():
        line.set_result(text)
