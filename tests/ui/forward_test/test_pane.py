"""The request and the result of a forward test, as the pane shows them."""

import pytest

from ibconsole.errors import Severity
from ibconsole.ui.forward_test.pane import ForwardTestPane
from ibconsole.ui.forward_test.presenter import ForwardTestPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.forward_test.conftest import Hook


@pytest.mark.parametrize(
    ("typed", "kind", "usable"),
    [("example.com/in", Severity.DANGER, False), ("http://127.0.0.1:1/in", Severity.WARNING, True)],
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


async def test_former_test_is_used_again(
    pane: ForwardTestPane, presenter: ForwardTestPresenter, tasks: UiTasks, hook: Hook, url: str
) -> None:
    """URL and payload of a previous test can be used again."""
    pane.test_url(url)
    pane.payload.show_payload(b'{"mine":1}', "My payload")
    pane.send_command.trigger()
    await tasks.settled()
    pane.url.clear()
    pane.payload.use_sample()

    pane.results.previous_tests.selectRow(0)
    assert pane.again_command.isEnabled()
    pane.again_command.trigger()

    assert pane.url.text() == url
    assert '"mine"' in pane.payload.editor.toPlainText()
