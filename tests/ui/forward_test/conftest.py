"""A recorded test, the pane of the forward test with its engine, and a server to send to."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.http1.message import Request, Response
from ibconsole.http1.server import Server
from ibconsole.http1.trace import Phases
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote import RemoteForwardTest
from ibconsole.services.forward_test.records import ForwardTest
from ibconsole.services.forward_test.verdict import Delivered, Verdict
from ibconsole.services.messages.async_reader import AsyncReader
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths
from ibconsole.ui.forward_test.pane import ForwardTestPane
from ibconsole.ui.forward_test.presenter import ForwardTestPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme

AT = 1_483_620_476_221
TEST = ForwardTest(
    AT,
    "https://a.io/in",
    b"{}",
    Verdict(Delivered.PERHAPS, "Perhaps: 202 was answered.", ("Doc.",), ("Guess.",), ("Look.",)),
    status=202,
    reason="Accepted",
    headers=(("Server", "x"),),
    answer=b'{"a":1}',
    answer_size=1432,
    truncated=True,
    phases=Phases(tcp=0.0125, first_byte=1.5),
    peer="203.0.113.1:443",
)


class Hook:
    """A customer's server."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answer = Response(200, body=b'{"thanks":true}')
        self.decide: Callable[[Request], Response] | None = None

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        return self.decide(request) if self.decide else self.answer


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine()
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
async def url(hook: Hook, engine: Engine) -> AsyncIterator[str]:
    server = Server(hook)
    await engine.call(server.__aenter__)
    yield f"{server.url}/in"
    await engine.call(lambda: server.__aexit__(None, None, None))


@pytest.fixture
async def console(engine: Engine, tmp_path: Path) -> AsyncIterator[Console]:
    console = Console(Paths(tmp_path))
    await engine.call(console.__aenter__)
    yield console
    await engine.call(console.__aexit__)


@pytest.fixture
def pane(theme: Theme, qtbot: QtBot) -> ForwardTestPane:
    pane = ForwardTestPane(theme)
    qtbot.addWidget(pane)
    pane.resize(1000, 400)
    pane.show()
    return pane


@pytest.fixture
async def presenter(
    pane: ForwardTestPane, engine: Engine, console: Console, tasks: UiTasks
) -> AsyncIterator[ForwardTestPresenter]:
    async with AsyncReader(console.paths.archive) as browsing:
        presenter = ForwardTestPresenter(pane, RemoteForwardTest(engine, console), browsing, tasks)
        await tasks.settled()
        yield presenter
        await tasks.settled()
