"""The demo: the console connected to a sandbox that runs in the same process.

The sandbox, and the simulator with it, is loaded for the demo only.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ibconsole.services.console import Console, RemoteIntake
from ibconsole.services.demo.sandbox import Sandbox, forward_to, run_sandbox
from ibconsole.services.intake import DEFAULT_PORT, ListenerFailed
from ibconsole.services.request_log import request_purpose
from ibconsole.services.runtime import Engine


class Demo:
    """A sandbox on the engine's loop, called from another loop.

    `forwarding_application` is the code of the application that forwards to the listener,
    empty until `start` has found one.
    """

    def __init__(self, engine: Engine, sandbox: Sandbox) -> None:
        self._engine = engine
        self._sandbox = sandbox
        self.forwarding_application = ""

    async def connect(self, console: Console) -> None:
        """Connect another console to the sandbox."""
        await self._engine.call(console.connect, self._sandbox.account)

    async def start(self, console: Console, intake: RemoteIntake) -> None:
        """Connect to the sandbox, start the listener, and make one application forward to it."""
        await self.connect(console)
        try:
            url = await intake.start_listener(DEFAULT_PORT)
        except ListenerFailed:  # another process uses the default port
            url = await intake.start_listener(0)
        with request_purpose("The demo"):
            self.forwarding_application = await self._engine.call(
                lambda: forward_to(console.platform, url)
            )

    async def send_messages(self) -> None:
        """Generate four messages for the application that forwards."""

        async def send() -> None:
            self._sandbox.send_messages(4, application=self.forwarding_application)

        await self._engine.call(send)


@asynccontextmanager
async def open_demo(engine: Engine) -> AsyncIterator[Demo]:
    """Run a sandbox on the engine's loop; the console that uses it must be closed first."""
    context = run_sandbox()
    sandbox = await engine.call(context.__aenter__)
    try:
        yield Demo(engine, sandbox)
    finally:
        await engine.call(context.__aexit__, None, None, None)
