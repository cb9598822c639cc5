"""The payload of a forward test, as its editor shows and keeps it."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.services.forward_test.payloads import SAMPLE, PayloadVariant, payload_of
from ibconsole.ui.forward_test.payload_editor import PayloadEditor
from ibconsole.ui.toolkit.theme import Theme


@pytest.fixture
def payload(theme: Theme, qtbot: QtBot) -> PayloadEditor:
    payload = PayloadEditor(theme)
    qtbot.addWidget(payload)
    return payload


def test_the_sample_is_the_first_payload(payload: PayloadEditor) -> None:
    """Without a choice of the user, the documented sample is sent."""
    assert payload.body == SAMPLE
    assert payload.description.text() == "The documented sample"


def test_payload_is_sent_byte_for_byte(payload: PayloadEditor) -> None:
    """A payload is shown indented but sent unchanged, unless the user edited it."""
    payload.show_payload(b'{"a":[1,\xff]}', "My payload")
    assert payload.editor.toPlainText().startswith('{\n  "a": [\n')
    assert payload.body == b'{"a":[1,\xff]}'

    payload.editor.setPlainText('{"a": 2}')

    assert payload.body == b'{"a": 2}'


def test_an_edited_payload_is_called_so(payload: PayloadEditor, qtbot: QtBot) -> None:
    """The description of a payload does not outlive the first key that changes it."""
    payload.show()
    payload.activateWindow()
    payload.editor.setFocus()
    qtbot.waitUntil(payload.editor.hasFocus)

    qtbot.keyClicks(payload.editor, "x")

    assert payload.description.text() == "Edited"


def test_codes_of_a_message_are_masked(payload: PayloadEditor) -> None:
    """The codes of a received message are sent, but seen and edited only on request."""
    message = b'{"applicationCode":"233623e3c860b49ec69a464834343481-8bj4el4a"}'
    payload.show_payload(message, "Message 1")
    assert "233623e3" not in payload.editor.toPlainText()
    assert payload.editor.isReadOnly()
    assert payload.body == message

    payload.reveal.click()

    assert "233623e3" in payload.editor.toPlainText()
    assert not payload.editor.isReadOnly()
    assert payload.body == message
    payload.use_sample()
    assert not payload.editor.isReadOnly()


def test_variants(payload: PayloadEditor, qtbot: QtBot) -> None:
    """A payload is chosen by name; one that is not shown as a whole cannot be edited."""
    payload.use_variant(PayloadVariant.MINIMAL)
    assert payload.body == payload_of(PayloadVariant.MINIMAL)
    assert not payload.editor.isReadOnly()

    payload.use_variant(PayloadVariant.LARGE)
    assert payload.body == payload_of(PayloadVariant.LARGE)
    assert payload.editor.isReadOnly()
    with qtbot.waitSignal(payload.last_message_requested):
        payload.use_variant(PayloadVariant.LAST)
    assert len(payload.variants.menu().actions()) == len(PayloadVariant)
