"""The sandbox as an account of the console."""

import asyncio

from ibconsole.services.console.console import Console
from ibconsole.services.demo.sandbox import WAITING, forward_to, run_sandbox
from ibconsole.services.runtime.paths import Paths


async def test_sandbox_is_an_ordinary_account(paths: Paths) -> None:
    """The sandbox has waiting messages to pull, and forwards others to the listener."""
    async with run_sandbox(rate=0) as sandbox, Console(paths) as console:
        await console.connect(sandbox.account)
        url = await console.start_listener(host="127.0.0.1", port=0, path="/in")

        code = await forward_to(console.platform, url)
        sandbox.send_messages(1, application=code)
        async with asyncio.timeout(10):
            while not console.status.listener.received:
                await asyncio.sleep(0.005)

        assert (await console.pulls.pull(WAITING)).messages >= WAITING
        assert console.status.connection.environment == "sandbox"
