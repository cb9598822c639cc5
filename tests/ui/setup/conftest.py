"""A setup whose answers the test releases, and the presenter on it."""

import asyncio

import pytest

from ibconsole.model.application import Action, Application, Configuration, read_application
from ibconsole.services.connections.connection import Environment
from ibconsole.services.runtime.status import ConnectionStatus, Status
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.presenter import SetupPresenter
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.conftest import SANDBOX

PRODUCTION = ConnectionStatus(
    "Bank live", "https://x.api.infobip.com", "abcd…", Environment.PRODUCTION
)


class GatedSetup:
    """A setup of the applications a and b that answers once the test opens the gate."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.gates: dict[str, asyncio.Event] = {code: asyncio.Event() for code in "ab"}

    async def applications(self) -> list[Application]:
        if self.failure:
            raise self.failure
        return [read_application({"applicationCode": code, "name": code}) for code in "ab"]

    async def application(self, code: str, *, by_id: bool = False) -> Application:
        await self.gates["a"].wait()
        return read_application({"applicationCode": code, "name": code})

    async def configurations(self, code: str) -> list[Configuration]:
        await self.gates[code].wait()
        if self.failure:
            raise self.failure
        keys = [code, f"{code}2"] if code == "b" else [code]
        return [Configuration(key=key, raw={}) for key in keys]

    async def actions(self, code: str, key: str) -> list[Action]:
        return [
            Action(key=key, type="MAIL", forward_url="", callback_data="", raw={}, oddities=("x",))
        ]


@pytest.fixture
def gated() -> GatedSetup:
    return GatedSetup()


@pytest.fixture
async def gated_presenter(
    panes: SetupPanes, selection: SetupSelection, gated: GatedSetup, tasks: UiTasks
) -> SetupPresenter:
    presenter = SetupPresenter(panes, selection, gated, tasks)
    presenter.show_status(Status(connection=SANDBOX))
    await tasks.settled()
    return presenter
