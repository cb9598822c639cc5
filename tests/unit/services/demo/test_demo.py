"""The demo: a sandbox that forwards to the console beside it."""

from pathlib import Path

from ibconsole.services.console.console import Console
from ibconsole.services.console.remote import RemoteIntake
from ibconsole.services.demo.demo import demo
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths


async def test_the_demo_plays(tmp_path: Path) -> None:
    """The console is connected to the sandbox, and what arrives there is forwarded here."""
    engine, console = Engine(), Console(Paths(tmp_path))
    engine.start()
    try:
        async with demo(engine) as played:
            await engine.call(console.__aenter__)
            try:
                receiving = RemoteIntake(engine, console)
                await played.play(console, receiving)
                assert console.status.connection.name == "Sandbox"
                assert console.status.connection.environment == "sandbox"
                listed = await engine.call(console.platform.applications)
                assert played.forwarding in {one.code for one in listed}
                assert await engine.call(lambda: _forwards_here(console, played.forwarding))
            finally:
                await engine.call(console.__aexit__)
    finally:
        engine.stop()


async def _forwards_here(console: Console, code: str) -> bool:
    [configuration] = await console.platform.configurations(code)
    actions = await console.platform.actions(code, configuration.key)
    return any((one.forward_url or "").startswith("http://127.0.0.1") for one in actions)
