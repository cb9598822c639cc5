"""The pane of the configuration, by itself."""

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.model.application import Configuration, read_application
from ibconsole.ui.setup.configuration import ConfigurationPane
from ibconsole.ui.toolkit.theme import Theme

BANK = read_application({"applicationCode": "code-1", "applicationId": "id-1", "name": "Bora Bank"})
FIRST, SECOND = (Configuration(key=key, raw={"key": key}) for key in ("first", "second"))


@pytest.fixture
def pane(theme: Theme, qtbot: QtBot) -> ConfigurationPane:
    pane = ConfigurationPane(theme)
    qtbot.addWidget(pane)
    pane.show()
    pane.show_application(BANK)
    return pane


def test_no_application(pane: ConfigurationPane) -> None:
    """Without an application there is nothing to show, create or delete."""
    pane.show_configurations([FIRST], FIRST)
    pane.show_application(None)

    assert not pane.has_content
    assert not any(command.isEnabled() for command in pane.commands)


def test_no_configuration(pane: ConfigurationPane, qtbot: QtBot) -> None:
    """An application without a configuration offers to create one, unless a change runs."""
    pane.show_configurations([], None)
    assert "no inbound configuration" in pane.notice.sentence.text()
    with qtbot.waitSignal(pane.create_requested):
        pane.create_command.trigger()

    pane.lock(on=True)
    assert not pane.create_command.isEnabled()
    assert not pane.notice.action.isEnabled()


def test_configuration(pane: ConfigurationPane, qtbot: QtBot) -> None:
    """A configuration can be copied, shown as JSON and deleted, but not created again."""
    pane.show_configurations([FIRST], FIRST)
    assert (pane.key.value, pane.code.value, pane.identity.value) == ("first", "code-1", "id-1")
    assert pane.create_command.disabled_reason == "The application already has a configuration."

    pane.copy_command.trigger()
    assert QGuiApplication.clipboard().text() == "first"
    with qtbot.waitSignal(pane.raw_requested) as emitted:
        pane.raw.trigger()
    assert emitted.args == ["first", {"key": "first"}]
    with qtbot.waitSignal(pane.delete_requested):
        pane.delete_command.trigger()
    pane.lock(on=True)
    assert not pane.delete_command.isEnabled()


def test_several_configurations(pane: ConfigurationPane, qtbot: QtBot) -> None:
    """Several configurations are a warning, and each can be selected."""
    pane.show_configurations([FIRST, SECOND], SECOND)
    assert "at most one is documented" in pane.note.text()
    assert pane.several.currentText() == "second"

    with qtbot.waitSignal(pane.configuration_selected) as emitted:
        pane.several.activated.emit(0)
    assert emitted.args == [FIRST]


def test_created_in_this_session(pane: ConfigurationPane) -> None:
    """A configuration that this window created is marked as such."""
    pane.show_configurations([FIRST], FIRST)
    pane.show_created(here=True)
    assert pane.created.text() == "Created in this session"

    pane.show_created(here=False)
    assert not pane.created.isVisible()
