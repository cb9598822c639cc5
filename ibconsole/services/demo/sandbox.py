"""The sandbox: the simulated platform as an account, with messages arriving.

It uses no keyring, and no network beyond loopback.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from msgspec.structs import replace

from ibconsole.api import Platform
from ibconsole.model import ActionDraft, ActionType
from ibconsole.secret import Secret
from ibconsole.services.connections import Account, Environment, account_of
from ibconsole.simulator import RunningSimulator, SimulatorSettings, simulate

WAITING = 40  # messages to be pulled at the start
RATE = 0.4  # messages per second


class Sandbox(msgspec.Struct, frozen=True):
    """A running simulator and the account for it."""

    account: Account
    _running: RunningSimulator

    def send_messages(self, count: int, *, application: str | None = None) -> None:
        """Generate messages now, for the application with this code or for any."""
        self._running.simulator.generate_messages(count, application=application)


@asynccontextmanager
async def run_sandbox(*, rate: float = RATE) -> AsyncIterator[Sandbox]:
    """Run a sandbox on this loop, with applications, waiting messages and new ones.

    `rate` is in messages per second.
    """
    async with simulate(SimulatorSettings(messages=WAITING, rate=rate)) as running:
        account = account_of(
            running.base_url,
            Secret(running.api_key),
            name="Sandbox",
            environment=Environment.SANDBOX,
        )
        yield Sandbox(replace(account, is_simulated=True), running)


async def forward_to(platform: Platform, url: str) -> str:
    """Make the first application that forwards do so to this URL; return its code.

    Replaces its forward, whose generated URL leads nowhere. Returns an empty string if no
    application forwards. Raises ApiError.
    """
    for application in await platform.applications():
        for configuration in await platform.configurations(application.code):
            for action in await platform.actions(application.code, configuration.key):
                if action.type != ActionType.HTTP_FORWARD:
                    continue
                draft = ActionDraft(
                    type=ActionType.HTTP_FORWARD,
                    forward_url=url,
                    callback_data=action.callback_data,
                )
                await platform.create_action(application.code, configuration.key, draft)
                await platform.delete_action(application.code, configuration.key, action.key)
                return application.code
    return ""
