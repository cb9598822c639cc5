"""Forward tests are sent once, can be stopped, and are listed."""

import asyncio

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from ibconsole.archive.archive import Archive
from ibconsole.errors import Severity
from ibconsole.http1.message import Fault, Request, Response
from ibconsole.services.console.console import Console
from ibconsole.services.forward_test.payloads import SAMPLE
from ibconsole.services.runtime.engine import Engine
from ibconsole.ui.forward_test.pane import ForwardTestPane
from ibconsole.ui.forward_test.presenter import TEST, ForwardTestPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.forward_test.conftest import Hook
from tests.unit.archive.deliveries import arrival, batch


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
    assert pane.results.summary.banners[0].text.text() == "Yes: this answer counts as delivered."
    assert pane.results.summary.banners[0].severity == Severity.OK
    assert '"thanks"' in pane.results.answer.text.toPlainText()
    assert pane.results.tabs.tabText(3) == "History (1)"
    assert pane.send.isEnabled()
    assert not pane.stop.isEnabled()


async def test_refused_request(
    pane: ForwardTestPane, presenter: ForwardTestPresenter, tasks: UiTasks, hook: Hook, url: str
) -> None:
    """An answer that does not count as delivered is shown as a failure."""
    hook.answer = Response(404, body=b"no")
    pane.test_url(url)
    pane.send_command.trigger()
    await tasks.settled()

    assert pane.results.summary.banners[0].severity == Severity.DANGER
    assert "404" in pane.results.summary.lead.text()


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
    pane.payload.editor.setPlainText("mine")

    pane.use_message(1)
    await tasks.settled()
    assert '"messageCount": 1' in pane.payload.editor.toPlainText()
    assert pane.payload.description.text() == "Message 1561984815238926404"
    pane.payload.editor.setPlainText("mine")
    pane.use_message(99)
    await tasks.settled()
    assert pane.payload.editor.toPlainText() == "mine"


async def test_a_refusal_is_compared(
    pane: ForwardTestPane, presenter: ForwardTestPresenter, tasks: UiTasks, hook: Hook, url: str
) -> None:
    """A refused message is sent as others, too, and the difference is the verdict."""

    def only_curl(request: Request) -> Response:
        return Response(200 if "curl" in (request.header("user-agent") or "") else 403)

    hook.decide = only_curl
    pane.test_url(url)
    pane.send_command.trigger()
    await tasks.settled()

    assert "filtered by User-Agent" in pane.results.ladder.verdict.text.text()
    assert pane.results.tabs.currentWidget() is pane.results.ladder
    assert pane.results.tabs.tabText(3) == "History (1)"


async def test_the_last_message(
    pane: ForwardTestPane, presenter: ForwardTestPresenter, console: Console, engine: Engine
) -> None:
    """Without a message in the archive, the user is asked nothing and the payload stays."""
    await presenter.use_last_message()

    assert pane.payload.body == SAMPLE
    assert pane.banner.text.text() == "No message was received yet."


async def test_the_observed_platform_is_offered(
    pane: ForwardTestPane, presenter: ForwardTestPresenter, console: Console, tasks: UiTasks
) -> None:
    """Once forwards have arrived, the pane that is shown offers the platform as they show it."""
    assert "assumed" in pane.options.send_as.currentText()
    body = batch({"messageId": "1"})
    raw = b"POST /in HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\n" + body
    with Archive(console.paths.archive) as archive:
        archive.decode(archive.add_forwards([replace(arrival(body), raw=raw)]))
    pane.hide()
    pane.show()
    await tasks.settled()

    assert "observed 1 time" in pane.options.send_as.currentText()
    assert not pane.options.plan.sender.assumed
