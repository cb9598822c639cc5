"""The demo: the console at work on a sandbox that runs in the same process.

The sandbox, the simulator with it, is loaded only here and for this.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ibconsole.services.console import Console, RemoteIntake
from ibconsole.services.demo.sandbox import Sandbox, forward_to, sandbox
from ibconsole.services.intake import DEFAULT_PORT, ListenerFailed
from ibconsole.services.request_log import requested_by
from ibconsole.services.runtime import Engine


class Demo:
    """A sandbox on the engine's loop; `forwarding` is the application that forwards here."""

    def __init__(self, engine: Engine, box: Sandbox) -> None:
        self._engine = engine
        self._box = box
        self.forwarding = ""

    async def play(self, console: Console, receiving: RemoteIntake) -> None:
        """Connect to the sandbox, listen, and let one of its applications forward to us."""
        await self._engine.call(console.connect, self._box.account)
        try:
            url = await receiving.start_listener(DEFAULT_PORT)
        except ListenerFailed:  # somebody else has the usual port
            url = await receiving.start_listener(0)
        with requested_by("The demo"):
            self.forwarding = await self._engine.call(lambda: forward_to(console.platform, url))

    async def arrive(self) -> None:
        """Let some messages arrive at the application that forwards."""

        async def arrive() -> None:
            self._box.arrive(4, application=self.forwarding)

        await self._engine.call(arrive)


@asynccontextmanager
async def demo(engine: Engine) -> AsyncIterator[Demo]:
    """A sandbox for as long as it is needed; the console that uses it must end before."""
    context = sandbox()
    box = await engine.call(context.__aenter__)
    try:
        yield Demo(engine, box)
    finally:
        await engine.call(context.__aexit__, None, None, None)
