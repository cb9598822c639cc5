from ibconsole.services.console.console import Console
from ibconsole.services.demo.sandbox import WAITING, forward_to, sandbox
from ibconsole.services.runtime.paths import Paths


async def test_the_sandbox_is_an_account_like_any_other(places: Paths) -> None:
    """Applications, waiting messages, and forwards that reach the listener."""
    async with sandbox(rate=0) as box, Console(places) as console:
        await console.connect(box.account)
        url = await console.start_listener(host="127.0.0.1", port=0, path="/in")

        code = await forward_to(console.platform, url)
        box.arrive(1, application=code)
        while not console.status.listener.received:
            await _a_moment()

        assert (await console.pull(WAITING)).messages >= WAITING
        assert console.status.connection.environment == "sandbox"


async def _a_moment() -> None:
    import asyncio  # noqa: PLC0415

    await asyncio.sleep(0.005)
