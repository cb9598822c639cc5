"""The sandbox: the simulated platform as an account, with messages arriving.

Touches no keyring and no network beyond loopback.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ibconsole.api import Platform
from ibconsole.model import ActionDraft, ActionType
from ibconsole.secret import Secret
from ibconsole.services.connections import Account, account_of
from ibconsole.simulator import RunningSimulator, SimulatorSettings, simulate

WAITING = 40
RATE = 0.4


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running simulator and the account that it knows."""

    account: Account
    _running: RunningSimulator

    def arrive(self, count: int, *, application: str | None = None) -> None:
        """Let messages arrive now, for one application or for any."""
        self._running.simulator.generate_messages(count, application=application)


@asynccontextmanager
async def sandbox(*, rate: float = RATE) -> AsyncIterator[Sandbox]:
    """Run the sandbox on this loop: named applications, some waiting messages, more arriving."""
    async with simulate(SimulatorSettings(messages=WAITING, rate=rate)) as running:
        account = account_of(
            running.base_url, Secret(running.api_key), name="Sandbox", environment="sandbox"
        )
        yield Sandbox(account, running)


async def forward_to(platform: Platform, url: str) -> str:
    """Let the first application that forwards do so to this URL; its code.

    Replaces what it forwarded to: in the sandbox nobody listens there. Empty if no
    application forwards.
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
