"""Composes the services below the window, in the order in which they are entered and left."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec

from ibconsole.services.audit import AsyncAudit
from ibconsole.services.connections import Connections
from ibconsole.services.console import Console, RemoteIntake
from ibconsole.services.messages import AsyncReader
from ibconsole.services.runtime import Engine
from ibconsole.services.team.reading import RecordReader
from ibconsole.wiring.process import Process


class Services(msgspec.Struct, frozen=True):
    """The services that presenters use.

    The console runs on the engine's loop; `intake` awaits its commands from the window's loop.
    `reader` reads this disk's archive, `record` that of the open connection's team in its place.
    """

    engine: Engine
    console: Console
    intake: RemoteIntake
    reader: AsyncReader
    record: RecordReader
    audit: AsyncAudit


async def enter_services(stack: AsyncExitStack, process: Process) -> Services:
    """Enter a console and its reader; the stack leaves the reader before the console."""
    engine, paths, protection = process.engine, process.paths, process.protection
    console = Console(
        paths,
        redactor=process.redactor,
        protection=protection,
        settles_leases=True,
        recorded=process.case,
    )
    await stack.enter_async_context(_console_on_engine(engine, console))
    reader = await stack.enter_async_context(AsyncReader(paths.archive, protection.policy))
    record = await stack.enter_async_context(RecordReader(reader, protection.policy))
    audit = AsyncAudit(paths.archive)
    stack.push_async_callback(audit.close)
    return Services(engine, console, RemoteIntake(engine, console), reader, record, audit)


async def share_saved(services: Services, connections: Connections) -> None:
    """Ship to their teams, in the background, what is stored of the saved connections."""

    async def work() -> None:
        services.console.sharing.start_sharing(connections)

    await services.engine.call(work)


@asynccontextmanager
async def _console_on_engine(engine: Engine, console: Console) -> AsyncIterator[None]:
    """Enter and leave the console on the engine's loop."""
    await engine.call(console.__aenter__)
    try:
        yield
    finally:
        await engine.call(console.__aexit__)
