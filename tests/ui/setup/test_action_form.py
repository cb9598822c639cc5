"""The form of an action."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.model.application import ActionDraft
from ibconsole.services.forward_test.url_remark import UrlContext
from ibconsole.ui.setup.action_form import ActionForm
from ibconsole.ui.toolkit.theme import Theme

LISTENER_URL = "http://127.0.0.1:1/in"
FORWARD = ActionDraft(type="HTTP_FORWARD", forward_url="https://example.com/in", callback_data="7")


def make_form(theme: Theme, qtbot: QtBot, listener_url: str = LISTENER_URL) -> ActionForm:
    form = ActionForm(theme, UrlContext(), listener_url=listener_url)
    qtbot.addWidget(form)
    form.fill(ActionDraft(type="HTTP_FORWARD"))
    form.show()
    return form


@pytest.fixture
def form(theme: Theme, qtbot: QtBot) -> ActionForm:
    return make_form(theme, qtbot)


@pytest.mark.parametrize("draft", [FORWARD, ActionDraft(type="PULL", callback_data="7")])
def test_a_draft_is_filled_in(form: ActionForm, draft: ActionDraft, qtbot: QtBot) -> None:
    """A draft that is filled in comes out unchanged, and every change is announced."""
    with qtbot.waitSignal(form.changed):
        form.fill(draft)
    assert form.draft == draft
    assert form.usable

    with qtbot.waitSignal(form.changed):
        form.callback.setPlainText("8")
    assert form.draft.callback_data == "8"


def test_an_unusable_url_is_explained_and_corrected(form: ActionForm, qtbot: QtBot) -> None:
    """A URL that cannot be posted to says why, and a likely correction is one click away."""
    form.url.setText("example.com/in")
    before = form.usable
    assert "https://" in form.remark.text()

    qtbot.mouseClick(form.use_correction, Qt.MouseButton.LeftButton)

    assert form.url.text() == "https://example.com/in"
    assert (before, form.usable) == (False, True)


def test_a_pull_action_needs_no_url(form: ActionForm) -> None:
    """A pull action can be used whatever was typed as the URL, which it does not have."""
    form.url.setText("nonsense")
    before = form.usable

    form.pull.setChecked(True)

    assert (before, form.usable) == (False, True)
    assert not form.url.isVisible()
    assert form.draft == ActionDraft(type="PULL")


def test_the_listener_url_is_one_click_away(form: ActionForm, qtbot: QtBot) -> None:
    """The URL of the listener is filled in with a hint about who can reach it."""
    qtbot.mouseClick(form.use_listener, Qt.MouseButton.LeftButton)

    assert form.url.text() == LISTENER_URL
    assert "public address" in form.remark.text()
    assert form.usable


def test_without_a_listener_its_url_is_not_offered(theme: Theme, qtbot: QtBot) -> None:
    """The button for the listener's URL is hidden while the listener is stopped."""
    assert not make_form(theme, qtbot, listener_url="").use_listener.isVisible()
