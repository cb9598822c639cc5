"""The demo: a sandbox that forwards to the console in the same process."""

from pathlib import Path

from ibconsole.services.console.console import Console
from ibconsole.services.console.remote import RemoteIntake
from ibconsole.services.demo.demo import open_demo
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths


async def test_demo_starts(tmp_path: Path) -> None:
    """The demo connects the console to the sandbox, which forwards to the listener."""
    engine, console = Engine(), Console(Paths(tmp_path))
    engine.start()
    try:
        async with open_demo(engine) as demo:
            await engine.call(console.__aenter__)
            try:
                await demo.start(console, RemoteIntake(engine, console))
                assert console.status.connection.name == "Sandbox"
                assert console.status.connection.environment == "sandbox"
                listed = await engine.call(console.platform.applications)
                assert demo.forwarding_application in {one.code for one in listed}
                assert await engine.call(
                    lambda: _forwards_to_loopback(console, demo.forwarding_application)
                )
            finally:
                await engine.call(console.__aexit__)
    finally:
        engine.stop()


async def _forwards_to_loopback(console: Console, code: str) -> bool:
    [configuration] = await console.platform.configurations(code)
    actions = await console.platform.actions(code, configuration.key)
    return any((one.forward_url or "").startswith("http://127.0.0.1") for one in actions)
