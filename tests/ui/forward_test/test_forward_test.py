"""The tab Forward test: the request, its result, and former tests."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ibconsole.http1.message import Fault, Request, Response
from ibconsole.http1.server import Server
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote import RemoteForwardTest
from ibconsole.services.forward_test.forward_test import SAMPLE
from ibconsole.services.messages.async_reader import AsyncReader
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.runtime.paths import Paths
from ibconsole.ui.forward_test.forward_test import TEST, ForwardTestPane, ForwardTestPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme


class Hook:
    """A customer's server."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answer = Response(200, body=b'{"thanks":true}')

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        return self.answer


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


async def test_sending_by_keyboard(
    pane: ForwardTestPane, presenter: ForwardTestPresenter, tasks: UiTasks, hook: Hook, url: str
) -> None:
    """Typing a URL and Enter sends one POST of the documented sample, and shows the verdict."""
    assert not pane.send.isEnabled()
    QTest.keyClicks(pane.url, url)
    QTest.keyClick(pane.url, Qt.Key.Key_Return)
    await tasks.settled()

    [request] = hook.requests
    assert request.body == SAMPLE
    assert pane.summary.banners[0].text.text() == "Yes: this answer counts as delivered."
    assert pane.summary.banners[0].severity == "ok"
    assert '"thanks"' in pane.answer.text.toPlainText()
    assert pane.tabs.tabText(2) == "Former tests (1)"
    assert pane.send.isEnabled()
    assert not pane.stop.isVisible()


def test_payload_is_sent_byte_for_byte(pane: ForwardTestPane) -> None:
    """A payload is shown indented but sent unchanged, unless the user edited it."""
    pane.show_payload(b'{"a":[1,\xff]}', "My payload")
    assert pane.body == b'{"a":[1,\xff]}'

    pane.payload.setPlainText('{"a": 2}')

    assert pane.body == b'{"a": 2}'


async def test_refused_request(
    pane: ForwardTestPane, presenter: ForwardTestPresenter, tasks: UiTasks, hook: Hook, url: str
) -> None:
    """An answer that does not count as delivered is shown as a failure."""
    hook.answer = Response(404, body=b"no")
    pane.test_url(url)
    pane.send_command.trigger()
    await tasks.settled()

    assert pane.summary.banners[0].severity == "danger"
    assert "404" in pane.summary.lead.text()


async def test_stopped_test(
    pane: ForwardTestPane, presenter: ForwardTestPresenter, tasks: UiTasks, hook: Hook, url: str
) -> None:
    """A stopped test may have arrived all the same, and the pane says so."""
    hook.answer = Response(200, fault=Fault(delay=30.0))
    pane.test_url(url)
    pane.send_command.trigger()
    assert tasks.running(TEST)
    pane.show_busy()
    assert not pane.send.isEnabled()
    while not hook.requests:
        await asyncio.sleep(0.005)

    pane.stop.click()
    await tasks.settled()

    assert "may have arrived" in pane.banner.text.text()
    assert pane.send.isEnabled()


async def test_former_test_is_used_again(
    pane: ForwardTestPane, presenter: ForwardTestPresenter, tasks: UiTasks, hook: Hook, url: str
) -> None:
    """URL and payload of a former test can be used again."""
    pane.test_url(url)
    pane.show_payload(b'{"mine":1}', "My payload")
    pane.send_command.trigger()
    await tasks.settled()
    pane.url.clear()
    pane.use_sample()

    pane.former.selectRow(0)
    assert pane.again_command.isEnabled()
    pane.again_command.trigger()

    assert pane.url.text() == url
    assert '"mine"' in pane.payload.toPlainText()


@pytest.mark.parametrize(
    ("typed", "kind", "usable"),
    [("example.com/in", "danger", False), ("http://127.0.0.1:1/in", "warning", True)],
)
def test_url_is_checked_while_typing(
    pane: ForwardTestPane, typed: str, kind: str, usable: bool
) -> None:
    """A URL is checked as in the dialog of a new action; a correction is one click away."""
    pane.url.setText(typed)

    assert pane.remark.property("tone") == kind
    assert pane.send.isEnabled() is usable
    if not usable:
        pane.use_correction.click()
        assert pane.url.text() == "https://example.com/in"


async def test_message_of_the_archive(
    pane: ForwardTestPane, presenter: ForwardTestPresenter, tasks: UiTasks, console: Console,
    engine: Engine, url: str,
) -> None:  # fmt: skip
    """A message is sent as the platform would forward it; a deleted one changes nothing."""
    path = "/inbound/x"
    here = await engine.call(lambda: console.start_listener(host="127.0.0.1", port=0, path=path))
    pane.test_url(here)
    pane.send_command.trigger()
    await tasks.settled()
    await engine.call(console.stop_listener)
    pane.payload.setPlainText("mine")

    pane.use_message(1)
    await tasks.settled()
    assert '"messageCount": 1' in pane.payload.toPlainText()
    assert pane.description.text() == "Message 1561984815238926404"
    pane.payload.setPlainText("mine")
    pane.use_message(99)
    await tasks.settled()
    assert pane.payload.toPlainText() == "mine"
